#include "harness/cli/explain_command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>

#include "certs/summary.hpp"
#include "harness/catalogue/read_server.hpp"
#include "harness/guide/guide.hpp"
#include "harness/guide/log_words.hpp"
#include "harness/input/data_dirs.hpp"
#include "harness/input/json_input.hpp"
#include "harness/text/wrap.hpp"
#include "harness/world/world_builder.hpp"
#include "verifier/reasons.hpp"

namespace mxident::harness::cli {
namespace {

using Json = nlohmann::ordered_json;

struct ExplainOptions {
  std::string id;
  std::vector<std::string> directories;
  bool json = false;
};

/// One server: the name that mail is sent to, the names that its certificate proves, the names that it says
/// of itself.
struct ThreeNames {
  std::string host;
  std::vector<std::string> certificate;
  std::string banner, ehlo;
};

std::vector<ThreeNames> three_names(const Scenario& scenario) {
  std::vector<ThreeNames> out;
  for (const auto& server : scenario.servers) {
    const auto& spec = server.spec;
    const auto certificate = scenario.certificates.find(spec.certificate);
    out.push_back({spec.host,
                   certificate == scenario.certificates.end() ? std::vector<std::string>{"(no certificate)"}
                                                              : names_of(certificate->second.spec),
                   printable(spec.banner), printable(spec.ehlo)});
    if (spec.ehlo_after_tls) out.back().ehlo += ", then " + printable(*spec.ehlo_after_tls);
  }
  return out;
}

std::string names_table(const Scenario& scenario) {
  std::vector<std::array<std::string, 3>> lines{{"MX host", "certificate names", "banner and EHLO name"}};
  for (const auto& row : three_names(scenario)) {
    const std::vector<std::string> claimed{row.banner, row.ehlo};
    for (std::size_t i = 0; i < std::max(row.certificate.size(), claimed.size()); ++i) {
      lines.push_back({i == 0 ? row.host : "", i < row.certificate.size() ? row.certificate[i] : "",
                       i < claimed.size() ? claimed[i] : ""});
    }
  }
  std::size_t host = 0, names = 0;
  for (const auto& line : lines) {
    host = std::max(host, line[0].size());
    names = std::max(names, line[1].size());
  }
  std::string out;
  for (const auto& line : lines) {
    const std::string text = "  " + padded(line[0], host + 2) + padded(line[1], names + 2) + line[2];
    out += text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

std::string indented(std::string_view text, std::string_view indent) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    out += fmt::format("{}{}\n", indent, text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

std::string certificates_text(const Scenario& scenario) {
  certs::KeyPool keys(2);
  const certs::Authority authority = certs::Authority::make(keys);
  std::string out;
  for (const auto& [id, chain] :
       mint_certificates(scenario, 1, mocks::Placement::namespaced, authority, keys)) {
    out += fmt::format("certificate {} ({} sent)\n{}", id, chain.sends.size(),
                       indented(certs::summary(chain.leaf.der), "  "));
  }
  return out;
}

std::string sources_text(const Scenario& scenario) {
  std::vector<std::string> parts;
  for (const auto& source : scenario.sources) {
    parts.push_back(source.level == Level::unstated
                        ? source.ref
                        : fmt::format("{} ({})", source.ref, to_string(source.level)));
  }
  return printable(fmt::format("{}", fmt::join(parts, ", ")));
}

/// What the tables of names and of DNS cannot show.
std::string oddities_text(const Scenario& scenario) {
  std::string out;
  if (!scenario.reference.empty())
    out += fmt::format("the client is told the host {}\n", printable(scenario.reference));
  for (const auto& line : scenario.headers) out += fmt::format("the message says {}\n", printable(line));
  for (const auto& word : scenario.bait)
    out += fmt::format("only octets in clear offer {}: who says it under TLS is lax\n", printable(word));
  for (const auto& server : scenario.servers) {
    const auto& spec = server.spec;
    const auto line = [&](std::string_view about, std::string_view what) {
      out += fmt::format("{} {}{}\n", spec.host, about, what);
    };
    if (spec.starttls != mocks::Starttls::offered) line("STARTTLS is ", starttls_word(spec.starttls));
    if (spec.sni == mocks::Sni::required) line("ends the handshake", " without a server name that it knows");
    if (spec.sni == mocks::Sni::warned) line("warns", " of a server name that it does not know");
    if (spec.resumption == mocks::Resumption::offered) line("offers session tickets", "");
    for (std::size_t i = 0; i < spec.then.size(); ++i) {
      const auto& later = spec.then[i];
      line(fmt::format("on connection {}{}: ", i + 2, i + 1 == spec.then.size() ? " and later" : ""),
           fmt::format("STARTTLS {}, certificate {}{}", starttls_word(later.starttls),
                       later.certificate.empty() ? "none" : later.certificate,
                       later.replies.empty() ? "" : ", replies of its own"));
    }
  }
  return out;
}

Json to_json(const Scenario& scenario) {
  Json servers = Json::array();
  for (const auto& row : three_names(scenario)) {
    servers.push_back({{"host", row.host},
                       {"certificate_names", row.certificate},
                       {"banner", row.banner},
                       {"ehlo", row.ehlo}});
  }
  Json expect = Json::object();
  for (const auto& policy : all_policies()) {
    if (const auto expected = scenario.expect.of(policy.id))
      expect[std::string(to_string(policy.id))] = to_string(*expected);
  }
  return {{"kind", "scenario"},          {"id", scenario.id},
          {"title", scenario.title},     {"sources", sources_text(scenario)},
          {"domain", scenario.domain},   {"rules", scenario.rules},
          {"servers", servers},          {"dns", scenario.dns.lines},
          {"expect", std::move(expect)}, {"reason", scenario.reason},
          {"twin", scenario.twin},       {"file", scenario.file.string()}};
}

void show(const ExplainOptions& options, const std::string& text, const Json& json) {
  if (options.json) {
    fmt::print("{}\n", json.dump(1, ' ', false, Json::error_handler_t::replace));
  } else {
    fmt::print("{}", text);
  }
}

/// A scenario with the releases whose recorded outcome differs.
void show_scenario(const ExplainOptions& options, const Scenario& scenario,
                   std::span<const Baseline> baselines) {
  const std::vector<std::string> ids{scenario.id};
  const auto deviating = who_deviates(ids, baselines);
  Json json = to_json(scenario);
  if (!deviating.empty()) json["deviates"] = deviating;
  std::string text = explain(scenario);
  if (!deviating.empty()) text += "recorded deviations\n";
  for (const auto& line : deviating) text += fmt::format("  {}\n", wrapped(line, text_width(80), 4, 2));
  show(options, text, json);
}

/// The one scenario of this name, whatever its folder; null if there are several.
const Scenario* without_folder(std::string_view name, const std::vector<Scenario>& scenarios) {
  const Scenario* found = nullptr;
  for (const auto& scenario : scenarios) {
    if (std::string_view(scenario.id).substr(scenario.id.rfind('/') + 1) != name) continue;
    if (found != nullptr) return nullptr;
    found = &scenario;
  }
  return found;
}

int run(const ExplainOptions& options) {
  const std::vector<Baseline> baselines = load_all_baselines(data_dirs().baselines);
  std::vector<Scenario> others;
  if (const auto scenario = look_up_scenario(options.id, options.directories, others)) {
    show_scenario(options, *scenario, baselines);
    return kExitOk;
  }
  const auto clients = load_manifests(data_dirs().clients);
  auto pages = find_pages(options.id, {others, baselines, clients, std::time(nullptr)});
  if (pages.empty()) {
    if (const Scenario* const scenario = without_folder(options.id, others)) {
      show_scenario(options, *scenario, baselines);
      return kExitOk;
    }
    pages = log_pages(options.id, clients);
  }
  if (!pages.empty()) {
    std::string text;
    Json list = Json::array();
    for (const auto& page : pages) {
      text += (text.empty() ? "" : "\n") + text_of(page, text_width(80));
      list.push_back(json_of(page));
    }
    show(options, text,
         pages.size() == 1 ? list.front() : Json{{"kind", "list"}, {"id", options.id}, {"pages", list}});
    return kExitOk;
  }
  std::vector<std::string> known = guide_ids();
  for (const auto& scenario : others) known.push_back(scenario.id);
  for (const auto& client : clients) {
    known.push_back(client.id);
    for (const auto& mode : client.modes) known.push_back(client.id + ":" + mode.id);
  }
  const auto near = nearest(options.id, known);
  throw InputError(
      "explain", "",
      fmt::format("found \"{}\", wanted the id of a scenario, reason, policy, rule, decision or client, "
                  "a word of a run or of TLS reports, a section such as \"RFC 8461 3.1\", or a line of a "
                  "log about a certificate{}",
                  printable(options.id.substr(0, 200)),
                  near ? fmt::format("; did you mean \"{}\"?", *near) : ""));
}

}  // namespace

std::string explain(const Scenario& scenario) {
  const std::size_t width = text_width(80);
  const auto sentence = [&](const std::string& text) {
    return fmt::format("  {}\n", wrapped(text, width, 4, 2));
  };
  std::string out = scenario.id + "\n" + sentence(printable(scenario.title)) +
                    sentence("sources: " + sources_text(scenario));
  if (!scenario.rules.empty()) out += sentence(fmt::format("rules: {}", fmt::join(scenario.rules, ", ")));
  if (!scenario.note.empty()) out += sentence("note: " + printable(scenario.note));
  if (!scenario.twin.empty()) out += fmt::format("  twin: {}\n", scenario.twin);
  if (!scenario.file.empty()) out += fmt::format("  file: {}\n", scenario.file.string());
  out += fmt::format("recipient domain {}\n{}", printable(scenario.domain), names_table(scenario));
  for (const auto& line : scenario.dns.lines) out += fmt::format("  {}\n", printable(line));
  out += oddities_text(scenario);
  out += certificates_text(scenario);
  out += "expected\n";
  const auto line = [&](PolicyId id, Expected expected, const std::string& about) {
    const std::string head = "  " + padded(to_string(id), 15) + padded(to_string(expected), 11);
    out += head + wrapped(about, width, head.size(), head.size()) + "\n";
  };
  for (const auto& policy : all_policies()) {
    if (const auto expected = scenario.expect.of(policy.id))
      line(policy.id, *expected, std::string(mxident::describe(policy.id).sentence));
  }
  for (const auto& [host, expect] : scenario.expect_hosts) {
    for (const auto& policy : all_policies()) {
      if (const auto expected = expect.of(policy.id)) line(policy.id, *expected, fmt::format("at {}", host));
    }
  }
  if (const auto reason = reason_from_string(scenario.reason))
    out += wrapped(fmt::format("reason {}: {} ({})", info(*reason).id, info(*reason).sentence,
                               info(*reason).citation),
                   width, 2) +
           "\n";
  return out;
}

void add_explain_command(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* command = app.add_subcommand("explain", "Say what an id that was printed stands for");
  command
      ->add_option(
          "id", options->id,
          "Id of a scenario, reason, policy, rule, decision or client (\"curl:default\"), a word of a "
          "run (\"lax\") or of TLS reports, a section (\"RFC 8461 3.1\"), a list of such with "
          "commas, a line of a log (\"verify=OK\"), or a scenario file")
      ->required();
  command
      ->add_option("--scenarios", options->directories, "Folder of scenarios, in place of the shipped ones")
      ->allow_extra_args(false);
  command->add_flag("--json", options->json, "One JSON object");
  command->footer("Example: mxident explain match-wildcard");
  command->callback([options, &invocation] { invocation.exit_code = run(*options); });
}

}  // namespace mxident::harness::cli
