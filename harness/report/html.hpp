// The report as one page that opens from a disk: the matrix, what it means, and each cell on request.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/analysis/behaviours.hpp"
#include "harness/report/target.hpp"
#include "harness/results/sink.hpp"

namespace mxident::harness {

/// Writes the page when the run ends. Memory grows with the matrix (three octets a cell), with the ids and
/// titles of its scenarios and with the faults, not with what the wire showed. Throws OutputError.
///
/// The details of faults and of news are in the page, behind its script, a line each: a browser shows the
/// matrix before it has read them, and reads a line as JSON only when it is asked for. Those of cells that
/// are as expected go to `cells`, some scenarios a file, which the page loads on request; without a folder
/// they are left out.
class HtmlReport : public Sink {
 public:
  /// `earlier`: results of other runs, the oldest first, which are shown as a history of each cell.
  explicit HtmlReport(std::shared_ptr<Target> target,
                      std::optional<std::filesystem::path> cells = std::nullopt,
                      std::vector<std::filesystem::path> earlier = {});
  ~HtmlReport() override;
  HtmlReport(const HtmlReport&) = delete;
  HtmlReport& operator=(const HtmlReport&) = delete;

  void begin(const RunHeader& header) override;
  void scenario(const ScenarioRecord& scenario) override;
  void cell(const CellResult& result) override;
  void end(const RunFooter& footer) override;

 private:
  struct Row {
    std::string json;  ///< [id, title, rules, tags]
    /// One octet a column: 'a' is the first word of the page's list.
    std::string outcomes, decisions, baselines;
  };
  /// A scenario whose cells are still to come.
  struct Open {
    ScenarioRecord about;  ///< for sentences and behaviours
    std::size_t cells = 0;
  };
  /// Words by their place in a list: tens of thousands of scenarios share few rules.
  class Words {
   public:
    std::vector<std::size_t> places(const std::vector<std::string>& words);
    const std::vector<std::string>& list() const { return list_; }

   private:
    std::map<std::string, std::size_t> places_;
    std::vector<std::string> list_;
  };
  enum class Place { page, beside };
  void keep_detail(const std::string& key, std::size_t row, Place place, const nlohmann::json& detail);
  void flush(std::size_t part);
  void write_data(const RunFooter& footer);
  void write_details();
  nlohmann::json behaviours() const;
  nlohmann::json history() const;

  std::shared_ptr<Target> target_;
  std::optional<std::filesystem::path> cells_;
  std::vector<std::filesystem::path> earlier_;
  RunHeader header_;
  std::map<std::pair<std::string, std::string>, std::size_t> columns_;  ///< client and mode
  std::map<std::string, std::size_t> rows_by_id_;
  std::vector<Row> rows_;
  std::map<std::size_t, Open> open_;  ///< by row
  Words rules_, tags_;
  std::vector<Behaviours> behaviours_;  ///< by column
  struct FaultyCell {
    std::uint32_t row = 0;
    Behaviours::Kind kind = Behaviours::kNoFault;
  };
  std::vector<std::vector<FaultyCell>> faulty_;  ///< by column
  std::size_t rows_a_part_ = 1;
  std::map<std::size_t, std::string> parts_;       ///< of details in the page
  std::size_t in_page_ = 0;                        ///< their octets
  std::map<std::size_t, std::string> open_parts_;  ///< what is not yet in its file
};

/// The page with its style and script: "@TITLE@", "@SUMMARY@", "@DATA@" and "@DETAILS@", in this order, are
/// still to be filled.
std::string_view report_page();

}  // namespace mxident::harness
