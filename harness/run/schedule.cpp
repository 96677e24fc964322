#include "harness/run/schedule.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>
#include <tuple>

namespace mxident::harness {
namespace {

/// A cell has its place for so long and some times its CPU time: more than it needs where the machine has
/// other work.
constexpr std::chrono::milliseconds kPatience{300};
constexpr double kPatienceTimesCost = 6;
/// The machine may be less busy then.
constexpr std::chrono::milliseconds kLookAgain{50};

bool keeps_waiting(const Scenario& scenario) {
  return std::any_of(scenario.servers.begin(), scenario.servers.end(),
                     [](const auto& server) { return server.spec.starttls == mocks::Starttls::silent; });
}

}  // namespace

std::vector<std::size_t> start_order(const Plan& plan, std::span<const Scenario> scenarios,
                                     std::span<const double> cost_ms) {
  std::vector<std::size_t> out(plan.cells.size());
  std::iota(out.begin(), out.end(), std::size_t{0});
  const auto key = [&](std::size_t i) {
    const PlannedCell& cell = plan.cells[i];
    return std::make_tuple(!keeps_waiting(scenarios[cell.scenario]), cell.scenario, -cost_ms[cell.column]);
  };
  std::stable_sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  return out;
}

std::size_t runnable_processes() {
  // Asked for with every cell: opening it would cost more than reading it.
  static const int file = ::open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
  std::array<char, 128> text{};
  if (file < 0 || ::pread(file, text.data(), text.size() - 1, 0) <= 0) return 0;
  // The fourth field: runnable/all (proc(5)).
  std::size_t runnable = 0;
  return std::sscanf(text.data(), "%*s %*s %*s %zu/", &runnable) == 1 ? runnable : 0;
}

bool Places::free(Clock::time_point now, std::size_t runnable) const {
  if (taken() >= places_ * kMostPerPlace) return false;
  if (taken() >= places_ && runnable > places_ + 1) return false;  // one more: the servers
  const auto held = std::count_if(patience_ends_.begin(), patience_ends_.end(),
                                  [&](const auto& p) { return p.second > now; });
  return static_cast<std::size_t>(held) < places_;
}

void Places::take(std::size_t cell, double cost_ms, Clock::time_point now) {
  patience_ends_[cell] =
      now + kPatience + std::chrono::milliseconds(static_cast<long>(kPatienceTimesCost * cost_ms));
}

void Places::leave(std::size_t cell) {
  patience_ends_.erase(cell);
}

Places::Clock::time_point Places::next_change(Clock::time_point now) const {
  Clock::time_point out = now + std::chrono::hours(1);
  for (const auto& [cell, end] : patience_ends_) out = std::min(out, std::max(end, now + kLookAgain));
  return out;
}

}  // namespace mxident::harness
