// Cells come as they end; people read scenarios. This hands on a scenario when all its cells are there.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "harness/results/sink.hpp"

namespace mxident::harness {

/// Cells of a scenario, by the place of their column in the header; a cell that was not run has no entry.
using CellsByColumn = std::map<std::size_t, CellResult>;

/// A sink that sees whole scenarios, in the order in which they were announced. A run that was cut off hands
/// on what it has.
class WholeScenarios : public Sink {
 public:
  void begin(const RunHeader& header) final;
  void scenario(const ScenarioRecord& scenario) final;
  /// Throws InputError for a cell of no announced scenario or column, and for a cell that was there before.
  void cell(const CellResult& result) final;
  void end(const RunFooter& footer) final;

 protected:
  virtual void on_begin(const RunHeader&) {}
  /// As soon as it comes, before its scenario is whole.
  virtual void on_cell(const CellResult&) {}
  virtual void on_whole(const ScenarioRecord& scenario, const CellsByColumn& cells) = 0;
  virtual void on_end(const RunFooter& footer) = 0;
  const RunHeader& header() const { return header_; }
  /// Octets of the longest id among the scenarios that are open.
  std::size_t widest_id() const;

 private:
  struct Open {
    ScenarioRecord about;
    CellsByColumn cells;
  };
  RunHeader header_;
  std::map<std::pair<std::string, std::string>, std::size_t> columns_;  ///< by client and mode
  std::deque<Open> open_;                                ///< in the order of their announcement
  std::size_t handed_on_ = 0;                            ///< scenarios that are no longer open
  std::unordered_map<std::string, std::size_t> places_;  ///< by id, counted from the first of all
};

}  // namespace mxident::harness
