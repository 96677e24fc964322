#include "harness/explore/matrix/summary.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "harness/explore/matrix/shape.hpp"

namespace mxident::harness::matrix {
namespace {

constexpr std::array kOutcomes{Outcome::pass, Outcome::either, Outcome::unsupported,
                               Outcome::lax,  Outcome::strict, Outcome::downgrade,
                               Outcome::hang, Outcome::crash,  Outcome::harness_error};
constexpr std::size_t kSlotsNamed = 8;

/// Families in the order of the table of shapes.
std::vector<std::string> families() {
  std::vector<std::string> out;
  for (const auto& shape : shapes()) {
    if (std::find(out.begin(), out.end(), shape.family) == out.end()) out.push_back(shape.family);
  }
  return out;
}

std::string slots_text(const std::map<std::size_t, std::size_t>& slots) {
  std::vector<std::string> names;
  for (const auto& [slot, cells] : slots) names.push_back(value_of(Dimension::slot, slot).name);
  const std::size_t more = names.size() > kSlotsNamed ? names.size() - kSlotsNamed : 0;
  names.resize(names.size() - more);
  return fmt::format("{}{}", fmt::join(names, ", "), more ? fmt::format(" and {} more", more) : "");
}

}  // namespace

void Summary::add(const Cell& cell, const CellResult& result) {
  const ModeKey key{result.client, result.mode};
  Mode& mode = modes_[key];
  ++mode.by_family[shapes()[cell[Dimension::shape]].family][result.outcome];
  if (result.outcome == Outcome::unsupported) ++mode.notes[result.note];
  const bool known = result.baseline == BaselineState::as_known;
  if (!is_fault(result.outcome) || known) return;
  Fault& fault = faults_[{key, result.outcome, cell[Dimension::shape]}];
  ++fault.cells;
  ++fault.slots[cell[Dimension::slot]];
  // The values stand in their tables from the usual to the odd, so the least one differs most in the shape
  // alone.
  const std::array least{cell[Dimension::server], cell[Dimension::chain], cell[Dimension::reference],
                         cell[Dimension::slot]};
  if (!fault.reproduce.empty() && fault.least <= least) return;
  fault.least = least;
  fault.reproduce = result.reproduce;
}

std::string Summary::faults_of(const ModeKey& mode) const {
  std::vector<std::pair<FaultKey, const Fault*>> groups;
  for (const auto& [key, fault] : faults_) {
    if (std::get<0>(key) == mode) groups.emplace_back(key, &fault);
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const auto& a, const auto& b) { return a.second->cells > b.second->cells; });
  std::string out;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (i == kMaxFaults)
      return out + fmt::format("  and {} more shapes: see the results\n", groups.size() - i);
    const auto& [key, fault] = groups[i];
    const Value& shape = value_of(Dimension::shape, std::get<2>(key));
    out += fmt::format("  {:<9} {} ({}), {} cells: {}\n            {}\n", to_string(std::get<1>(key)),
                       shape.name, shape.title, fault->cells, slots_text(fault->slots), fault->reproduce);
  }
  return out;
}

std::string Summary::text() const {
  std::string out;
  for (const auto& [key, mode] : modes_) {
    std::vector<Outcome> outcomes;
    for (const Outcome outcome : kOutcomes) {
      const bool there = std::any_of(mode.by_family.begin(), mode.by_family.end(),
                                     [&](const auto& row) { return row.second.contains(outcome); });
      if (there) outcomes.push_back(outcome);
    }
    out += fmt::format("\n{} {}\n  {:<10}", key.first, key.second, "shapes");
    for (const Outcome outcome : outcomes) out += fmt::format(" {:>13}", to_string(outcome));
    out += "\n";
    for (const auto& family : families()) {
      const auto row = mode.by_family.find(family);
      if (row == mode.by_family.end()) continue;
      out += fmt::format("  {:<10}", family);
      for (const Outcome outcome : outcomes) {
        const auto count = row->second.find(outcome);
        out += fmt::format(" {:>13}", count == row->second.end() ? 0 : count->second);
      }
      out += "\n";
    }
    for (const auto& [note, cells] : mode.notes)
      out += fmt::format("  unsupported, {} cells: {}\n", cells, note);
    out += faults_of(key);
  }
  return out;
}

std::string describe(const std::vector<Cell>& cells) {
  std::array<std::set<std::size_t>, kDimensions> values;
  for (const auto& cell : cells) {
    for (std::size_t i = 0; i < kDimensions; ++i) values[i].insert(cell.values[i]);
  }
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < kDimensions; ++i) {
    const std::string_view key = kDimensionKeys[i];
    parts.push_back(
        fmt::format("{} {}", values[i].size(), values[i].size() == 1 ? key.substr(0, key.size() - 1) : key));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace mxident::harness::matrix
