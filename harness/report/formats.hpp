// Results in forms that other programs read. All are told the same cells, and count the same.
#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "harness/results/sink.hpp"

namespace mxident::harness {

/// "badge", "csv", "html", "junit", "markdown", "sarif", "senders", "tap".
const std::vector<std::string>& report_formats();

/// FORMAT:FILE as users write it; for junit and sarif FILE is a folder, for a file each client, unless it
/// ends in ".xml", ".sarif" or ".json"; for badge it always is. "html-cells" is a page with the details of
/// every cell in a folder beside it.
struct ReportRequest {
  std::string format;
  std::filesystem::path file;
};
/// Throws InputError.
ReportRequest parse_report_request(const std::string& text);

/// Writes when the run ends. Throws OutputError.
std::unique_ptr<Sink> make_report(const ReportRequest& request);

/// The whole report as text, on a stream.
std::unique_ptr<Sink> make_report(const std::string& format, std::FILE* out);

/// The page with the history of its cells, from results of earlier runs, the oldest first.
std::unique_ptr<Sink> make_page_with_history(std::FILE* out, std::vector<std::filesystem::path> earlier);

/// One cell a line (RFC 4180); what a spreadsheet would take for a formula is text.
std::string csv_line(const CellResult& result);
std::string csv_head();

/// A known deviation is a TODO of TAP 14, what could not be tried a SKIP.
std::string tap_lines(std::size_t number, const ScenarioRecord& scenario, const CellResult& result);

inline constexpr std::size_t kMarkdownOctets = 60000;  ///< fits a job summary and a comment

}  // namespace mxident::harness
