// mxident learn: which names a client accepts, learned by asking.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/cli/command.hpp"
#include "harness/cli/help.hpp"
#include "harness/cli/html_option.hpp"
#include "harness/explore/learn/drawing.hpp"
#include "harness/explore/learn/sentence.hpp"
#include "harness/explore/learn/session.hpp"
#include "harness/input/json_input.hpp"
#include "harness/results/writer.hpp"
#include "harness/text/printable.hpp"
#include "harness/text/wrap.hpp"

namespace mxident::harness::cli {
namespace {

struct LearnOptions {
  std::string client, against, pattern, reference, dot, report;
  learn::SessionOptions session;
  double minutes = 20;
  bool json = false, letters = false;
};

/// The first mode of a client that compares names, where none is stated.
Wanted one_mode(const std::string& text) {
  std::vector<Wanted> found = wanted_clients({text});
  Wanted out = std::move(found.front());
  if (!out.mode.empty()) return out;
  for (const auto& mode : out.manifest.modes) {
    if (mode.policy.names == NameDemand::required) {
      out.mode = mode.id;
      return out;
    }
  }
  out.mode = out.manifest.modes.front().id;
  return out;
}

void take_name(LearnOptions& options) {
  constexpr std::size_t kLongest = 80;
  const bool presented = !options.reference.empty();
  const std::string text = presented                 ? options.reference
                           : options.pattern.empty() ? "*.a.test"
                                                     : options.pattern;
  const auto octets = learn::unescaped(text);
  const char* const option = presented ? "--reference" : "--pattern";
  if (!octets || octets->empty() || octets->size() > kLongest)
    throw InputError(option, "",
                     fmt::format("found \"{}\", wanted a name of at most {} octets, others written as \\xNN",
                                 printable(text), kLongest));
  if (octets->find_first_of("{}") != std::string::npos)
    throw InputError(option, "", "found a brace, which no name of this program holds");
  options.session.side = presented ? learn::Side::presented : learn::Side::references;
  options.session.name = *octets;
  options.session.spelling = options.letters ? learn::Spelling::letters : learn::Spelling::labels;
  options.session.limits.time = std::chrono::duration<double>(options.minutes * 60);
}

int exit_code_of_learning(const learn::Report& report) {
  int code = kExitOk;
  for (const auto& one : report.learned) {
    if (one.state == learn::Learned::State::stopped) return kExitIncomplete;
    if (one.state == learn::Learned::State::answers_differ || !one.from_policy.empty()) code = kExitNews;
  }
  return code;
}

int run(LearnOptions options, Invocation& invocation) {
  end_on_interrupt(kExitIncomplete);
  take_name(options);
  const std::string page = options.report.empty() ? "" : html_file(options.report);
  std::vector<Wanted> wanted{one_mode(options.client)};
  if (!options.against.empty()) wanted.push_back(one_mode(options.against));
  Lab lab({.argc = invocation.argc,
           .argv = invocation.argv,
           .clients = std::move(wanted),
           .workers = UseWorkers::yes});
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < lab.columns.size(); ++i) {
    columns.push_back(i);
    if (lab.columns[i].unsupported.empty()) continue;
    fmt::print(stderr, "mxident: {} {}: {}\n", lab.columns[i].client->manifest.id, lab.columns[i].mode->id,
               lab.columns[i].unsupported);
    return kExitNothing;
  }
  try {
    const learn::Report report = learn::learn_columns(lab, columns, options.session);
    lab.stop_workers();
    if (!options.dot.empty()) {
      std::string dots;
      for (const auto& one : report.learned) {
        if (one.dfa)
          dots += learn::dot_of(*one.dfa, report.alphabet,
                                fmt::format("{}:{} {}", one.client, one.mode, one.version));
      }
      write_file(options.dot, dots);
    }
    if (!page.empty()) write_page(page, learn::html_of(report));
    if (options.json) {
      fmt::print("{}\n",
                 learn::json_of(report).dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
    } else {
      fmt::print("{}", learn::text_of(report, text_width(80)));
    }
    return exit_code_of_learning(report);
  } catch (const learn::Stopped& stopped) {
    fmt::print(stderr, "mxident: {}\n", stopped.what());
    return kExitIncomplete;
  }
}

}  // namespace

void add_learn_command(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<LearnOptions>();
  auto& session = options->session;
  CLI::App* command = app.add_subcommand("learn", "Learn which names a client accepts, as an automaton");
  command->add_option("client", options->client, "CLIENT[:MODE] or a manifest.json[:MODE]")->required();
  auto* pattern =
      command->add_option("--pattern", options->pattern,
                          "Name of the certificate: accepted for which references? (default: *.a.test)");
  command->add_option("--reference", options->reference, "Name looked for: accepted of which certificates?")
      ->excludes(pattern);
  command->add_option("--against", options->against, "Another CLIENT[:MODE], to be compared with");
  command->add_flag("--letters", options->letters, "Spell each label by letters, not the first one alone");
  command->add_option("--depth", session.trial.depth, "Depth of the W-method (default: 0)")
      ->check(CLI::Range(0, 4));
  command->add_option("--walks", session.trial.walks, "Random names tried besides (default: 400)")
      ->check(CLI::Range(0, 1000000));
  command->add_option("--seed", session.trial.seed, "Of the random names (default: 1)")
      ->check(not_negative());
  command->add_option("--questions", session.limits.questions, "Most questions to a client (default: 20000)")
      ->check(CLI::Range(1, 10000000));
  command->add_option("--minutes", options->minutes, "Longest time for a client (default: 20)")
      ->check(number_between(0.0, 10000.0));
  command->add_option("--output", session.folder, "Folder in which answers are kept for next time");
  command->add_option("--dot", options->dot, "FILE: the automaton in Graphviz's language");
  command->add_option("--report", options->report, "html:FILE, what was learned as one page, drawn");
  command->add_flag("--json", options->json, "One JSON object");
  command->footer("Example: mxident learn mxident:rfc9525 --pattern '*.a.test'");
  command->callback([options, &invocation] { invocation.exit_code = run(*options, invocation); });
}

}  // namespace mxident::harness::cli
