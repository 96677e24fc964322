#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/cli/senders.hpp"
#include "harness/text/printable.hpp"
#include "harness/text/wrap.hpp"

namespace mxident::harness::cli {
namespace {

constexpr std::size_t kWidth = 80;

struct Group {
  Decision decision;
  const char* title;
};
constexpr std::array<Group, 4> kGroups{{{Decision::accept, "deliver under TLS"},
                                        {Decision::plaintext, "deliver in clear"},
                                        {Decision::reject, "refuse: no mail goes"},
                                        {Decision::none, "do not connect"}}};

std::string release(const SenderAnswer& answer) {
  return fmt::format("{} {}", answer.client, answer.version);
}

std::string mode_text(const SenderAnswer& answer) {
  std::string out = answer.mode;
  if (!answer.claim.empty()) out += fmt::format(" (says \"{}\")", answer.claim);
  if (!answer.behaviour.empty()) out += fmt::format(" ({})", answer.behaviour);
  return out;
}

/// "curl 7.88.1: ssl-reqd, connect-to": a release a line, its modes behind it.
std::string by_release(const std::vector<const SenderAnswer*>& answers,
                       std::string (*text)(const SenderAnswer&)) {
  std::map<std::string, std::string> lines;
  for (const auto* answer : answers) {
    std::string& line = lines[release(*answer)];
    line += (line.empty() ? "" : ", ") + text(*answer);
  }
  std::string out;
  for (const auto& [name, modes] : lines)
    out += "    " + wrapped(one_line(fmt::format("{}: {}", name, modes)), kWidth, 6, 4) + "\n";
  return out;
}

std::string differing(const SenderAnswer& answer) {
  std::string out = answer.mode + " (";
  const char* separator = "";
  for (const auto& [decision, scenario] : answer.differs) {
    out += fmt::format("{}{} in {}", separator, to_string(decision), scenario);
    separator = ", ";
  }
  return out + ")";
}

}  // namespace

std::string senders_text(const SenderPage& about) {
  const SenderBook::Page& page = about.page;
  const std::string& server = about.server;
  std::string out =
      wrapped(one_line(fmt::format("What known senders do with {} ({})", server, page.situation)), kWidth,
              2) +
      "\n";
  if (page.scenarios.empty())
    return out + "  not recorded: no scenario is in the same situation, and nothing is guessed\n";
  out += wrapped(fmt::format("  as recorded in {} scenario{} of the same situation, {} for instance",
                             page.scenarios.size(), page.scenarios.size() == 1 ? "" : "s",
                             page.scenarios.front()),
                 kWidth, 2) +
         "\n";
  const auto pick = [&](const auto& wanted) {
    std::vector<const SenderAnswer*> found;
    for (const auto& answer : page.answers) {
      if (wanted(answer)) found.push_back(&answer);
    }
    return found;
  };
  for (const auto& group : kGroups) {
    const auto theirs = pick([&](const SenderAnswer& a) { return a.decision == group.decision; });
    if (!theirs.empty())
      out += fmt::format("\n  {} {}\n{}", theirs.size(), group.title, by_release(theirs, mode_text));
  }
  const auto differ = pick([](const SenderAnswer& a) { return !a.differs.empty(); });
  if (!differ.empty())
    out += fmt::format("\n  {} depend on what is not looked at here\n{}", differ.size(),
                       by_release(differ, differing));
  const auto unknown = pick([](const SenderAnswer& a) { return a.trials == 0; });
  if (!unknown.empty()) {
    std::set<std::string> releases;
    for (const auto* answer : unknown) releases.insert(release(*answer));
    out += fmt::format("\n  {} modes of {} releases are not recorded in this situation\n", unknown.size(),
                       releases.size());
  }
  return out;
}

nlohmann::ordered_json senders_json(const SenderPage& about) {
  const SenderBook::Page& page = about.page;
  nlohmann::ordered_json answers = nlohmann::ordered_json::array();
  for (const auto& answer : page.answers) {
    nlohmann::ordered_json one{{"client", answer.client},     {"version", answer.version},
                               {"recorded", answer.recorded}, {"mode", answer.mode},
                               {"title", answer.title},       {"policy", answer.policy},
                               {"trials", answer.trials}};
    if (answer.decision) one["decision"] = to_string(*answer.decision);
    for (const auto& [decision, scenario] : answer.differs)
      one["differs"][std::string(to_string(decision))] = scenario;
    if (!answer.claim.empty()) one["says"] = answer.claim;
    if (!answer.behaviour.empty()) one["behaviour"] = answer.behaviour;
    answers.push_back(std::move(one));
  }
  return {{"server", about.server},
          {"situation", page.situation},
          {"scenarios", page.scenarios},
          {"answers", std::move(answers)}};
}

}  // namespace mxident::harness::cli
