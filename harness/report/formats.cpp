#include "harness/report/formats.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>

#include "harness/analysis/whole_scenarios.hpp"
#include "harness/input/json_input.hpp"
#include "harness/report/explanation.hpp"
#include "harness/report/junit.hpp"
#include "harness/report/markdown.hpp"
#include "harness/results/writer.hpp"
#include "harness/text/printable.hpp"

namespace mxident::harness {
namespace {

namespace fs = std::filesystem;

std::string csv_field(const std::string& octets) {
  std::string text = printable(octets);
  // OWASP: these begin a formula.
  if (!text.empty() && std::string_view("=+-@").find(text.front()) != std::string_view::npos)
    text.insert(0, "'");
  if (text.find_first_of(",\"") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string tap_text(const std::string& octets) {
  std::string out;
  // printable() has doubled backslashes, which is TAP's own escape for one.
  for (const char c : printable(octets)) out += c == '#' ? std::string("\\#") : std::string(1, c);
  return out;
}

/// A report of one text, scenario after scenario.
class TextReport : public WholeScenarios {
 public:
  using Deliver = std::function<void(const std::string&)>;
  explicit TextReport(Deliver deliver) : deliver_(std::move(deliver)) {}

 protected:
  std::string text;
  void deliver() { deliver_(text); }

 private:
  Deliver deliver_;
};

class Csv : public TextReport {
 public:
  using TextReport::TextReport;

 private:
  void on_begin(const RunHeader&) override { text = csv_head(); }
  void on_whole(const ScenarioRecord&, const CellsByColumn& cells) override {
    for (const auto& [column, result] : cells) text += csv_line(result);
  }
  void on_end(const RunFooter&) override { deliver(); }
};

class Tap : public TextReport {
 public:
  using TextReport::TextReport;

 private:
  void on_begin(const RunHeader&) override { text = "TAP version 14\n"; }
  void on_whole(const ScenarioRecord& scenario, const CellsByColumn& cells) override {
    for (const auto& [column, result] : cells) text += tap_lines(++number_, scenario, result);
  }
  void on_end(const RunFooter& footer) override {
    for (const auto& line : footer.absent) text += fmt::format("not ok {} - {}\n", ++number_, tap_text(line));
    if (!footer.complete) text += "Bail out! The run was interrupted\n";
    text += fmt::format("1..{}\n", number_);
    deliver();
  }
  std::size_t number_ = 0;
};

std::unique_ptr<Sink> text_report(const std::string& format, TextReport::Deliver deliver) {
  if (format == "csv") return std::make_unique<Csv>(std::move(deliver));
  if (format == "tap") return std::make_unique<Tap>(std::move(deliver));
  if (format == "markdown") return std::make_unique<MarkdownReport>(std::move(deliver));
  if (format == "junit") {
    return std::make_unique<JunitReport>(
        JunitFiles::one,
        [deliver = std::move(deliver)](const std::string&, const std::string& text) { deliver(text); });
  }
  const auto near = nearest(format, report_formats());
  throw InputError("--format", "",
                   fmt::format("found \"{}\"{}, wanted one of {}", printable(format),
                               near ? fmt::format(" (did you mean \"{}\"?)", *near) : "",
                               fmt::join(report_formats(), ", ")));
}

/// A client's id as a file's name.
std::string file_name(const std::string& client) {
  std::string out;
  for (const char c : client) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                       (c == '.' && !out.empty());
    out += plain ? c : '_';
  }
  out.resize(std::min<std::size_t>(out.size(), 100));
  return out;
}

}  // namespace

const std::vector<std::string>& report_formats() {
  static const std::vector<std::string> kFormats{"csv", "junit", "markdown", "tap"};
  return kFormats;
}

ReportRequest parse_report_request(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || colon + 1 == text.size())
    throw InputError("--report", "", fmt::format("found \"{}\", wanted FORMAT:FILE", printable(text)));
  ReportRequest out{text.substr(0, colon), text.substr(colon + 1)};
  text_report(out.format, [](const std::string&) {});  // throws for a format that is none
  return out;
}

std::unique_ptr<Sink> make_report(const ReportRequest& request) {
  if (request.format == "junit" && request.file.extension() != ".xml") {
    return std::make_unique<JunitReport>(
        JunitFiles::by_client, [folder = request.file](const std::string& client, const std::string& text) {
          std::error_code error;
          fs::create_directories(folder, error);
          write_file(folder / (file_name(client) + ".xml"), text);
        });
  }
  return text_report(request.format, [file = request.file](const std::string& text) {
    std::error_code error;
    if (file.has_parent_path()) fs::create_directories(file.parent_path(), error);
    write_file(file, text);
  });
}

std::unique_ptr<Sink> make_report(const std::string& format, std::FILE* out) {
  return text_report(format,
                     [out](const std::string& text) { std::fwrite(text.data(), 1, text.size(), out); });
}

std::string csv_head() {
  return "scenario,client,version,mode,policy,expected,decision,outcome,baseline,reason,note,sni,alert,said,"
         "duration_ms,reproduce\r\n";
}

std::string csv_line(const CellResult& r) {
  const std::string fields[] = {r.scenario,
                                r.client,
                                r.client_version,
                                r.mode,
                                r.policy,
                                std::string(to_string(r.expected)),
                                r.decision ? std::string(to_string(*r.decision)) : "",
                                std::string(to_string(r.outcome)),
                                std::string(to_string(r.baseline)),
                                r.reason,
                                r.note,
                                r.sni.value_or(""),
                                r.alert,
                                r.said,
                                fmt::format("{:.1f}", r.duration_ms),
                                r.reproduce};
  std::string out;
  for (const auto& field : fields) out += (out.empty() ? "" : ",") + csv_field(field);
  return out + "\r\n";
}

std::string tap_lines(std::size_t number, const ScenarioRecord& scenario, const CellResult& r) {
  const std::string name = tap_text(fmt::format("{}:{} {}", r.client, r.mode, r.scenario));
  if (is_unexpected(r)) {
    std::string out = fmt::format("not ok {} - {}\n  ---\n  message: |\n    {} {}\n", number, name,
                                  to_string(r.outcome), one_line(fault_sentence(scenario, r)));
    const std::string text = explanation({scenario, r});
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      out += "    " + text.substr(at, end - at) + "\n";
      at = end + 1;
    }
    return out + "  ...\n";
  }
  if (r.outcome == Outcome::unsupported)
    return fmt::format("ok {} - {} # SKIP {}\n", number, name, tap_text(r.note));
  if (is_fault(r.outcome))
    return fmt::format("not ok {} - {} # TODO known: {}\n", number, name, to_string(r.outcome));
  return fmt::format("ok {} - {}\n", number, name);
}

}  // namespace mxident::harness
