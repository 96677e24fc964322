#include "harness/cli/repro_command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/mman.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/catalogue/load.hpp"
#include "harness/cli/html_option.hpp"
#include "harness/cli/repro_live.hpp"
#include "harness/explore/repro/answer.hpp"
#include "harness/explore/repro/page.hpp"
#include "harness/input/gzip.hpp"
#include "harness/input/host_words.hpp"
#include "harness/input/json_input.hpp"
#include "harness/input/values.hpp"
#include "harness/offline/batch_match.hpp"
#include "harness/offline/pem_input.hpp"
#include "harness/offline/pem_scenario.hpp"
#include "harness/oracle/expectation.hpp"
#include "harness/results/writer.hpp"
#include "harness/run/lab.hpp"
#include "harness/run/plan.hpp"
#include "harness/text/wrap.hpp"

namespace mxident::harness::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kLive = "--live";
constexpr std::size_t kMaxPem = 4u << 20;

struct ReproOptions {
  repro::Options stated;
  std::string paste, pem, live, save, report;
  std::vector<std::string> clients;
  bool json = false, only_read = false;
};

/// Standard input to its end. It stays readable from its beginning: the program starts again inside of the
/// sandbox.
std::string read_standard_input(const char* option, std::size_t most) {
  std::string text;
  char block[1 << 16];
  for (ssize_t got = 0; (got = ::read(STDIN_FILENO, block, sizeof block)) > 0 && text.size() <= most;)
    text.append(block, static_cast<std::size_t>(got));
  const int kept = memfd_create("mxident-paste", 0);
  if (kept < 0 || ::write(kept, text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::lseek(kept, 0, SEEK_SET) != 0 || ::dup2(kept, STDIN_FILENO) < 0)
    throw std::runtime_error("standard input cannot be kept");
  ::close(kept);
  if (text.size() > most)
    throw InputError(option, "", fmt::format("larger than {} octets, wanted the part that matters", most));
  return text;
}

std::string paste_of(const ReproOptions& options) {
  if (options.paste.empty()) return {};
  return unpacked(options.paste == "-" ? read_standard_input("--paste", repro::kMaxPaste)
                                       : read_text_file(options.paste, repro::kMaxPaste),
                  options.paste, repro::kMaxPaste);
}

/// The chain's names become stated ones; its certificates and remarks are what comes back.
PemScenario take_chain(repro::Options& stated, std::span<const std::string> chain, const std::string& from,
                       std::int64_t now) {
  PemScenario out = pem_scenario(chain, from, now);
  stated.common_names = out.common_names;
  stated.san = out.san;
  stated.names_from = from;
  if (stated.chain.empty()) {
    stated.chain = out.chain;
    stated.chain_from = from;
  }
  return out;
}

std::optional<PemScenario> take_live(ReproOptions& options, std::int64_t now) {
  const LiveServer server = live_server(options.live);
  auto& stated = options.stated;
  if (stated.mx.empty() && !parse_address(server.host)) {
    stated.mx = server.host;
    stated.mx_from = kLive;
  }
  stated.ehlo = server.ehlo;
  stated.starttls = server.starttls;
  stated.server_from = kLive;
  if (server.certificates.empty()) return std::nullopt;
  PemScenario out = take_chain(stated, certificates_from(server.certificates, kLive), kLive, now);
  if (stated.chain.empty()) stated.chain = server.is_trusted ? "trusted" : "unknown-ca";
  return out;
}

/// Certificates that are stated: by --pem, --live, or in the text.
std::optional<PemScenario> take_pem(ReproOptions& options, const repro::Reading& reading, std::int64_t now,
                                    std::vector<std::string>& unused) {
  auto& stated = options.stated;
  const bool named = !stated.common_names.empty() || !stated.san.empty();
  if (!options.pem.empty() || !options.live.empty()) {
    const char* const option = options.pem.empty() ? kLive : "--pem";
    if (named || (!options.pem.empty() && !options.live.empty()))
      throw InputError(option, "", "found --cn, --san or --pem beside it, wanted the names from one place");
    if (stated.chain == "expired" || stated.chain == "self-signed")
      throw InputError("--chain", "",
                       fmt::format("wanted trusted or unknown-ca beside {}, which says the rest", option));
  }
  if (!options.live.empty()) return take_live(options, now);
  if (options.pem == "-" && options.paste == "-")
    throw InputError("--pem", "", "found - twice, wanted one of --pem and --paste from a file");
  if (!options.pem.empty())
    return take_chain(stated,
                      certificates_from(options.pem == "-" ? read_standard_input("--pem", kMaxPem)
                                                           : read_text_file(options.pem, kMaxPem),
                                        options.pem),
                      options.pem, now);
  if (reading.certificates.empty() || named) return std::nullopt;
  try {
    const std::string from = "the text's certificates";
    const auto chains = chains_in(certificates_from(reading.certificates, from), from);
    for (std::size_t i = 1; i < chains.size() && i < 6; ++i) {
      const PemScenario other = pem_scenario(chains[i], from, now);
      unused.push_back(
          fmt::format("the certificate of another server ({}) is not used: that is another "
                      "complaint, and --pem states it",
                      fmt::join(other.san.empty() ? other.common_names : other.san, ", ")));
    }
    if (chains.size() > 6) unused.push_back(fmt::format("nor are those of {} more", chains.size() - 6));
    return take_chain(stated, chains.front(), from, now);
  } catch (const InputError& unreadable) {
    unused.push_back(fmt::format("{}: they are not used", unreadable.what()));
  }
  return std::nullopt;
}

Scenario scenario_of(const Json& document) {
  LoadResult loaded =
      parse_scenario(document.dump(-1, ' ', false, Json::error_handler_t::replace), "the complaint");
  if (!loaded.scenario)
    throw InputError("the complaint", loaded.errors.front().pointer, loaded.errors.front().message);
  return std::move(*loaded.scenario);
}

Json complaint_of(const repro::Situation& situation, const std::optional<PemScenario>& pem,
                  const std::string& id) {
  Json document = repro::document_of(situation, id);
  return pem ? repro::with_chain(std::move(document), pem->certificates) : document;
}

/// Writes the complaint and its twin; by the oracle's expectations.
void save(const fs::path& file, const repro::Situation& situation, const std::optional<PemScenario>& pem,
          std::int64_t now) {
  const std::string stem = file.stem();
  const fs::path twin_file = file.parent_path() / (stem + "-right.json");
  Json document = complaint_of(situation, pem, stem), twin = repro::twin_of(situation, stem + "-right");
  document["twin"] = stem + "-right";
  twin["twin"] = stem;
  for (auto& [path, made] : {std::pair<fs::path, Json*>{file, &document}, {twin_file, &twin}}) {
    const Scenario scenario = scenario_of(*made);
    Json expect = Json::object();
    for (const auto& policy : all_policies()) {
      if (const auto expected = oracle::expect(scenario, policy, "", now))
        expect[std::string(to_string(policy.id))] = to_string(*expected);
    }
    (*made)["expect"] = std::move(expect);
    write_file(path, made->dump(2) + "\n");
    fmt::print(stderr, "mxident: wrote {}\n", path.string());
  }
}

/// Every mode against complaint and twin. False if it was interrupted.
bool ask(const ReproOptions& options, const std::optional<PemScenario>& pem, Invocation& invocation,
         repro::Answer& answer) {
  std::vector<Scenario> scenarios;
  scenarios.push_back(scenario_of(complaint_of(answer.situation, pem, "complaint")));
  scenarios.push_back(scenario_of(repro::twin_of(answer.situation, "complaint-right")));
  std::vector<Wanted> wanted = wanted_clients(options.clients);
  // What policies say comes from the program's own client, whoever else is asked.
  const bool own = std::any_of(wanted.begin(), wanted.end(),
                               [](const Wanted& w) { return w.manifest.builtin && w.mode.empty(); });
  if (!own) {
    for (auto& each : wanted_clients({"mxident"})) wanted.push_back(std::move(each));
  }
  Lab lab({.argc = invocation.argc, .argv = invocation.argv, .clients = std::move(wanted)});
  if (options.clients.empty()) lab.drop_missing();
  const std::vector<std::size_t> all{0, 1};
  const Plan plan = make_plan(scenarios, all, lab.columns, PolicyCoverage::where_published, lab.now);
  const auto results = lab.ask(scenarios, plan);
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i]) return false;
    (plan.cells[i].scenario == 0 ? answer.cells : answer.twin_cells).push_back(*results[i]);
  }
  return true;
}

