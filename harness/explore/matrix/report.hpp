// A matrix run on the console: too many cells for a line each, so counts by family of shapes and groups of
// faults. Printed from results alone.
#pragma once

#include <cstdio>
#include <string>

#include "harness/explore/matrix/summary.hpp"
#include "harness/results/sink.hpp"

namespace mxident::harness::matrix {

inline constexpr std::size_t kInFull = 50;  ///< so many cells are reported one by one, as scenarios are

class Report : public Sink {
 public:
  Report(std::FILE* out, std::string results_file) : out_(out), results_file_(std::move(results_file)) {}
  void begin(const RunHeader& header) override;
  /// Throws InputError for a cell whose id is none of a matrix.
  void cell(const CellResult& result) override;
  void end(const RunFooter& footer) override;

 private:
  std::FILE* out_;
  std::string results_file_;
  Summary summary_;
};

}  // namespace mxident::harness::matrix
