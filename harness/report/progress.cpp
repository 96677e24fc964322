#include "harness/report/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "harness/text/printable.hpp"

namespace mxident::harness {
namespace {

constexpr std::chrono::milliseconds kLive{100}, kPiped{10000};

/// Cells a second; 0 while there is too little to say.
double rate_of(const ProgressState& state) {
  return state.elapsed_s < 1 ? 0 : static_cast<double>(state.done) / state.elapsed_s;
}

std::string rate_text(double rate) {
  return rate >= 10 ? fmt::format("{:.0f}/s", rate) : fmt::format("{:.1f}/s", rate);
}

/// "" while nobody knows.
std::string left_text(const ProgressState& state) {
  const double rate = rate_of(state);
  if (rate <= 0 || state.done >= state.cells) return "";
  return duration_text(static_cast<double>(state.cells - state.done) / rate) + " left";
}

}  // namespace

Terminal terminal_of(std::FILE* out) {
  constexpr std::size_t kUsual = 80;
  if (isatty(fileno(out)) == 0) return {};
  winsize size{};
  const bool known = ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return {known ? size.ws_col : kUsual};
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<unsigned long>(std::ceil(std::clamp(seconds, 0.0, 1e9)));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
}

std::string progress_bar(const ProgressState& state, std::size_t columns) {
  constexpr std::size_t kWidest = 30, kLeast = 10;
  std::string facts = fmt::format(" {}/{}", state.done, state.cells);
  if (const double rate = rate_of(state); rate > 0) facts += "  " + rate_text(rate);
  if (const std::string left = left_text(state); !left.empty()) facts += "  " + left;
  facts += fmt::format("  {} news", state.news);
  std::string out;
  // Where there is no room for a bar worth the name, the figures say more.
  if (columns >= facts.size() + 2 + kLeast) {
    const std::size_t width = std::min(kWidest, columns - facts.size() - 2);
    const std::size_t full = state.cells ? std::min(state.done * width / state.cells, width) : width;
    out = fmt::format("[{}{}]", std::string(full, '#'), std::string(width - full, ' '));
  }
  out += facts + "  " + printable(state.scenario);
  return out.substr(0, columns);
}

std::string progress_sentence(const ProgressState& state) {
  const std::size_t percent = state.cells ? std::min<std::size_t>(state.done * 100 / state.cells, 100) : 100;
  std::string out = fmt::format("{} of {} cells ({}%)", state.done, state.cells, percent);
  if (const double rate = rate_of(state); rate > 0) out += ", " + rate_text(rate);
  if (const std::string left = left_text(state); !left.empty()) out += ", " + left;
  return out + fmt::format(", {} deviations, {} of them news", state.faults, state.news);
}

Progress::Progress(std::size_t cells, Terminal terminal, std::FILE* out, Clock clock)
    : terminal_(terminal), out_(out), clock_(std::move(clock)), begin_(clock_()), last_(begin_) {
  state_.cells = cells;
}

void Progress::cell_done(const CellResult& result) {
  ++state_.done;
  if (is_fault(result.outcome)) ++state_.faults;
  if (is_news(result)) ++state_.news;
  state_.scenario = result.scenario;
  const bool live = terminal_.columns > 0;
  const auto now = clock_();
  if (now - last_ < (live ? kLive : kPiped)) return;
  last_ = now;
  state_.elapsed_s = std::chrono::duration<double>(now - begin_).count();
  if (live) {
    // One column less: a full line makes some terminals begin the next.
    fmt::print(out_, "\r\x1b[K{}", progress_bar(state_, terminal_.columns - 1));
    shown_ = true;
  } else {
    fmt::print(out_, "{}\n", progress_sentence(state_));
    told_ = state_.done;
  }
  std::fflush(out_);
}

void Progress::clear() {
  if (!shown_) return;
  fmt::print(out_, "\r\x1b[K");
  std::fflush(out_);
  shown_ = false;
}

void Progress::end() {
  clear();
  if (terminal_.columns > 0 || state_.done == told_) return;
  state_.elapsed_s = std::chrono::duration<double>(clock_() - begin_).count();
  fmt::print(out_, "{}\n", progress_sentence(state_));
}

}  // namespace mxident::harness