/// Throws InputError for words that are no names, whatever else is stated.
void normalise_names(ReproOptions& options) {
  auto& stated = options.stated;
  if (!stated.mx.empty()) host_from_word(stated.mx, "--mx");
  if (!stated.domain.empty()) domain_from_word(stated.domain, "--domain");
  std::vector<std::string> entries;
  for (const auto& line : stated.san) {
    for (auto& entry : split_san(line)) entries.push_back(std::move(entry));
  }
  stated.san = std::move(entries);
}

int run(ReproOptions& options, Invocation& invocation) {
  normalise_names(options);
  const std::int64_t now = std::time(nullptr);
  const std::string page = options.report.empty() ? "" : html_file(options.report);
  repro::Answer answer;
  answer.reading = repro::read_paste(paste_of(options));
  std::vector<std::string> unused;
  const std::optional<PemScenario> pem = take_pem(options, answer.reading, now, unused);
  try {
    answer.situation = repro::situation_of(options.stated, answer.reading);
  } catch (const InputError&) {
    if (!options.json) fmt::print("{}", repro::text_of(answer.reading, text_width(80)));
    throw;
  }
  auto& remarks = answer.situation.remarks;
  remarks.insert(remarks.end(), unused.begin(), unused.end());
  if (pem) remarks.insert(remarks.end(), pem->remarks.begin(), pem->remarks.end());
  if (!options.only_read && !ask(options, pem, invocation, answer)) return kExitIncomplete;
  if (!options.save.empty()) save(options.save, answer.situation, pem, now);
  Json json = repro::json_of(answer);
  if (!page.empty()) write_page(page, repro::html_of(json));
  if (options.json) {
    json["scenario"] = complaint_of(answer.situation, pem, "complaint");
    fmt::print("{}\n", json.dump(1, ' ', false, Json::error_handler_t::replace));
  } else {
    fmt::print("{}", repro::text_of(json, text_width(80)));
  }
  const auto of_client = [](const CellResult& cell) { return cell.outcome == Outcome::harness_error; };
  return std::any_of(answer.cells.begin(), answer.cells.end(), of_client) ? kExitHarness : kExitOk;
}

}  // namespace

