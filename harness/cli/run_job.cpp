#include "harness/cli/run_job.hpp"
#include "harness/input/data_dirs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "harness/cli/catalogue.hpp"
#include "harness/input/json_input.hpp"

namespace mxident::harness::cli {
namespace {

namespace fs = std::filesystem;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

std::string sources_text(const Scenario& scenario) {
  std::vector<std::string> refs;
  for (const auto& source : scenario.sources) refs.push_back(source.ref);
  return fmt::format("{}", fmt::join(refs, ", "));
}

/// The names that the preferred host shows, a few of them.
std::string presented_text(const Scenario& scenario, const std::string& host) {
  constexpr std::size_t kMost = 3;
  const ScenarioServer* server = server_of(scenario, host);
  const auto shown =
      server ? scenario.certificates.find(server->spec.certificate) : scenario.certificates.end();
  if (shown == scenario.certificates.end()) return "";
  std::vector<std::string> names = names_of(shown->second.spec);
  if (names.empty()) return "a certificate without names";
  const std::size_t more = names.size() - std::min(names.size(), kMost);
  names.resize(names.size() - more);
  return fmt::format("{}{}", fmt::join(names, ", "), more ? fmt::format(" and {} more", more) : "");
}

}  // namespace

Shard parse_shard(const std::string& text) {
  Shard out;
  char rest = 0;
  const bool good = std::sscanf(text.c_str(), "%u/%u%c", &out.index, &out.of, &rest) == 2 && out.of >= 1 &&
                    out.index >= 1 && out.index <= out.of && text.front() != '-';
  if (!good) throw InputError("--shard", "", fmt::format("found \"{}\", wanted I/N with 1 <= I <= N", text));
  return out;
}

Baselines load_baselines(const std::string& stated) {
  if (!stated.empty()) {
    if (stated != "none" && !fs::exists(stated))
      throw InputError("--baseline", "",
                       fmt::format("found \"{}\", wanted a file, a folder, or none", stated));
    return Baselines::load(stated);
  }
  const fs::path shipped = data_dirs().baselines;
  return Baselines::load(fs::is_directory(shipped) ? shipped : fs::path("none"));
}

void drop_missing(Stage& stage) {
  std::vector<std::string> others;
  for (const auto& client : stage.clients) {
    if (!client.unavailable.empty()) others.push_back(client.manifest.id);
  }
  if (!others.empty()) {
    fmt::print(stderr, "mxident: {} more clients could be had by scripts/install-clients: {}\n",
               others.size(), fmt::join(others, " "));
  }
  std::vector<Sanity> sanity;
  std::vector<ClientColumn> columns;
  for (std::size_t i = 0; i < stage.columns.size(); ++i) {
    if (!stage.columns[i].client->unavailable.empty()) continue;
    columns.push_back(stage.columns[i]);
    sanity.push_back(stage.sanity[i]);
  }
  stage.columns = std::move(columns);
  stage.sanity = std::move(sanity);
}

RunHeader header_of(const Stage& stage, std::size_t scenarios, const Shard& shard) {
  RunHeader header;
  header.mxident_version = MXIDENT_VERSION;
  header.sandbox = stage.sandbox->describe();
  header.scenarios = scenarios;
  header.shard = shard.index;
  header.shards = shard.of;
  for (const auto& client : stage.clients) {
    if (client.unavailable.empty()) header.clients[client.manifest.id] = client.version;
  }
  return header;
}

std::vector<ReportColumn> report_columns_of(const Stage& stage) {
  std::vector<ReportColumn> out;
  for (const auto& column : stage.columns) {
    out.push_back({column.client->manifest.id, column.client->version, column.mode->id,
                   column.mode->title.empty() ? fmt::format("policy {}", to_string(column.mode->policy.id))
                                              : column.mode->title});
  }
  return out;
}

ReportScenario report_scenario_of(const Scenario& scenario) {
  const std::string host = preferred_host(scenario);
  return {scenario.id, scenario.title,  sources_text(scenario), presented_text(scenario, host),
          host,        scenario.domain, scenario.rules};
}

bool count(RunFooter& footer, const CellResult& result) {
  ++footer.counts[result.outcome];
  const bool unexpected = result.baseline == BaselineState::news ||
                          (result.baseline == BaselineState::none && is_fault(result.outcome));
  if (unexpected) ++footer.news;
  if (result.baseline == BaselineState::fixed) ++footer.fixed;
  return unexpected;
}

Stopwatch::Stopwatch() : started_(std::chrono::steady_clock::now()), cpu_(cpu_seconds()) {}

void Stopwatch::stop(RunFooter& footer, Stage& stage) const {
  if (stage.workers) footer.client_cpu_s += std::chrono::duration<double>(stage.workers->stop()).count();
  footer.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  footer.harness_cpu_s = cpu_seconds() - cpu_;
}

int exit_code_of(const RunFooter& footer) {
  if (!footer.complete) return kExitIncomplete;
  const auto harness = footer.counts.find(Outcome::harness_error);
  if (harness != footer.counts.end() && harness->second > 0) return kExitHarness;
  return footer.news || footer.fixed || footer.differing ? kExitNews : kExitOk;
}

}  // namespace mxident::harness::cli
