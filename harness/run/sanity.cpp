#include "harness/run/sanity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "harness/catalogue/load.hpp"

namespace mxident::harness {
namespace {

/// `san` and `issuer` are what is odd; addresses are pinned per scenario, as those of the catalogue are.
std::string host_scenario(const std::string& name, const std::string& san, const std::string& issuer) {
  return fmt::format(R"({{
    "id": "sanity/{0}", "title": "Sanity: {0}", "sources": [{{"ref": "mxident"}}], "domain": "{0}-domain.sanity.test",
    "certificates": {{"mx": {{"subject": [{{"cn": "{1}"}}], "san": [{{"dns": "{1}"}}, {{"dns": "{2}"}}], "issuer": "{3}"}}}},
    "servers": {{"mx.{0}.sanity.test": {{"certificate": "mx"}}}},
    "dns": ["{0}-domain.sanity.test. MX 10 mx.{0}.sanity.test."]}})",
                     name, san,
                     san == "mx." + name + ".sanity.test" ? name + "-domain.sanity.test" : "second." + san,
                     issuer);
}

std::string address_scenario(const std::string& name, const std::string& address, const std::string& san,
                             const std::string& issuer) {
  return fmt::format(R"({{
    "id": "sanity/{0}", "title": "Sanity: {0}", "sources": [{{"ref": "mxident"}}], "domain": "[{1}]",
    "certificates": {{"mx": {{"subject": [{{"cn": "mxident"}}], "san": [{{"ip": "{2}"}}], "issuer": "{3}"}}}},
    "servers": {{"mx.{0}.sanity.test": {{"certificate": "mx", "addresses": ["{1}"]}}}}}})",
                     name, address, san, issuer);
}

/// ": " and the last line of a client's output, bounded; empty if it said nothing.
std::string last_line(const std::string& words) {
  const std::size_t end = words.find_last_not_of('\n');
  if (end == std::string::npos) return "";
  const std::size_t begin = words.rfind('\n', end);
  const std::size_t from = begin == std::string::npos ? 0 : begin + 1;
  return fmt::format(": {}", words.substr(from, std::min<std::size_t>(160, end + 1 - from)));
}

bool is_scenario(const SanityCell& cell, const char* kind) {
  return cell.scenario.find(kind) != std::string::npos;
}

}  // namespace

std::vector<Scenario> sanity_scenarios() {
  const std::string texts[] = {
      address_scenario("address-right", "192.0.2.241", "192.0.2.241", "intermediate"),
      address_scenario("address-wrong-chain", "192.0.2.242", "192.0.2.242", "unknown-ca"),
      address_scenario("address-wrong-name", "192.0.2.243", "198.51.100.243", "intermediate"),
      host_scenario("host-right", "mx.host-right.sanity.test", "intermediate"),
      host_scenario("host-wrong-chain", "mx.host-wrong-chain.sanity.test", "unknown-ca"),
      host_scenario("host-wrong-name", "other.example.test", "intermediate"),
  };
  std::vector<Scenario> out;
  for (const auto& text : texts) {
    LoadResult loaded = parse_scenario(text, "(sanity)");
    if (!loaded.scenario)
      throw std::logic_error(loaded.errors.empty() ? "sanity scenario" : loaded.errors.front().text());
    out.push_back(std::move(*loaded.scenario));
  }
  return out;
}

Sanity assess(const std::vector<SanityCell>& cells) {
  Sanity out;
  double measured = 0;
  for (const auto& cell : cells) {
    if (cell.outcome == Outcome::unsupported) continue;
    out.cpu_ms += (cell.cpu_ms - out.cpu_ms) / ++measured;
    const bool went_on = cell.decision == Decision::accept;
    if (is_scenario(cell, "wrong-name") && went_on) out.name = LayerState::not_checked;
    if (is_scenario(cell, "wrong-chain") && went_on) out.chain = LayerState::not_checked;
    if (!out.broken.empty() || cell.outcome == Outcome::pass || cell.outcome == Outcome::either) continue;
    out.broken = fmt::format("broken set-up: {} gave {}{}", cell.scenario, to_string(cell.outcome),
                             cell.note.empty() ? "" : " (" + cell.note + ")");
    out.broken += last_line(cell.words);
  }
  const bool ran = std::any_of(cells.begin(), cells.end(),
                               [](const auto& c) { return c.outcome != Outcome::unsupported; });
  if (ran || !out.broken.empty()) return out;
  // A program whose library is missing makes no connection: its last words say why.
  const auto spoke = std::find_if(cells.begin(), cells.end(), [](const auto& c) { return !c.words.empty(); });
  const auto shown = spoke != cells.end() ? spoke : cells.begin();
  out.broken = "broken set-up: no sanity scenario could be tried";
  if (shown != cells.end()) out.broken += fmt::format(" ({}{})", shown->note, last_line(shown->words));
  return out;
}

}  // namespace mxident::harness
