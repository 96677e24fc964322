#include "harness/report/progress.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdio.h>

#include <cstdlib>

namespace mxident::harness {
namespace {

using testing::HasSubstr;
using testing::Not;

struct BarRow {
  const char* name;
  ProgressState state;
  std::size_t columns;
  const char* line;
};
class Bar : public testing::TestWithParam<BarRow> {};
TEST_P(Bar, SaysHowFar) {
  EXPECT_EQ(progress_bar(GetParam().state, GetParam().columns), GetParam().line);
}
INSTANTIATE_TEST_SUITE_P(
    Table, Bar,
    testing::Values(
        BarRow{"half_way",
               {150, 300, 5, 2, 10, "a/b"},
               120,
               "[###############               ] 150/300  15/s  10 s left  2 news  a/b"},
        BarRow{"no_rate_yet",
               {1, 300, 0, 0, 0.5, "a/b"},
               120,
               "[                              ] 1/300  0 news  a/b"},
        BarRow{"slow",
               {5, 100, 0, 0, 10, "a/b"},
               120,
               "[#                             ] 5/100  0.5/s  3 min 10 s left  0 news  a/b"},
        BarRow{"done",
               {300, 300, 0, 1, 100, "a/b"},
               120,
               "[##############################] 300/300  3.0/s  1 news  a/b"},
        BarRow{"more_than_planned",
               {400, 300, 0, 1, 100, "a/b"},
               120,
               "[##############################] 400/300  4.0/s  1 news  a/b"},
        BarRow{"nothing_to_do", {0, 0, 0, 0, 0, ""}, 60, "[##############################] 0/0  0 news  "},
        BarRow{"narrow",
               {150, 300, 5, 2, 10, "rfc9525/wildcard"},
               50,
               "[#######        ] 150/300  15/s  10 s left  2 news"},
        BarRow{"no_room_for_a_bar", {150, 300, 5, 2, 10, "a/b"}, 30, " 150/300  15/s  10 s left  2 n"},
        BarRow{"hostile_id",
               {1, 2, 0, 0, 10, "\x1b[2Ja"},
               120,
               "[###############               ] 1/2  0.1/s  10 s left  0 news  \\x1b[2Ja"}),
    [](const auto& row) { return row.param.name; });

TEST(ProgressSentence, HasEverythingThatTheBarHas) {
  EXPECT_EQ(progress_sentence({150, 300, 5, 2, 10, "a/b"}),
            "150 of 300 cells (50%), 15/s, 10 s left, 5 deviations, 2 of them news");
  EXPECT_EQ(progress_sentence({0, 0, 0, 0, 0, ""}), "0 of 0 cells (100%), 0 deviations, 0 of them news");
}

TEST(DurationText, IsShort) {
  EXPECT_EQ(duration_text(0), "0 s");
  EXPECT_EQ(duration_text(59.2), "1 min 0 s");
  EXPECT_EQ(duration_text(200), "3 min 20 s");
  EXPECT_EQ(duration_text(7500), "2 h 5 min");
  EXPECT_EQ(duration_text(1e300), duration_text(1e9));
}

/// A file in memory, and a clock that is set by hand.
class Told : public testing::Test {
 protected:
  Told() : out_(open_memstream(&text_, &size_)) {}
  ~Told() override {
    std::fclose(out_);
    std::free(text_);
  }
  Progress progress(std::size_t cells, Terminal terminal) {
    return Progress(cells, terminal, out_, [this] { return now_; });
  }
  std::string told() {
    std::fflush(out_);
    return std::string(text_, size_);
  }

  char* text_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* out_;
  std::chrono::steady_clock::time_point now_{};
};

CellResult cell(Outcome outcome) {
  CellResult out;
  out.scenario = "a/b";
  out.outcome = outcome;
  out.baseline = outcome == Outcome::pass ? BaselineState::none : BaselineState::news;
  return out;
}

TEST_F(Told, APipeHasALineEveryTenSecondsAndOneAtTheEnd) {
  Progress piped = progress(40, Terminal{});
  for (int i = 0; i < 40; ++i) {
    now_ += std::chrono::seconds(1);
    piped.cell_done(cell(i == 0 ? Outcome::lax : Outcome::pass));
  }
  piped.end();
  EXPECT_EQ(told(),
            "10 of 40 cells (25%), 1.0/s, 30 s left, 1 deviations, 1 of them news\n"
            "20 of 40 cells (50%), 1.0/s, 20 s left, 1 deviations, 1 of them news\n"
            "30 of 40 cells (75%), 1.0/s, 10 s left, 1 deviations, 1 of them news\n"
            "40 of 40 cells (100%), 1.0/s, 1 deviations, 1 of them news\n");
  EXPECT_THAT(told(), Not(HasSubstr("\x1b")));
}

TEST_F(Told, AShortRunHasOneLine) {
  Progress piped = progress(1, Terminal{});
  piped.cell_done(cell(Outcome::pass));
  piped.end();
  EXPECT_EQ(told(), "1 of 1 cells (100%), 0 deviations, 0 of them news\n");
}

TEST_F(Told, ATerminalHasOneLineThatIsRemoved) {
  Progress live = progress(2, Terminal{80});
  now_ += std::chrono::seconds(2);
  live.cell_done(cell(Outcome::pass));
  EXPECT_THAT(told(), HasSubstr("\r\x1b[K[###############"));
  EXPECT_THAT(told(), Not(HasSubstr("\n")));
  live.end();
  EXPECT_TRUE(told().ends_with("\r\x1b[K")) << "nothing stays";
}

}  // namespace
}  // namespace mxident::harness
