#include "harness/explore/matrix/report.hpp"

#include <fmt/format.h>

#include "harness/input/json_input.hpp"
#include "harness/text/printable.hpp"

namespace mxident::harness::matrix {

void Report::begin(const RunHeader& header) {
  fmt::print(out_, "mxident {}: matrix {}, {} cells of {}, {} client modes\n{}\n",
             printable(header.mxident_version), printable(header.matrix), header.scenarios,
             printable(header.matrix_values), header.columns.size(), printable(header.sandbox));
  std::fflush(out_);
}

void Report::cell(const CellResult& result) {
  const auto cell = cell_of(result.scenario);
  if (!cell) {
    throw InputError("results", "",
                     fmt::format("\"{}\" is no cell of the matrix, of which these results are",
                                 printable(result.scenario)));
  }
  summary_.add(*cell, result);
}

void Report::end(const RunFooter& footer) {
  std::size_t cells = 0;
  std::string counts;
  for (const auto& [outcome, n] : footer.counts) {
    cells += n;
    counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", n, to_string(outcome));
  }
  fmt::print(out_, "{}\n", summary_.text());
  for (const auto& line : footer.absent) fmt::print(out_, "could not be tried: {}\n", one_line(line));
  fmt::print(out_, "{} cells: {}; {} had no expectation\n{:.1f} s, {:.0f} cells/s{}\nresults: {}\n", cells,
             counts, footer.no_expectation, footer.wall_s,
             footer.wall_s > 0 ? static_cast<double>(cells) / footer.wall_s : 0.0,
             footer.complete ? "" : "; interrupted: not complete", results_file_);
  std::fflush(out_);
}

}  // namespace mxident::harness::matrix
