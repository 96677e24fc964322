#include "harness/analysis/whole_scenarios.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/input/json_input.hpp"

namespace mxident::harness {

void WholeScenarios::begin(const RunHeader& header) {
  header_ = header;
  for (std::size_t i = 0; i < header.columns.size(); ++i)
    columns_.emplace(std::pair(header.columns[i].client, header.columns[i].mode), i);
  on_begin(header);
}

void WholeScenarios::scenario(const ScenarioRecord& scenario) {
  if (!places_.emplace(scenario.id, handed_on_ + open_.size()).second)
    throw InputError("results", "", fmt::format("the scenario \"{}\" is announced twice", scenario.id));
  open_.push_back({scenario, {}});
}

void WholeScenarios::cell(const CellResult& result) {
  const auto place = places_.find(result.scenario);
  if (place == places_.end()) {
    throw InputError(
        "results", "",
        fmt::format("a cell names the scenario \"{}\", of which no line stands before it, or which "
                    "has all its cells already",
                    result.scenario));
  }
  const auto column = columns_.find({result.client, result.mode});
  if (column == columns_.end()) {
    throw InputError("results", "",
                     fmt::format("a cell of \"{}\" names {} {}, which is no column of the header",
                                 result.scenario, result.client, result.mode));
  }
  on_cell(result);
  Open& open = open_[place->second - handed_on_];
  if (!open.cells.emplace(column->second, result).second) {
    throw InputError("results", "",
                     fmt::format("the cell of {} {} in \"{}\" is there twice", result.client, result.mode,
                                 result.scenario));
  }
  while (!open_.empty() && open_.front().cells.size() >= open_.front().about.cells) {
    on_whole(open_.front().about, open_.front().cells);
    places_.erase(open_.front().about.id);
    open_.pop_front();
    ++handed_on_;
  }
}

void WholeScenarios::end(const RunFooter& footer) {
  for (const auto& open : open_) {
    if (!open.cells.empty()) on_whole(open.about, open.cells);
  }
  open_.clear();
  on_end(footer);
}

std::size_t WholeScenarios::widest_id() const {
  std::size_t out = 0;
  for (const auto& open : open_) out = std::max(out, open.about.id.size());
  return out;
}

}  // namespace mxident::harness
