#include "harness/report/formats.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "harness/analysis/whole_scenarios.hpp"
#include "harness/input/json_input.hpp"
#include "harness/report/badge.hpp"
#include "harness/report/explanation.hpp"
#include "harness/report/html.hpp"
#include "harness/report/junit.hpp"
#include "harness/report/markdown.hpp"
#include "harness/report/sarif.hpp"
#include "harness/report/senders.hpp"
#include "harness/report/target.hpp"
#include "harness/results/writer.hpp"
#include "harness/text/printable.hpp"

namespace mxident::harness {
namespace {

namespace fs = std::filesystem;

std::string csv_field(const std::string& octets) {
  std::string text = printable(octets);
  // OWASP: these begin a formula, also in full width.
  static constexpr std::string_view kBegins[] = {
      "=", "+", "-", "@", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};
  if (std::any_of(std::begin(kBegins), std::end(kBegins),
                  [&](auto begin) { return text.starts_with(begin); }))
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

/// A report that is written scenario after scenario: memory does not grow with the run.
class TextReport : public WholeScenarios {
 public:
  explicit TextReport(std::shared_ptr<Target> target) : target_(std::move(target)) {}

 protected:
  Target& target() { return *target_; }

 private:
  std::shared_ptr<Target> target_;
};

class Csv : public TextReport {
 public:
  using TextReport::TextReport;

 private:
  void on_begin(const RunHeader&) override { target().write(csv_head()); }
  void on_whole(const ScenarioRecord&, const CellsByColumn& cells) override {
    for (const auto& [column, result] : cells) target().write(csv_line(result));
  }
  void on_end(const RunFooter&) override { target().end(); }
};

class Tap : public TextReport {
 public:
  using TextReport::TextReport;

 private:
  void on_begin(const RunHeader&) override { target().write("TAP version 14\n"); }
  void on_whole(const ScenarioRecord& scenario, const CellsByColumn& cells) override {
    for (const auto& [column, result] : cells) target().write(tap_lines(++number_, scenario, result));
  }
  void on_end(const RunFooter& footer) override {
    std::string text;
    for (const auto& line : footer.absent) text += fmt::format("not ok {} - {}\n", ++number_, tap_text(line));
    if (!footer.complete) text += "Bail out! The run was interrupted\n";
    target().write(text + fmt::format("1..{}\n", number_));
    target().end();
  }
  std::size_t number_ = 0;
};

class Senders : public TextReport {
 public:
  using TextReport::TextReport;

 private:
  void on_whole(const ScenarioRecord& scenario, const CellsByColumn& cells) override {
    target().write((first_ ? "" : "\n") + senders_table(scenario, cells));
    first_ = false;
  }
  void on_end(const RunFooter&) override { target().end(); }
  bool first_ = true;
};

/// Throws InputError, of the option that the format was given by.
void check_format(const char* option, const std::string& format) {
  const auto& known = report_formats();
  if (std::find(known.begin(), known.end(), format) != known.end()) return;
  const auto near = nearest(format, known);
  throw InputError(
      option, "",
      fmt::format("found \"{}\"{}, wanted one of {}", printable(format),
                  near ? fmt::format(" (did you mean \"{}\"?)", *near) : "", fmt::join(known, ", ")));
}

std::unique_ptr<Sink> text_report(const std::string& format, const std::shared_ptr<Target>& target) {
  check_format("--format", format);
  const auto whole = [target](const std::string& text) {
    target->write(text);
    target->end();
  };
  if (format == "csv") return std::make_unique<Csv>(target);
  if (format == "tap") return std::make_unique<Tap>(target);
  if (format == "senders") return std::make_unique<Senders>(target);
  if (format == "html") return std::make_unique<HtmlReport>(target);
  if (format == "markdown") return std::make_unique<MarkdownReport>(whole);
  if (format == "sarif")
    return std::make_unique<SarifReport>(SarifFiles::one, [target](const std::string&) { return target; });
  if (format == "badge") {  // a line each
    return std::make_unique<BadgeReport>(
        [target](const std::string&, const std::string& text) { target->write(text + "\n"); });
  }
  return std::make_unique<JunitReport>(JunitFiles::one, [target](const std::string&) { return target; });
}

}  // namespace

const std::vector<std::string>& report_formats() {
  static const std::vector<std::string> kFormats{"badge",    "csv",   "html",    "junit",
                                                 "markdown", "sarif", "senders", "tap"};
  return kFormats;
}

ReportRequest parse_report_request(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || colon + 1 == text.size())
    throw InputError("--report", "", fmt::format("found \"{}\", wanted FORMAT:FILE", printable(text)));
  ReportRequest out{text.substr(0, colon), text.substr(colon + 1)};
  if (out.format == "html-cells") return out;
  check_format("--report", out.format);
  return out;
}

std::unique_ptr<Sink> make_report(const ReportRequest& request) {
  const fs::path given = request.file.has_filename() ? request.file : request.file.parent_path();  // "out/"
  const auto in_folder = [folder = given](const char* extension) {
    // Said before the run and not after it.
    make_folder(folder);
    if (::access(folder.empty() ? "." : folder.c_str(), W_OK) != 0)
      throw OutputError(fmt::format("{}: cannot be written: {}", folder.string(), std::strerror(errno)));
    return [folder, extension](const std::string& client) {
      return file_target(folder / (file_name_of(client) + extension));
    };
  };
  const fs::path extension = request.file.extension();
  if (request.format == "junit" && extension != ".xml")
    return std::make_unique<JunitReport>(JunitFiles::by_client, in_folder(".xml"));
  if (request.format == "sarif" && extension != ".sarif" && extension != ".json")
    return std::make_unique<SarifReport>(SarifFiles::by_client, in_folder(".sarif"));
  if (request.format == "badge") {
    return std::make_unique<BadgeReport>(
        [open = in_folder(".json")](const std::string& client, const std::string& text) {
          const auto target = open(client);
          target->write(text + "\n");
          target->end();
        });
  }
  if (request.format == "html-cells") {
    const fs::path cells = request.file.parent_path() / (request.file.stem().string() + "-cells");
    return std::make_unique<HtmlReport>(file_target(request.file), cells);
  }
  return text_report(request.format, file_target(request.file));
}

std::unique_ptr<Sink> make_report(const std::string& format, std::FILE* out) {
  return text_report(format, stream_target(out));
}

std::unique_ptr<Sink> make_page_with_history(std::FILE* out, std::vector<fs::path> earlier) {
  return std::make_unique<HtmlReport>(stream_target(out), std::nullopt, std::move(earlier));
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
