#include "harness/report/junit.hpp"

#include <fmt/format.h>

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <cerrno>
#include <cstring>
#include <sstream>

#include "harness/analysis/findings.hpp"
#include "harness/report/explanation.hpp"
#include "harness/results/writer.hpp"
#include "harness/text/printable.hpp"

namespace mxident::harness {

using Tree = boost::property_tree::ptree;

/// A mode: counts, the cases that are not yet in the file, and where its others are in it.
struct JunitReport::Suite {
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
  double seconds = 0;
  std::string cases;
  struct Piece {
    long at = 0;
    std::size_t size = 0;
  };
  std::vector<Piece> pieces;
};

/// Cases that wait for the counts of their suite.
class JunitReport::Waiting {
 public:
  ~Waiting() {
    if (file_) std::fclose(file_);
  }
  void put(Suite& suite) {
    if (!file_) file_ = std::tmpfile();
    const bool at_end = file_ && std::fseek(file_, 0, SEEK_END) == 0;
    const long at = at_end ? std::ftell(file_) : -1;
    if (at < 0 || std::fwrite(suite.cases.data(), 1, suite.cases.size(), file_) != suite.cases.size()) fail();
    suite.pieces.push_back({at, suite.cases.size()});
    suite.cases.clear();
  }
  std::string get(const Suite::Piece& piece) {
    std::string out(piece.size, '\0');
    if (std::fseek(file_, piece.at, SEEK_SET) != 0 ||
        std::fread(out.data(), 1, out.size(), file_) != out.size())
      fail();
    return out;
  }

 private:
  [[noreturn]] static void fail() {
    throw OutputError(fmt::format("a temporary file for JUnit cannot be used: {}", std::strerror(errno)));
  }
  std::FILE* file_ = nullptr;
};

namespace {

constexpr std::size_t kPieceOctets = 64 * 1024;
constexpr const char* kXmlHead = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";

/// One element as text, without the head of a document.
std::string element(const char* name, const Tree& node) {
  Tree document;
  document.add_child(name, node);
  std::ostringstream out;
  write_xml(out, document, boost::property_tree::xml_writer_make_settings<std::string>(' ', 1));
  const std::string text = out.str();
  return text.substr(text.find('\n') + 1);
}

/// An element that is still open: its cases follow.
std::string open_element(const char* name, const Tree& node) {
  std::string text = element(name, node);
  const std::string closing = fmt::format("</{}>\n", name);
  if (text.ends_with(closing)) return text.substr(0, text.size() - closing.size());
  return text.substr(0, text.rfind("/>")) + ">\n";
}

}  // namespace

JunitReport::JunitReport(JunitFiles files, Open open)
    : files_(files), open_(std::move(open)), waiting_(std::make_unique<Waiting>()) {}
JunitReport::~JunitReport() = default;

void JunitReport::on_begin(const RunHeader& head) {
  for (std::size_t i = 0; i < head.columns.size(); ++i) suites_[i];
}

void JunitReport::on_whole(const ScenarioRecord& scenario, const CellsByColumn& cells) {
  for (const auto& [column, r] : cells) {
    Suite& suite = suites_[column];
    ++suite.tests;
    suite.seconds += r.duration_ms / 1000;
    // Those that could not be tried are counted and not listed: there are thousands, and no server shows
    // them well.
    if (r.outcome == Outcome::unsupported && !is_unexpected(r)) {
      ++suite.skipped;
      continue;
    }
    Tree node;
    // Of equal names a server shows the first alone: client, mode and scenario together are unique.
    node.put("<xmlattr>.classname", printable(fmt::format("{}:{}", r.client, r.mode)));
    node.put("<xmlattr>.name", printable(r.scenario));
    node.put("<xmlattr>.time", fmt::format("{:.3f}", r.duration_ms / 1000));
    const std::string sentence =
        fmt::format("{} {}", to_string(r.outcome), one_line(fault_sentence(scenario, r)));
    constexpr const char* kCut = "...\n(cut here; the results have all of it)\n";
    if (is_unexpected(r)) {
      const bool error = r.outcome == Outcome::harness_error;
      ++(error ? suite.errors : suite.failures);
      Tree fault;
      fault.put("<xmlattr>.message", cut_text(sentence, 400, kCut));
      fault.put("<xmlattr>.type", std::string(to_string(r.outcome)));
      fault.put_value(cut_text(sentence + "\n" + explanation({scenario, r}), kMostOctets, kCut));
      node.add_child(error ? "error" : "failure", fault);
    } else if (is_fault(r.outcome)) {
      ++suite.skipped;
      Tree known;
      known.put("<xmlattr>.message", cut_text("known: " + sentence, 400, kCut));
      node.add_child("skipped", known);
    }
    suite.cases += element("testcase", node);
    if (suite.cases.size() >= kPieceOctets) waiting_->put(suite);
  }
}

void JunitReport::write_suite(Target& target, std::size_t column, Suite& suite) {
  const Column& about = header().columns[column];
  Tree node;
  node.put("<xmlattr>.name", printable(fmt::format("{}:{}", about.client, about.mode)));
  node.put("<xmlattr>.tests", suite.tests);
  node.put("<xmlattr>.failures", suite.failures);
  node.put("<xmlattr>.errors", suite.errors);
  node.put("<xmlattr>.skipped", suite.skipped);
  node.put("<xmlattr>.time", fmt::format("{:.3f}", suite.seconds));
  const std::pair<const char*, std::string> properties[] = {{"version", about.version},
                                                            {"policy", about.policy},
                                                            {"engine", about.engine},
                                                            {"unsupported", about.unsupported},
                                                            {"suite", header().suite_digest}};
  for (const auto& [name, value] : properties) {
    if (value.empty()) continue;
    Tree property;
    property.put("<xmlattr>.name", name);
    property.put("<xmlattr>.value", printable(value));
    node.add_child("properties.property", property);
  }
  target.write(open_element("testsuite", node));
  for (const auto& piece : suite.pieces) target.write(waiting_->get(piece));
  target.write(suite.cases + "</testsuite>\n");
}

void JunitReport::on_end(const RunFooter& footer) {
  std::map<std::string, std::vector<std::size_t>> documents;
  for (const auto& [column, suite] : suites_)
    documents[files_ == JunitFiles::one ? "" : header().columns[column].client].push_back(column);
  const std::string for_absent = files_ == JunitFiles::one ? "" : "named-clients";
  if (!footer.absent.empty()) documents[for_absent];
  for (const auto& [client, columns] : documents) {
    const auto target = open_(client);
    target->write(std::string(kXmlHead) + "<testsuites>\n");
    if (client == for_absent && !footer.absent.empty()) {
      Tree node;
      node.put("<xmlattr>.name", "named clients");
      node.put("<xmlattr>.tests", footer.absent.size());
      node.put("<xmlattr>.errors", footer.absent.size());
      for (const auto& line : footer.absent) {
        Tree missing;
        missing.put("<xmlattr>.classname", "named clients");
        missing.put("<xmlattr>.name", printable(line.substr(0, line.find(':'))));
        missing.put("error", one_line(line));
        node.add_child("testcase", missing);
      }
      target->write(element("testsuite", node));
    }
    for (const auto column : columns) write_suite(*target, column, suites_[column]);
    target->write("</testsuites>\n");
    target->end();
  }
}

}  // namespace mxident::harness
