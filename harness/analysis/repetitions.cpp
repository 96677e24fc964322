#include "harness/analysis/repetitions.hpp"

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

bool Repetitions::first(const CellResult& result) {
  auto& endings = endings_[{result.scenario, result.client, result.mode}];
  const bool first = endings.empty();
  ++endings[ending_of(result)];
  return first;
}

std::vector<std::string> Repetitions::differing() const {
  std::vector<std::string> out;
  for (const auto& [key, endings] : endings_) {
    if (endings.size() < 2) continue;
    std::vector<std::string> parts;
    for (const auto& [ending, count] : endings) parts.push_back(fmt::format("{} x {}", count, ending));
    const auto& [scenario, client, mode] = key;
    out.push_back(fmt::format("{} {} {}: {}", client, mode, scenario, fmt::join(parts, "; ")));
  }
  return out;
}

}  // namespace mxident::harness