void add_repro_command(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<ReproOptions>();
  CLI::App* command = app.add_subcommand("repro", "From a complaint to who is right and what to change");
  command->add_option(
      "--paste", options->paste,
      "File, or - for standard input: logs, error sentences, output of tests, in any mixture");
  command->add_option("--pem", options->pem,
                      "File, or - for standard input: the chain that a server sends, its own first; minted "
                      "again here");
  command->add_option("--mx", options->stated.mx, "MX host: the name that has to be proved");
  command->add_option(
      "--live", options->live,
      "HOST[:PORT], asked as 'mxident verify --mx' asks it; what it shows is minted again here");
  command->add_option("--cn", options->stated.common_names, "Common name of the certificate; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  command
      ->add_option("--san", options->stated.san,
                   "Subject alternative name, such as DNS:mx.example.test; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--ehlo", options->stated.ehlo, "Name that the server gives itself");
  command->add_option("--domain", options->stated.domain, "Recipient domain");
  command->add_option("--chain", options->stated.chain, "trusted, expired, self-signed or unknown-ca")
      ->check(CLI::IsMember({"trusted", "expired", "self-signed", "unknown-ca"}));
  command->add_flag_callback(
      "--expired", [options] { options->stated.chain = "expired"; }, "The same as --chain expired");
  command->add_option("--starttls", options->stated.starttls, "offered, missing or refused")
      ->check(CLI::IsMember({"offered", "missing", "refused"}));
  command
      ->add_option("--client", options->clients,
                   "CLIENT[:MODE] or a manifest.json; may be repeated (default: all that are installed)")
      ->take_all()
      ->allow_extra_args(false);
  command->add_flag("--only-read", options->only_read, "Say what was understood, and run nothing");
  command->add_option("--save", options->save,
                      "FILE.json: keep the complaint as a scenario, and its twin beside it");
  command->add_option("--report", options->report, "html:FILE, the answer as one page for a ticket");
  command->add_flag("--json", options->json, "One JSON object");
  command->footer("Example: mxident repro --mx mx1.x.test --san 'DNS:*.x.test' --client curl");
  command->callback([options, &invocation] { invocation.exit_code = run(*options, invocation); });
}

}  // namespace mxident::harness::cli
