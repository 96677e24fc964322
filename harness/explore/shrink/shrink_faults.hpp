// Faults of a matrix run made small: for each, the smallest certificate, reference and server that still show
// it, as a scenario file that is ready to be kept.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "harness/explore/matrix/cell.hpp"
#include "harness/results/sink.hpp"
#include "harness/run/lab.hpp"

namespace mxident::harness {

struct FaultToShrink {
  matrix::Cell cell;
  std::string client, mode;
  Expected expected = Expected::either;
  Outcome outcome = Outcome::lax;
  bool sent_sni = false;
};

/// The faults of a matrix run that are worth it: the first of each mode, outcome and shape, a few in all.
class FaultsToShrink : public Sink {
 public:
  static constexpr std::size_t kMost = 12;

  void cell(const CellResult& result) override;
  const std::vector<FaultToShrink>& list() const { return list_; }
  std::size_t left_out() const { return seen_.size() - list_.size(); }

 private:
  std::set<std::tuple<std::string, std::string, Outcome, std::size_t>> seen_;
  std::vector<FaultToShrink> list_;
};

/// Shrinks each by running candidates, and prints one line for it. `folder`: where files are written; none
/// without it. Stops early at an interrupt. Throws OutputError.
void shrink_faults(Lab& lab, const FaultsToShrink& faults, const std::string& parent,
                   const std::optional<std::filesystem::path>& folder);

}  // namespace mxident::harness
