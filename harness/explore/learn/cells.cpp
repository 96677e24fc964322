#include "harness/explore/learn/cells.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "harness/catalogue/own_scenario.hpp"
#include "harness/explore/learn/alphabet.hpp"
#include "harness/explore/learn/questions.hpp"
#include "harness/input/values.hpp"
#include "verifier/reference.hpp"

namespace mxident::harness::learn {
namespace {

/// Where a name is no name of the DNS; it belongs to no question.
constexpr const char* kElsewhere = "server.learn.example";

Scenario base_scenario() {
  DocumentBuilder document("learn/name", "One name", kElsewhere);
  document
      .certificate("mx", {{"subject", DocumentBuilder::Json::array({{{"o", "mxident learn"}}})},
                          {"san", dns_names({kElsewhere})}})
      .server(kElsewhere, {{"banner", "banner.example"}, {"ehlo", "ehlo.example"}, {"certificate", "mx"}})
      .dns(fmt::format("{0}. MX 10 {0}.", kElsewhere));
  return own_scenario(document);
}

/// The name under which the DNS has a host that a client is told so.
std::string host_of(const std::string& name) {
  std::string host = fold_host(name);
  NameRules rules;
  rules.uts46_mapping = Switch::on;
  const auto reference = make_reference(name, ReferenceOrigin::configured, rules).reference;
  if (reference && reference->type == ReferenceType::dns) host = reference->domain;
  return host_problem(host).empty() ? host : kElsewhere;
}

}  // namespace

Cells::Cells(Lab& lab, std::size_t column, Side side, std::string fixed)
    : lab_(lab), column_(column), side_(side), fixed_(std::move(fixed)), base_(base_scenario()) {}

Scenario Cells::scenario(const std::string& name, std::size_t number) const {
  Scenario out = base_;
  const std::string& reference = side_ == Side::references ? name : fixed_;
  const std::string& presented = side_ == Side::references ? fixed_ : name;
  out.id = fmt::format("learn/name-{}", number);
  out.certificates.at("mx").spec.san->front().value = presented;
  // The built-in client compares any text with the certificate of any host.
  const ClientColumn& column = lab_.columns[column_];
  const bool apart = column.client->manifest.builtin &&
                     column.mode->policy.references != ReferenceSelection::recipient_domain;
  const std::string host = apart ? kElsewhere : host_of(reference);
  out.servers.front().spec.host = host;
  // A policy that compares the recipient domain finds the same name there.
  out.domain = !apart && host_problem(reference).empty() ? reference : host;
  out.reference = reference;
  out.dns.lines = {fmt::format("{}. MX 10 {}.", out.domain, host)};
  return out;
}

std::vector<bool> Cells::ask(const std::vector<std::string>& names) {
  std::vector<Seen> seen = run(names);
  std::vector<std::string> again;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (seen[i].is_an_answer()) continue;
    // What the built-in client refuses to look for, it refuses without a connection.
    if (seen[i].kind == Seen::Kind::unreached && lab_.columns[column_].client->manifest.builtin) continue;
    again.push_back(names[i]);
    places.push_back(i);
  }
  if (!again.empty()) {
    std::vector<Seen> second = run(again);
    for (std::size_t i = 0; i < again.size(); ++i) {
      if (second[i].is_an_answer()) ++recovered;
      seen[places[i]] = std::move(second[i]);
    }
  }
  std::vector<bool> out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    switch (seen[i].kind) {
      case Seen::Kind::failed:
        throw Stopped(fmt::format("{} cannot be asked about: {}", shown(names[i]), seen[i].note));
      case Seen::Kind::hung:
        hung.insert(names[i]);
        break;
      case Seen::Kind::unreached:
        unreached.insert(names[i]);
        break;
      case Seen::Kind::answer:
        break;
    }
    if (seen[i].crashed) crashed.insert(names[i]);
    out.push_back(seen[i].accepted);
  }
  return out;
}

std::vector<Cells::Seen> Cells::run(const std::vector<std::string>& names) {
  const ClientColumn& column = lab_.columns[column_];
  const bool of_domain = column.client->manifest.builtin
                             ? column.mode->policy.references == ReferenceSelection::recipient_domain
                             : std::find(column.mode->takes.begin(), column.mode->takes.end(),
                                         Takes::domain) != column.mode->takes.end();
  std::vector<Seen> out(names.size());
  std::vector<Scenario> scenarios;
  std::vector<std::size_t> places;
  Plan plan;
  for (std::size_t i = 0; i < names.size(); ++i) {
    Scenario made = scenario(names[i], i);
    if (of_domain && made.domain != made.reference) {  // no recipient can be written so
      out[i].kind = Seen::Kind::unreached;
      continue;
    }
    const PlannedCell cell = make_cell(made, scenarios.size(), column, column_, Expected::either);
    if (!cell.unsupported.empty()) throw Stopped(cell.unsupported);
    scenarios.push_back(std::move(made));
    plan.cells.push_back(cell);
    places.push_back(i);
  }
  const auto results = lab_.ask(scenarios, plan);
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i]) throw Stopped("it was interrupted");
    out[places[i]] = seen_in(*results[i]);
  }
  cells += results.size();
  return out;
}

Cells::Seen Cells::seen_in(const CellResult& result) {
  Seen out;
  out.accepted = result.decision == Decision::accept;
  out.crashed = result.outcome == Outcome::crash;
  out.note = result.note.empty() ? "no reason is known" : result.note;
  if (!result.decision) {
    out.kind = Seen::Kind::failed;
  } else if (result.outcome == Outcome::hang) {
    out.kind = Seen::Kind::hung;
  } else if (!out.accepted && !result.sni) {
    out.kind = Seen::Kind::unreached;  // no ClientHello
  }
  return out;
}

}  // namespace mxident::harness::learn
