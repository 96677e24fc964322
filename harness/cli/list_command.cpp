#include "harness/cli/list_command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/input/json_input.hpp"
#include "harness/scenario/load.hpp"
#include "verifier/reasons.hpp"

namespace mxident::harness::cli {
namespace {

using Json = nlohmann::ordered_json;

struct ListOptions {
  std::string what;
  std::vector<std::string> patterns, directories;
  bool json = false, coverage = false;
};

/// Rows, and which of their members a person gets to see.
struct Listing {
  std::vector<Json> rows;
  std::vector<std::string> columns;
};

std::string cell_text(const Json& row, const std::string& column) {
  const auto found = row.find(column);
  if (found == row.end()) return {};
  if (found->is_string()) return printable(found->get<std::string>());
  if (!found->is_array()) return found->dump();
  std::vector<std::string> parts;
  for (const auto& element : *found) parts.push_back(printable(element.get<std::string>()));
  return fmt::format("{}", fmt::join(parts, " "));
}

/// Columns in line; the last one may be as long as it likes.
void print_rows(const Listing& listing) {
  std::vector<std::size_t> widths(listing.columns.size());
  for (const auto& row : listing.rows) {
    for (std::size_t i = 0; i < widths.size(); ++i)
      widths[i] = std::max(widths[i], cell_text(row, listing.columns[i]).size());
  }
  for (const auto& row : listing.rows) {
    std::string line;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      line += padded(cell_text(row, listing.columns[i]), widths[i] + 2);
    }
    fmt::print("{}\n", line.substr(0, line.find_last_not_of(' ') + 1));
  }
}

Json expectations(const Expectations& expect) {
  Json out = Json::object();
  for (const auto& policy : all_policies()) {
    if (const auto expected = expect.of(policy.id))
      out[std::string(to_string(policy.id))] = to_string(*expected);
  }
  return out;
}

Listing list_scenarios(const ListOptions& options) {
  const auto scenarios = load_scenarios(options.directories);
  std::vector<std::string> unmatched;
  const auto chosen = select(scenarios, options.patterns, unmatched);
  for (const auto& pattern : unmatched) fmt::print(stderr, "mxident: \"{}\" selects no scenario\n", pattern);
  Listing out{{}, {"id", "title"}};
  for (const std::size_t i : chosen) {
    const Scenario& s = scenarios[i];
    Json sources = Json::array();
    for (const auto& source : s.sources) {
      Json entry{{"ref", source.ref}};
      if (source.level != Level::unstated) entry["level"] = to_string(source.level);
      sources.push_back(std::move(entry));
    }
    out.rows.push_back({{"id", s.id},
                        {"title", s.title},
                        {"domain", s.domain},
                        {"sources", std::move(sources)},
                        {"rules", s.rules},
                        {"tags", s.tags},
                        {"twin", s.twin},
                        {"expect", expectations(s.expect)},
                        {"reason", s.reason},
                        {"file", s.file.string()}});
  }
  return out;
}

Listing list_clients(const ClientState& state) {
  Listing out{{}, {"id", "policy", "state", "title"}};
  for (const auto& manifest : load_manifests(data_dirs().clients)) {
    const std::string here = state ? state(manifest) : "";
    for (const auto& mode : manifest.modes) {
      out.rows.push_back(
          {{"id", fmt::format("{}:{}", manifest.id, mode.id)},
           {"client", manifest.id},
           {"mode", mode.id},
           {"policy", to_string(mode.policy.id)},
           {"title", mode.title.empty() ? manifest.title : fmt::format("{}, {}", manifest.title, mode.title)},
           {"engine", manifest.engine},
           {"packages", manifest.packages},
           {"state", here}});
    }
  }
  return out;
}

Listing list_policies() {
  Listing out{{}, {"id", "demands"}};
  for (const auto& policy : all_policies())
    out.rows.push_back({{"id", to_string(policy.id)}, {"demands", describe(policy)}});
  return out;
}

Listing list_reasons() {
  Listing out{{}, {"id", "citation", "sentence"}};
  for (const auto& reason : all_reasons()) {
    out.rows.push_back({{"id", reason.id}, {"citation", reason.citation}, {"sentence", reason.sentence}});
  }
  return out;
}

/// Rules that scenarios cite, with how many of them some policy must accept and refuse.
Listing list_rules(const ListOptions& options) {
  struct Use {
    std::size_t accepted = 0, refused = 0;
    std::vector<std::string> scenarios;
  };
  std::map<std::string, Use> uses;
  for (const auto& scenario : load_scenarios(options.directories)) {
    std::set<Expected> expected;
    for (const auto& policy : all_policies()) {
      if (const auto value = scenario.expect.of(policy.id)) expected.insert(*value);
      for (const auto& [host, expect] : scenario.expect_hosts) {
        if (const auto value = expect.of(policy.id)) expected.insert(*value);
      }
    }
    for (const auto& rule : scenario.rules) {
      Use& use = uses[rule];
      use.accepted += expected.contains(Expected::accept) ? 1 : 0;
      use.refused += expected.contains(Expected::reject) || expected.contains(Expected::none) ? 1 : 0;
      use.scenarios.push_back(scenario.id);
    }
  }
  Listing out{{}, {"id", "counts"}};
  if (options.coverage) out.columns.emplace_back("scenarios");
  for (auto& [id, use] : uses) {
    out.rows.push_back({{"id", id},
                        {"counts", fmt::format("{} scenarios, {} to accept, {} to refuse",
                                               use.scenarios.size(), use.accepted, use.refused)},
                        {"accepted", use.accepted},
                        {"refused", use.refused},
                        {"scenarios", std::move(use.scenarios)}});
  }
  return out;
}

int run(const ListOptions& options, const ClientState& state) {
  const Listing listing = options.what == "scenarios"  ? list_scenarios(options)
                          : options.what == "clients"  ? list_clients(state)
                          : options.what == "policies" ? list_policies()
                          : options.what == "reasons"  ? list_reasons()
                                                       : list_rules(options);
  if (options.json) {
    Json all = Json::array();
    for (const auto& row : listing.rows) all.push_back(row);
    fmt::print("{}\n", all.dump(1, ' ', false, Json::error_handler_t::replace));
  } else {
    print_rows(listing);
  }
  return listing.rows.empty() ? kExitNothing : kExitOk;
}

}  // namespace

void add_list_command(CLI::App& app, Invocation& invocation, ClientState state) {
  auto options = std::make_shared<ListOptions>();
  CLI::App* command =
      app.add_subcommand("list", "Say what there is: scenarios, clients, policies, reasons, rules");
  command->add_option("what", options->what, "scenarios, clients, policies, reasons or rules")
      ->required()
      ->check(CLI::IsMember({"scenarios", "clients", "policies", "reasons", "rules"}));
  command->add_option("pattern", options->patterns,
                      "Only scenarios whose id matches (*, ?, [...]), or a folder");
  command->add_option("--scenarios", options->directories,
                      "Folder of scenarios, in place of the shipped ones");
  command->add_flag("--json", options->json, "One JSON array");
  command->add_flag("--coverage", options->coverage, "rules: the scenarios that exercise each");
  command->callback(
      [options, &invocation, state = std::move(state)] { invocation.exit_code = run(*options, state); });
}

}  // namespace mxident::harness::cli
