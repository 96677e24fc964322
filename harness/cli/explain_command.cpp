#include "harness/cli/explain_command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>

#include "certs/summary.hpp"
#include "harness/catalogue/read_server.hpp"
#include "harness/input/json_input.hpp"
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

std::string reason_text(const ReasonInfo& reason) {
  return fmt::format("{}: {} ({})", reason.id, reason.sentence, reason.citation);
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

Json to_json(const ReasonInfo& reason) {
  return {
      {"kind", "reason"}, {"id", reason.id}, {"citation", reason.citation}, {"sentence", reason.sentence}};
}

std::string text_of(const Policy& policy) {
  return fmt::format("policy {}: {}\n", to_string(policy.id), describe(policy));
}

Json to_json(const Policy& policy) {
  return {{"kind", "policy"}, {"id", to_string(policy.id)}, {"demands", describe(policy)}};
}

void show(const ExplainOptions& options, const std::string& text, const Json& json) {
  if (options.json) {
    fmt::print("{}\n", json.dump(1, ' ', false, Json::error_handler_t::replace));
  } else {
    fmt::print("{}", text);
  }
}

int run(const ExplainOptions& options) {
  if (const auto policy_id = policy_from_string(options.id)) {
    show(options, text_of(policy(*policy_id)), to_json(policy(*policy_id)));
    return kExitOk;
  }
  if (const auto reason = reason_from_string(options.id)) {
    show(options, fmt::format("reason {}\n", reason_text(info(*reason))), to_json(info(*reason)));
    return kExitOk;
  }
  std::vector<Scenario> others;
  if (const auto scenario = look_up_scenario(options.id, options.directories, others)) {
    show(options, explain(*scenario), to_json(*scenario));
    return kExitOk;
  }
  std::vector<std::string> known, users;
  for (const auto& scenario : others) {
    known.push_back(scenario.id);
    const bool cites =
        std::find(scenario.rules.begin(), scenario.rules.end(), options.id) != scenario.rules.end();
    if (cites) users.push_back(scenario.id);
  }
  if (!users.empty()) {
    show(options, fmt::format("rule {}, exercised by\n  {}\n", options.id, fmt::join(users, "\n  ")),
         Json{{"kind", "rule"}, {"id", options.id}, {"scenarios", users}});
    return kExitOk;
  }
  for (const auto& reason : all_reasons()) known.emplace_back(reason.id);
  for (const auto& policy : all_policies()) known.emplace_back(to_string(policy.id));
  const auto near = nearest(options.id, known);
  throw InputError(
      "explain", "",
      fmt::format("found \"{}\", wanted the id of a scenario, a reason, a policy or a rule{}",
                  printable(options.id), near ? fmt::format("; did you mean \"{}\"?", *near) : ""));
}

}  // namespace

std::string explain(const Scenario& scenario) {
  std::string out = fmt::format("{}\n  {}\n  sources: {}\n", scenario.id, printable(scenario.title),
                                sources_text(scenario));
  if (!scenario.rules.empty()) out += fmt::format("  rules: {}\n", fmt::join(scenario.rules, ", "));
  if (!scenario.note.empty()) out += fmt::format("  note: {}\n", printable(scenario.note));
  if (!scenario.twin.empty()) out += fmt::format("  twin: {}\n", scenario.twin);
  if (!scenario.file.empty()) out += fmt::format("  file: {}\n", scenario.file.string());
  out += fmt::format("recipient domain {}\n{}", printable(scenario.domain), names_table(scenario));
  for (const auto& line : scenario.dns.lines) out += fmt::format("  {}\n", printable(line));
  out += oddities_text(scenario);
  out += certificates_text(scenario);
  out += "expected\n";
  const auto line = [&](PolicyId id, Expected expected, const std::string& about) {
    out += fmt::format("  {}{}{}\n", padded(to_string(id), 15), padded(to_string(expected), 11), about);
  };
  for (const auto& policy : all_policies()) {
    if (const auto expected = scenario.expect.of(policy.id)) line(policy.id, *expected, describe(policy));
  }
  for (const auto& [host, expect] : scenario.expect_hosts) {
    for (const auto& policy : all_policies()) {
      if (const auto expected = expect.of(policy.id)) line(policy.id, *expected, fmt::format("at {}", host));
    }
  }
  if (const auto reason = reason_from_string(scenario.reason))
    out += fmt::format("reason {}\n", reason_text(info(*reason)));
  return out;
}

void add_explain_command(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* command = app.add_subcommand("explain", "Say what a scenario, reason, policy or rule is about");
  command->add_option("id", options->id, "Id, or a scenario file")->required();
  command->add_option("--scenarios", options->directories,
                      "Folder of scenarios, in place of the shipped ones");
  command->add_flag("--json", options->json, "One JSON object");
  command->callback([options, &invocation] { invocation.exit_code = run(*options); });
}

}  // namespace mxident::harness::cli
