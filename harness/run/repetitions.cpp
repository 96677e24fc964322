#include "harness/run/repetitions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/input/values.hpp"

namespace mxident::harness {
namespace {

/// Each cell has addresses of its own.
std::string sni_of(const std::string& sni) {
  if (sni.empty()) return "none";
  return parse_address(sni) ? "an address" : sni;
}

/// What must be the same each time; durations, addresses and a program's chatter need not be.
std::string ending_of(const CellResult& r) {
  std::string out(to_string(r.outcome));
  if (r.decision) out += fmt::format(" ({})", to_string(*r.decision));
  if (!r.alert.empty()) out += ", alert " + r.alert;
  if (!r.said.empty()) out += ", said " + r.said;
  out += r.sni ? ", SNI " + sni_of(*r.sni) : std::string(", no ClientHello");
  std::vector<std::string> layers;
  for (const auto& [name, member] : kLayers)
    layers.push_back(fmt::format("{}={}", name, to_string(r.layers.*member)));
  return fmt::format("{}, {}", out, fmt::join(layers, " "));
}

}  // namespace

Plan repeated(const Plan& plan, std::size_t times) {
  Plan out;
  out.no_expectation = plan.no_expectation;
  out.cells.reserve(plan.cells.size() * times);
  for (const auto& cell : plan.cells)
    out.cells.insert(out.cells.end(), cell.unsupported.empty() ? times : 1, cell);
  return out;
}

bool Repetitions::first(const PlannedCell& cell, const CellResult& result) {
  Seen& seen = seen_[{cell.scenario, cell.column}];
  const bool first = seen.endings.empty();
  if (first) seen.cell = fmt::format("{} {} {}", result.client, result.mode, result.scenario);
  ++seen.endings[ending_of(result)];
  return first;
}

std::vector<std::string> Repetitions::differing() const {
  std::vector<std::string> out;
  for (const auto& [place, seen] : seen_) {
    if (seen.endings.size() < 2) continue;
    std::vector<std::string> parts;
    for (const auto& [ending, count] : seen.endings) parts.push_back(fmt::format("{} x {}", count, ending));
    out.push_back(fmt::format("{}: {}", seen.cell, fmt::join(parts, "; ")));
  }
  return out;
}

}  // namespace mxident::harness
