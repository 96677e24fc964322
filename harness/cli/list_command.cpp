#include "harness/cli/list_command.hpp"
#include "harness/input/data_dirs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/catalogue/coverage.hpp"
#include "harness/catalogue/load.hpp"
#include "harness/cli/test_groups.hpp"
#include "harness/guide/advice.hpp"
#include "harness/input/json_input.hpp"
#include "harness/text/wrap.hpp"
#include "verifier/reasons.hpp"

namespace mxident::harness::cli {
namespace {

using Json = nlohmann::ordered_json;

struct ListOptions {
  std::string what;
  std::vector<std::string> patterns, directories, clients;
  std::string group_by;  ///< empty: by section
  bool json = false, coverage = false;
};

/// Rows, and which of their members a person gets to see.
struct Listing {
  std::vector<Json> rows;
  std::vector<std::string> columns;
  std::string summary = {};  ///< a last line for people; may be empty
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

/// Columns in line. Where the width is known the last one is broken; where it has too little room it begins a
/// line.
void print_rows(const Listing& listing) {
  constexpr std::size_t kLeast = 30;  // for the last column
  const std::size_t width = text_width(0);
  std::vector<std::size_t> widths(listing.columns.size());
  for (const auto& row : listing.rows) {
    for (std::size_t i = 0; i < widths.size(); ++i)
      widths[i] = std::max(widths[i], cell_text(row, listing.columns[i]).size());
  }
  std::size_t room = 0;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) room += widths[i] + 2;
  const bool narrow = width > 0 && room + kLeast > width;
  for (const auto& row : listing.rows) {
    std::string line;
    for (std::size_t i = 0; i + 1 < widths.size(); ++i)
      line += padded(cell_text(row, listing.columns[i]), narrow ? 0 : widths[i] + 2) + (narrow ? " " : "");
    const std::string last = cell_text(row, listing.columns.back());
    if (narrow) {
      line = fmt::format("{}\n    {}", wrapped(line, width, 4), wrapped(last, width, 4, 4));
    } else {
      line += width > 0 ? wrapped(last, width, room, room) : last;
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
  Listing out{{}, {"id", "citation", "demands"}};
  for (const auto& policy : all_policies()) {
    const PolicyInfo info = mxident::describe(policy.id);
    out.rows.push_back(
        {{"id", to_string(policy.id)}, {"citation", info.citation}, {"demands", info.sentence}});
  }
  return out;
}

Listing list_reasons() {
  Listing out{{}, {"id", "citation", "sentence"}};
  for (const auto& reason : all_reasons()) {
    out.rows.push_back({{"id", reason.id}, {"citation", reason.citation}, {"sentence", reason.sentence}});
  }
  return out;
}

Listing list_decisions() {
  Listing out{{}, {"id", "question", "default"}};
  for (const auto& decision : all_decisions())
    out.rows.push_back({{"id", decision.id}, {"question", decision.question}, {"default", decision.answer}});
  return out;
}

Json rule_row(const RuleInfo& rule) {
  Json row{{"id", rule.id},
           {"source", rule.source},
           {"level", to_string(rule.level)},
           {"shown", to_string(rule.shown)},
           {"sentence", rule.sentence}};
  if (!rule.why.empty()) row["why"] = rule.why;
  return row;
}

/// The first ids of a list, and how many more there are.
std::string first_ids(const std::vector<std::string>& ids) {
  constexpr std::size_t kShown = 2;
  const std::size_t shown = std::min(kShown, ids.size());
  const std::string text =
      fmt::format("{}", fmt::join(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(shown), " "));
  return ids.size() > shown ? fmt::format("{} and {} more", text, ids.size() - shown) : text;
}

/// For people: which scenarios exercise a rule, or why none does.
std::string coverage_text(const RuleCoverage& coverage) {
  std::vector<std::string> parts;
  if (!coverage.accepting.empty()) parts.push_back("accept: " + first_ids(coverage.accepting));
  if (!coverage.refusing.empty()) parts.push_back("reject: " + first_ids(coverage.refusing));
  if (!coverage.others.empty()) parts.push_back("either: " + first_ids(coverage.others));
  if (coverage.count() == 0) parts.emplace_back("no scenario");
  if (!coverage.rule->why.empty()) parts.emplace_back(fmt::format("({})", coverage.rule->why));
  return fmt::format("{}", fmt::join(parts, "; "));
}

Listing list_rules(const ListOptions& options) {
  if (!options.coverage) {
    Listing out{{}, {"id", "source", "level", "shown", "sentence"}};
    for (const auto& rule : all_rules()) out.rows.push_back(rule_row(rule));
    return out;
  }
  Listing out{{}, {"id", "shown", "counts", "text"}};
  std::size_t on_the_wire = 0, with_both = 0, unused = 0;
  for (const auto& coverage : rule_coverage(load_scenarios(options.directories), std::time(nullptr))) {
    const bool wire = coverage.rule->shown == Shown::wire;
    on_the_wire += wire ? 1 : 0;
    with_both += wire && coverage.has_both() ? 1 : 0;
    unused += coverage.count() == 0 ? 1 : 0;
    Json row = rule_row(*coverage.rule);
    row.update({{"scenarios", coverage.count()},
                {"accept", coverage.accepting},
                {"reject", coverage.refusing},
                {"either", coverage.others}});
    if (!options.json) {
      row["counts"] = fmt::format("{} accept {} reject", coverage.accepting.size(), coverage.refusing.size());
      row["text"] = coverage_text(coverage);
    }
    out.rows.push_back(std::move(row));
  }
  out.summary = fmt::format(
      "{} rules, {} of them shown on the wire; {} of these have scenarios to accept and to reject, {} "
      "have not; no scenario exercises {} rules",
      all_rules().size(), on_the_wire, with_both, on_the_wire - with_both, unused);
  return out;
}

/// What a ctest of another project discovers: one line a test, its id first; "mxident run --ctest ID" takes
/// it.
Listing list_tests(const ListOptions& options) {
  const GroupBy by = parse_group_by(options.group_by.empty() ? "section" : options.group_by);
  const auto scenarios = load_scenarios(options.directories);
  std::vector<std::string> unmatched;
  const auto chosen = select(scenarios, options.patterns, unmatched);
  for (const auto& pattern : unmatched)
    throw NothingSelected(fmt::format("\"{}\" selects no scenario", printable(pattern)));
  std::vector<Wanted> clients;
  if (!options.clients.empty() || by == GroupBy::mode) clients = wanted_clients(options.clients);
  const auto tests = group_tests(scenarios, chosen, clients, by);
  const auto cells = cells_of(scenarios, tests, clients, std::time(nullptr));
  Listing out{{}, {"id", "title"}};
  for (std::size_t i = 0; i < tests.size(); ++i) {
    if (!clients.empty() && cells[i] == 0) continue;  // nothing says what they ought to do
    Json row{{"id", tests[i].id}, {"title", tests[i].title}};
    if (!clients.empty()) row["cells"] = cells[i];
    row["scenarios"] = Json::array();
    for (const auto place : tests[i].scenarios) row["scenarios"].push_back(scenarios[place].id);
    out.rows.push_back(std::move(row));
  }
  return out;
}

/// Throws InputError for an option that what is listed does not look at.
void refuse_unused(const ListOptions& options) {
  const auto& what = options.what;
  const bool tests = what == "tests";
  const auto refuse = [&](const char* option, const char* wanted) {
    throw InputError(option, "", fmt::format("wanted it with {} only, found it with {}", wanted, what));
  };
  if (options.coverage && what != "rules") refuse("--coverage", "rules");
  if (!options.clients.empty() && !tests) refuse("--client", "tests");
  if (!options.group_by.empty() && !tests) refuse("--group-by", "tests");
  const bool reads_scenarios = tests || what == "scenarios" || (what == "rules" && options.coverage);
  if (!options.directories.empty() && !reads_scenarios)
    refuse("--scenarios", "scenarios, tests or rules --coverage");
}

int run(const ListOptions& options, const ClientState& state) {
  refuse_unused(options);
  if (!options.patterns.empty() && options.what != "scenarios" && options.what != "tests")
    throw InputError(
        "list", "",
        fmt::format("found the pattern \"{}\", wanted none with {}: patterns choose scenarios and tests",
                    printable(options.patterns.front()), options.what));
  const Listing listing = options.what == "scenarios"   ? list_scenarios(options)
                          : options.what == "clients"   ? list_clients(state)
                          : options.what == "policies"  ? list_policies()
                          : options.what == "reasons"   ? list_reasons()
                          : options.what == "decisions" ? list_decisions()
                          : options.what == "tests"     ? list_tests(options)
                                                        : list_rules(options);
  if (options.json) {
    Json all = Json::array();
    for (const auto& row : listing.rows) all.push_back(row);
    fmt::print("{}\n", all.dump(1, ' ', false, Json::error_handler_t::replace));
  } else {
    print_rows(listing);
    if (!listing.summary.empty()) fmt::print("{}\n", listing.summary);
  }
  return listing.rows.empty() ? kExitNothing : kExitOk;
}

}  // namespace

void add_list_command(CLI::App& app, Invocation& invocation, ClientState state) {
  auto options = std::make_shared<ListOptions>();
  CLI::App* command = app.add_subcommand(
      "list", "Say what there is: scenarios, clients, policies, reasons, rules, decisions, tests");
  command->add_option("what", options->what, "What is to be listed")
      ->required()
      ->check(CLI::IsMember({"scenarios", "clients", "policies", "reasons", "rules", "decisions", "tests"}));
  command->add_option("pattern", options->patterns,
                      "scenarios, tests: only scenarios whose id matches (*, ?, [...]), or a folder");
  command
      ->add_option("--scenarios", options->directories, "Folder of scenarios, in place of the shipped ones")
      ->allow_extra_args(false);
  command->add_flag("--json", options->json, "One JSON array");
  command->add_flag("--coverage", options->coverage, "rules: the scenarios that exercise each");
  command
      ->add_option(
          "--client", options->clients,
          "tests: CLIENT[:MODE] or a manifest.json, for which a test must have cells; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  command
      ->add_option("--group-by", options->group_by, "tests: what one test has in common (default: section)")
      ->check(CLI::IsMember({"section", "rule", "mode", "scenario"}));
  command->footer("Example: mxident list scenarios 'rfc9525/*'");
  command->callback(
      [options, &invocation, state = std::move(state)] { invocation.exit_code = run(*options, state); });
}

}  // namespace mxident::harness::cli
