// What a worker says, read in any pieces.
#include "harness/driver/workers.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace mxident::harness {
namespace {

using Kind = WorkerMark::Kind;

struct WorkersRow {
  std::string name, stream;
  std::optional<Kind> kind;
  int code;
  long cpu;
  std::string output;
};
void PrintTo(const WorkersRow& row, std::ostream* out) {
  *out << row.name;
}

const std::vector<WorkersRow> kWorkersRows{
    {"ready", "\nabc ready 0 0\n", Kind::ready, 0, 0, ""},
    {"exit", "words\nmore\n\nabc exit 3 1500\n", Kind::exit, 3, 1500, "words\nmore\n"},
    {"signal", "\nabc signal 11 0\n", Kind::signal, 11, 0, ""},
    {"no_line_end_before", "words\nabc exit 0 1\n", Kind::exit, 0, 1, "words"},
    {"another_token", "\nabd exit 0 1\n", std::nullopt, 0, 0, "\nabd exit 0 1\n"},
    {"token_not_at_a_line_start", "x abc exit 0 1\n", std::nullopt, 0, 0, "x abc exit 0 1\n"},
    {"unknown_word", "\nabc left 0 1\n", std::nullopt, 0, 0, "\nabc left 0 1\n"},
    {"no_number", "\nabc exit zero 1\n", std::nullopt, 0, 0, "\nabc exit zero 1\n"},
    {"without_cpu", "\nabc exit 0\n", std::nullopt, 0, 0, "\nabc exit 0\n"},
    {"unfinished", "\nabc exit 0 1", std::nullopt, 0, 0, "\nabc exit 0 1"},
    {"a_forged_one_before_the_true_one", "\nabc exit zero\n\nabc exit 1 2\n", Kind::exit, 1, 2,
     "\nabc exit zero\n"},
};

class InPieces : public testing::TestWithParam<WorkersRow> {};

TEST_P(InPieces, OfEveryLength) {
  const WorkersRow& row = GetParam();
  for (std::size_t length = 1; length <= row.stream.size(); ++length) {
    WorkerOutput output("abc", 100);
    std::optional<WorkerMark> mark;
    for (std::size_t at = 0; at < row.stream.size(); at += length) {
      ASSERT_FALSE(mark) << "in pieces of " << length << " there was a mark before the end";
      mark = output.take(std::string_view(row.stream).substr(at, length));
    }
    ASSERT_EQ(mark.has_value(), row.kind.has_value()) << "in pieces of " << length;
    EXPECT_EQ(output.output(), row.output) << "in pieces of " << length;
    if (!mark) continue;
    EXPECT_EQ(mark->kind, *row.kind);
    EXPECT_EQ(mark->code, row.code);
    EXPECT_EQ(mark->cpu.count(), row.cpu);
  }
}

INSTANTIATE_TEST_SUITE_P(Worker, InPieces, testing::ValuesIn(kWorkersRows),
                         [](const auto& row) { return row.param.name; });

TEST(WorkerOutput, KeepsItsBeginningOnly) {
  WorkerOutput output("abc", 10);
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(output.take("0123456789"));
  EXPECT_EQ(output.discarded(), 9990u);
  ASSERT_TRUE(output.take("\nabc exit 0 1\n"));
  EXPECT_EQ(output.output(), "0123456789");
  EXPECT_EQ(output.discarded(), 9990u);
}

TEST(WorkerOutput, WhatComesBehindTheMarkIsDropped) {
  WorkerOutput output("abc", 100);
  const auto mark = output.take("words\nabc exit 4 1\nlate\n");
  ASSERT_TRUE(mark);
  EXPECT_EQ(mark->code, 4);
  EXPECT_EQ(output.output(), "words");
}

TEST(WorkerOutput, CutsTheMarkOffWhatIsKept) {
  WorkerOutput output("abc", 10);
  ASSERT_TRUE(output.take("01234567\nabc exit 0 1\n"));
  EXPECT_EQ(output.output(), "01234567");
  EXPECT_EQ(output.discarded(), 0u);
}

TEST(WorkerWords, WithoutTabsAndLineEnds) {
  EXPECT_TRUE(Workers::can_tell({"send.py", "", "mx.a.test", "\x01 \xff"}));
  EXPECT_FALSE(Workers::can_tell({"a\tb"}));
  EXPECT_FALSE(Workers::can_tell({"a", "b\n"}));
  EXPECT_FALSE(Workers::can_tell({std::string("a\0b", 3)}));
}

}  // namespace
}  // namespace mxident::harness
