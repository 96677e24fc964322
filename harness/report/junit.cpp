#include "harness/report/junit.hpp"

#include <fmt/format.h>

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <sstream>

#include "harness/analysis/findings.hpp"
#include "harness/report/explanation.hpp"
#include "harness/text/printable.hpp"

namespace mxident::harness {

using Tree = boost::property_tree::ptree;

/// A mode: what it could be tried with, its cells, and counts.
struct JunitReport::Suite {
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
  double seconds = 0;
  Tree cases;
};

namespace {

std::string one_document(const Tree& suites) {
  Tree document;
  document.add_child("testsuites", suites);
  std::ostringstream out;
  write_xml(out, document, boost::property_tree::xml_writer_make_settings<std::string>(' ', 1));
  return out.str();
}

std::string cut(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // not inside a character
  text.resize(end);
  return text + "...\n(cut here; the results have all of it)\n";
}

}  // namespace

JunitReport::JunitReport(JunitFiles files, Deliver deliver) : files_(files), deliver_(std::move(deliver)) {}
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
    if (is_unexpected(r)) {
      const bool error = r.outcome == Outcome::harness_error;
      ++(error ? suite.errors : suite.failures);
      Tree fault;
      fault.put("<xmlattr>.message", cut(sentence, 400));
      fault.put("<xmlattr>.type", std::string(to_string(r.outcome)));
      fault.put_value(cut(sentence + "\n" + explanation({scenario, r}), kMostOctets));
      node.add_child(error ? "error" : "failure", fault);
    } else if (is_fault(r.outcome)) {
      ++suite.skipped;
      Tree known;
      known.put("<xmlattr>.message", cut("known: " + sentence, 400));
      node.add_child("skipped", known);
    }
    suite.cases.add_child("testcase", node);
  }
}

void JunitReport::on_end(const RunFooter& footer) {
  std::map<std::string, Tree> documents;
  if (!footer.absent.empty()) {
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
    documents[files_ == JunitFiles::one ? "" : "named-clients"].add_child("testsuite", node);
  }
  for (auto& [column, suite] : suites_) {
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
    for (const auto& [name, child] : suite.cases) node.add_child(name, child);
    documents[files_ == JunitFiles::one ? "" : about.client].add_child("testsuite", node);
  }
  for (const auto& [client, suites] : documents) deliver_(client, one_document(suites));
}

}  // namespace mxident::harness
