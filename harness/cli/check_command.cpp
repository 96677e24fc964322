#include "harness/cli/check_command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/cli/senders.hpp"
#include "harness/cli/verify_options.hpp"
#include "harness/input/data_dirs.hpp"
#include "harness/input/host_words.hpp"
#include "harness/input/json_input.hpp"
#include "harness/input/policy_json.hpp"
#include "harness/input/values.hpp"
#include "harness/offline/offline_check.hpp"
#include "harness/offline/pem_input.hpp"
#include "harness/report/verify_report.hpp"
#include "harness/text/checktls.hpp"

namespace mxident::harness::cli {
namespace {

using nlohmann::ordered_json;

struct CheckOptions {
  std::string chain, policy = "rfc9525", profile, at, mx_host, domain, sts_policy;
  std::vector<std::string> anchors, names, tlsa;
  bool system_trust = false, partial_chain = false, json = false, senders = false;
  std::string baselines;
};

std::vector<Policy> policies_of(const CheckOptions& options) {
  const std::string& text = options.policy;
  std::vector<Policy> policies(all_policies().begin(), all_policies().end());
  if (text != "all") {
    policies = {policy_from_word(text, "--policy")};
  }
  if (const auto profile = profile_from_string(options.profile)) {
    for (auto& policy : policies) policy.profile = *profile;
  }
  return policies;
}

TrustStore trust_of(const CheckOptions& options) {
  TrustStore trust;
  for (const auto& file : options.anchors) {
    std::string error;
    trust.add_pem(read_text_file(file), error);
    if (!error.empty()) throw InputError(file, "", error + ", wanted trust anchors in PEM");
  }
  if (options.system_trust) trust.add_system_default();
  return trust;
}

std::vector<TlsaRecord> tlsa_of(const std::vector<std::string>& texts) {
  std::vector<TlsaRecord> records;
  for (const auto& text : texts) {
    auto record = tlsa_from_text(text);
    if (!record) {
      throw InputError(
          "--tlsa", "",
          fmt::format("found \"{}\", wanted three numbers and hexadecimal, as in \"3 1 1 0a1b\"", text));
    }
    records.push_back(std::move(*record));
  }
  return records;
}

std::optional<StsPolicy> sts_of(const std::string& file) {
  if (file.empty()) return std::nullopt;
  auto result = parse_sts_policy(read_text_file(file));
  if (!result.policy) {
    const std::string place = result.line == 0 ? "" : fmt::format("line {}", result.line);
    const std::string_view sentence = info(result.reason).sentence;
    throw InputError(
        file, place,
        result.fault.empty() ? std::string(sentence) : fmt::format("{} ({})", sentence, result.fault));
  }
  return std::move(result.policy);
}

ordered_json reason_json(Reason reason) {
  const ReasonInfo& row = info(reason);
  ordered_json out{{"reason", row.id}, {"citation", row.citation}, {"sentence", row.sentence}};
  if (!tls_rpt_type(reason).empty()) out["tls_rpt"] = tls_rpt_type(reason);
  return out;
}

ordered_json chain_json(const ChainResult& chain) {
  ordered_json out = reason_json(chain.reason);
  if (chain.verdict == ChainVerdict::ok) {
    out["certificates"] = chain.path.size();
  } else {
    out["depth"] = chain.depth;
    out["subject"] = chain.subject;
    out["library"] = chain.library_text;
  }
  return out;
}

ordered_json names_json(const std::optional<PresentedNames>& presented) {
  ordered_json out = ordered_json::array();
  if (!presented) return out;
  for (const auto& name : presented->common_names) {
    out.push_back({{"type", "cn"}, {"value", printable(PresentedType::common_name, name.octets)}});
  }
  for (const auto& identifier : presented->identifiers) {
    out.push_back({{"type", to_string(identifier.type())},
                   {"value", printable(identifier.type(), identifier.octets())}});
  }
  return out;
}

ordered_json answer_json(const PolicyAnswer& answer) {
  ordered_json out{{"policy", to_string(answer.policy)}, {"decision", to_string(answer.decision)}};
  out.update(reason_json(answer.reason));
  if (answer.remark) out["because"] = to_string(*answer.remark);
  const auto& judgement = answer.judgement;
  out["references"] = answer.references;
  out["layers"] = {{"chain", to_string(judgement.chain)}, {"name", to_string(judgement.name)}};
  const bool of_chain = !judgement.dane || judgement.dane->reason == judgement.chain_result.reason;
  if (judgement.chain == Checked::failed && of_chain) out["chain"] = chain_json(judgement.chain_result);
  if (judgement.name == Checked::not_checked) return out;
  out["presented"] = judgement.names.presented;
  out["attempts"] = ordered_json::array();
  for (const auto& attempt : judgement.names.attempts) {
    out["attempts"].push_back({{"reference", answer.references.at(attempt.reference)},
                               {"type", to_string(attempt.presented_type)},
                               {"presented", attempt.presented},
                               {"reason", to_string(attempt.reason)}});
  }
  return out;
}

// What is wrong with the chain, or with the TLSA records that it does not satisfy.
void print_chain_fault(const PolicyAnswer& answer, const CheckInput& input) {
  const ChainResult& chain = answer.judgement.chain_result;
  const bool of_chain = !answer.judgement.dane || answer.judgement.dane->reason == chain.reason;
  if (of_chain) {
    const std::string_view words =
        chain.library_text.empty() ? info(chain.reason).sentence : chain.library_text;
    fmt::print("{:13}   certificate {} ({}): {}\n", "", chain.depth, chain.subject, words);
    return;
  }
  const auto usable = usable_tlsa(input.tlsa);
  if (const auto unsent = unsent_anchor(usable, *input.trust)) {
    fmt::print("{:13}   {} is {} that you trust ({}), but the server does not send it\n", "",
               to_string(usable[unsent->record]),
               usable[unsent->record].selector == 1 ? "the key of an authority" : "an authority",
               unsent->subject);
  }
  const std::string& host = input.mx_host.empty() ? input.domain : input.mx_host;
  const std::string owner = host.empty() ? "" : fmt::format("_25._tcp.{}.", host);
  for (const auto& line : tlsa_advice(usable, input.chain, owner)) fmt::print("{:13}   {}\n", "", line);
}

void print_answer(const PolicyAnswer& answer, const CheckInput& input,
                  const std::optional<PresentedNames>& presented) {
  const ReasonInfo& reason = info(answer.reason);
  const auto& judgement = answer.judgement;
  fmt::print("{:<13} {:<9}  chain {:<11}  name {:<11}  {} ({}, {})\n", to_string(answer.policy),
             to_string(answer.decision), to_string(judgement.chain), to_string(judgement.name), reason.id,
             reason.sentence, reason.citation);
  if (answer.remark) {
    const ReasonInfo& remark = info(*answer.remark);
    fmt::print("{:13}   because {}: {} ({})\n", "", remark.id, remark.sentence, remark.citation);
  }
  if (judgement.chain == Checked::failed) print_chain_fault(answer, input);
  if (presented && judgement.name == Checked::failed) {
    for (const auto& reference : answer.references)
      fmt::print("{:13}   {}\n", "", checktls_mismatch(*presented, reference));
  } else if (judgement.name == Checked::ok && judgement.names.reference) {
    fmt::print("{:13}   {}\n", "",
               checktls_match(answer.references.at(*judgement.names.reference), judgement.names.presented));
  }
  if (answer.decision == CheckDecision::reject && !tls_rpt_type(answer.reason).empty()) {
    fmt::print("{:13}   a sender would report {}\n", "", tls_rpt_type(answer.reason));
  }
}

// The chain as such, so that "chain ok" is never read as "verified".
ChainResult chain_alone(const CheckInput& input, Profile profile) {
  Demand demand;
  demand.policy = policy(PolicyId::chain_only);
  demand.policy.profile = profile;
  demand.trust = input.trust;
  demand.chain.time = input.time;
  demand.chain.partial = input.partial;
  return verify({input.chain}, demand).chain_result;
}

/// Throws InputError for a name that no server could prove under any policy.
void check_stated_names(const CheckOptions& options, const std::vector<Policy>& policies) {
  const NameRules rules = policies.size() == 1 ? policies.front().rules : NameRules{};
  for (const auto& name : options.names) host_from_word(name, "--name", rules);
  if (!options.mx_host.empty()) host_from_word(options.mx_host, "--mx", rules);
  if (!options.domain.empty()) domain_from_word(options.domain, "--domain", rules);
}

int run_check(const CheckOptions& options) {
  const auto policies = policies_of(options);
  check_stated_names(options, policies);
  const TrustStore trust = trust_of(options);
  CheckInput input;
  input.chain = certificates_from(read_text_file(options.chain), options.chain);
  input.trust = &trust;
  input.partial = options.partial_chain ? PartialChain::accept : PartialChain::refuse;
  input.time = time_of(options.at);
  input.names = options.names;
  input.mx_host = options.mx_host;
  input.domain = options.domain;
  input.tlsa = tlsa_of(options.tlsa);
  input.sts = sts_of(options.sts_policy);
  const auto presented = read_presented_names(input.chain.front());
  std::vector<PolicyAnswer> answers;
  for (const auto& policy : policies) answers.push_back(check_policy(input, presented, policy));
  if (answers.size() == 1 && answers.front().decision == CheckDecision::not_asked) {
    throw InputError("--policy", "",
                     fmt::format("{} needs a name to prove: --name, --mx or --domain", options.policy));
  }
  std::optional<SenderPage> senders;
  if (options.senders) {
    if (input.mx_host.empty()) throw InputError("--senders", "", "needs the MX host's name: --mx");
    const SenderBook book(options.baselines.empty() ? data_dirs().baselines
                                                    : std::filesystem::path(options.baselines));
    senders = SenderPage{input.mx_host, book.look_up(input, OffersTls::yes)};
  }
  const ChainResult chain = chain_alone(input, profile_from_string(options.profile).value_or(Profile::mail));
  if (options.json) {
    ordered_json out{
        {"schema", "mxident-check/1"}, {"time", format_rfc3339(input.time)}, {"sent", input.chain.size()}};
    out["names"] = names_json(presented);
    out["certificates"] = certificates_json(input.chain);
    out["chain"] = chain_json(chain);
    out["policies"] = ordered_json::array();
    for (const auto& answer : answers) out["policies"].push_back(answer_json(answer));
    if (senders) out["senders"] = ordered_json::array({senders_json(*senders)});
    fmt::print("{}\n", out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    fmt::print("at {}, {} certificate{} sent; chain: {} ({})\n", format_rfc3339(input.time),
               input.chain.size(), input.chain.size() == 1 ? "" : "s", to_string(chain.reason),
               info(chain.reason).sentence);
    for (const auto& answer : answers) print_answer(answer, input, presented);
    if (senders) fmt::print("\n{}", senders_text(*senders));
  }
  const bool rejected = std::any_of(answers.begin(), answers.end(), [](const auto& answer) {
    return answer.decision == CheckDecision::reject;
  });
  return rejected ? kExitNews : kExitOk;
}

}  // namespace

void add_check_command(CLI::App& app, Invocation& invocation) {
  auto* const command = app.add_subcommand("check", "Ask policies about a certificate chain in a file");
  const auto options = std::make_shared<CheckOptions>();
  command->add_option("--chain", options->chain, "certificates (PEM) as sent, the server's own first")
      ->required();
  command->add_option("--ca", options->anchors, "trust anchors (PEM); several files");
  command->add_flag("--system-trust", options->system_trust, "trust what this system trusts as well");
  command->add_flag("--partial-chain", options->partial_chain, "an anchor need not be self-signed");
  command->add_option("--name", options->names, "name or address to prove; several: one suffices");
  command->add_option("--mx", options->mx_host, "MX host: what most policies want proved");
  command->add_option("--domain", options->domain, "recipient domain: what nexthop wants proved");
  command->add_option("--policy", options->policy, "policy id, JSON of a refined one, or \"all\"")
      ->capture_default_str();
  command
      ->add_option("--profile", options->profile,
                   "what certificates are held to: mail (the default), strict (RFC 5280's duties of "
                   "authorities), webpki (CA/Browser Forum)")
      ->check(CLI::IsMember({"mail", "strict", "webpki"}));
  command->add_option("--at", options->at, "time of the check, RFC 3339; now by default");
  command->add_option("--tlsa", options->tlsa, "TLSA record, as if found secure: \"3 1 1 HEX\"");
  command->add_option("--sts-policy", options->sts_policy,
                      "MTA-STS policy file, as if fetched for the domain");
  auto* const senders =
      command->add_flag("--senders", options->senders, "what known senders would do, as recorded");
  command
      ->add_option("--baselines", options->baselines, "folder of recorded senders (default: the shipped one)")
      ->needs(senders);
  command->add_flag("--json", options->json, "JSON instead of text");
  command->footer(
      "Exit code 1: rejected.\n"
      "Example: mxident check --chain chain.pem --ca root.pem --mx mx1.example.test");
  command->callback([options, &invocation] { invocation.exit_code = run_check(*options); });
}

}  // namespace mxident::harness::cli
