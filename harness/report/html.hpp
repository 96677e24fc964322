// The report as one page that opens from a disk: the matrix, what it means, and each cell on request.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/analysis/behaviours.hpp"
#include "harness/results/sink.hpp"

namespace mxident::harness {

/// Writes the page when the run ends. Memory grows with the matrix (three octets a cell) and with the faults,
/// not with what the wire showed. Throws OutputError.
///
/// The details of faults and of news are in the page. Those of cells that are as expected go to `cells`, some
/// scenarios a file, which the page loads on request; without a folder they are left out.
class HtmlReport : public Sink {
 public:
  using Deliver = std::function<void(const std::string& page)>;
  explicit HtmlReport(Deliver deliver, std::optional<std::filesystem::path> cells = std::nullopt);
  ~HtmlReport() override;
  HtmlReport(const HtmlReport&) = delete;
  HtmlReport& operator=(const HtmlReport&) = delete;

  void begin(const RunHeader& header) override;
  void scenario(const ScenarioRecord& scenario) override;
  void cell(const CellResult& result) override;
  void end(const RunFooter& footer) override;

 private:
  /// One octet a column: 'a' is the first word of the page's list.
  struct Row {
    std::string outcomes, decisions, baselines;
  };
  void keep_detail(std::size_t row, std::size_t column, const CellResult& result);
  void flush(std::size_t part);
  std::string data(const RunFooter& footer) const;
  nlohmann::json behaviours() const;

  Deliver deliver_;
  std::optional<std::filesystem::path> cells_;
  RunHeader header_;
  std::map<std::pair<std::string, std::string>, std::size_t> columns_;  ///< client and mode
  std::map<std::string, std::size_t> rows_by_id_;
  std::vector<ScenarioRecord> scenarios_;
  std::vector<Row> rows_;
  std::vector<Behaviours> behaviours_;             ///< by column
  std::string details_;                            ///< members of a JSON object
  std::map<std::size_t, std::string> open_parts_;  ///< what is not yet in its file
};

/// The page with its style and script: "@TITLE@", "@SUMMARY@" and "@DATA@" are still to be filled.
std::string_view report_page();

}  // namespace mxident::harness
