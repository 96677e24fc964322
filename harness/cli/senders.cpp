#include "harness/cli/senders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <set>

#include "certs/mint.hpp"
#include "harness/catalogue/load.hpp"
#include "harness/cli/catalogue.hpp"
#include "harness/driver/clients.hpp"
#include "harness/guide/guide.hpp"
#include "harness/input/data_dirs.hpp"
#include "harness/run/plan.hpp"
#include "harness/world/world_builder.hpp"
#include "verifier/policy.hpp"

namespace mxident::harness::cli {
namespace {

/// Comparisons of names and what came of each, whatever the names are.
void add_comparisons(const PolicyAnswer& answer, std::set<std::string>& out) {
  for (const auto& attempt : answer.judgement.names.attempts)
    out.insert(fmt::format("{} {} {}", to_string(answer.policy), to_string(attempt.presented_type),
                           to_string(attempt.reason)));
}

/// A server of which a look says all: no odd dialogue, no second host, no second certificate.
bool is_plain(const ScenarioServer& server) {
  const mocks::SmtpServerSpec& spec = server.spec;
  const bool one_address =
      spec.addresses.empty() || (spec.addresses.size() == 1 && !spec.addresses.front().certificate);
  return (spec.starttls == mocks::Starttls::offered || spec.starttls == mocks::Starttls::hidden) &&
         spec.replies.empty() && spec.then.empty() && spec.certificates_by_sni.empty() &&
         spec.sni == mocks::Sni::looked_at && spec.resumption == mocks::Resumption::none && one_address &&
         !server.states_tls_versions && spec.ports == std::vector<std::uint16_t>{25};
}

bool is_plain(const Scenario& scenario) {
  if (scenario.servers.size() != 1 || !is_plain(scenario.servers.front())) return false;
  if (scenario.domain.empty() || scenario.domain.starts_with("[") || scenario.clock) return false;
  if (!scenario.reference.empty() || !scenario.headers.empty() || !scenario.bait.empty()) return false;
  if (!scenario.expect_hosts.empty() || scenario.mta_sts.size() > 1) return false;
  return std::all_of(scenario.dns.lines.begin(), scenario.dns.lines.end(), [](const std::string& text) {
    const auto line = split_dns_line(text);
    return line && (line->type == "MX" || line->type == "TLSA");
  });
}

/// False where the look of `verify` could not see what the policy host does.
bool read_sts(const Scenario& scenario, CheckInput& input) {
  if (scenario.mta_sts.empty()) return true;
  const mocks::StsSpec& sts = scenario.mta_sts.front();
  const bool ordinary = sts.record && sts.record->starts_with("v=STSv1;") && sts.policy &&
                        sts.http_status == 200 && sts.location.empty() && sts.headers.empty() &&
                        sts.pad_to == 0 && sts.certificate.starts_with(kAutoPrefix) &&
                        fold_host(sts.domain) == fold_host(scenario.domain);
  if (!ordinary) return false;
  input.sts = parse_sts_policy(*sts.policy).policy;
  return input.sts.has_value();
}

/// TLSA records as a validating resolver finds them; false where it would find anything but secure ones.
bool read_tlsa(const Scenario& scenario, const std::vector<std::string>& lines, CheckInput& input) {
  const bool secure = std::all_of(scenario.dns.zones.begin(), scenario.dns.zones.end(),
                                  [](const auto& zone) { return zone.second == mocks::ZoneState::secure; });
  if (!secure) return false;
  const std::string owner = fold_host("_25._tcp." + input.mx_host);
  for (const auto& text : lines) {
    const auto line = split_dns_line(text);
    if (!line || line->type != "TLSA") continue;
    if (fold_host(line->owner) != owner || scenario.dns.zones.empty()) return false;
    auto record = tlsa_from_text(fmt::format("{}", fmt::join(line->data, " ")));
    if (!record) return false;
    input.tlsa.push_back(std::move(*record));
  }
  return true;
}

/// For people; the first thing that is wrong, or that nothing is.
std::string sentence_of(const CheckInput& input, OffersTls offers_tls) {
  if (offers_tls == OffersTls::no) return "offers no TLS";
  const auto presented = read_presented_names(input.chain.front());
  const auto chain = check_policy(input, presented, policy(PolicyId::chain_only));
  const auto name = check_policy(input, presented, policy(PolicyId::rfc9525));
  std::string out =
      fmt::format("chain: {}; name of {}: {}", info(chain.reason).sentence, input.mx_host,
                  name.judgement.name == Checked::not_checked ? "not looked at"
                                                              : info(name.judgement.names.reason).sentence);
  if (!input.tlsa.empty())
    out += fmt::format("; DANE: {}",
                       info(check_policy(input, presented, policy(PolicyId::dane)).reason).sentence);
  if (input.sts)
    out += fmt::format("; MTA-STS: {}",
                       info(check_policy(input, presented, policy(PolicyId::mta_sts)).reason).sentence);
  return out;
}

}  // namespace

std::string situation_of(const CheckInput& input, OffersTls offers_tls) {
  std::string out = offers_tls == OffersTls::yes ? "tls\n" : "no tls\n";
  out += fmt::format("tlsa {} sts {}\n", input.tlsa.empty() ? "no" : "yes",
                     input.sts ? to_string(input.sts->mode) : "no");
  if (offers_tls == OffersTls::no) return out;
  const auto presented = read_presented_names(input.chain.front());
  std::set<std::string> comparisons;
  for (const Policy& asked : all_policies()) {
    if (asked.id == PolicyId::nexthop && input.domain.empty()) continue;  // nothing to compare with
    const PolicyAnswer answer = check_policy(input, presented, asked);
    // How near a certificate for the host comes to the domain is nobody's business but nexthop's.
    const std::string_view reason = asked.id == PolicyId::nexthop ? "-" : to_string(answer.reason);
    out += fmt::format("{} {} {} {} {} {}\n", to_string(answer.policy), to_string(answer.decision), reason,
                       answer.remark ? to_string(*answer.remark) : "-", to_string(answer.judgement.chain),
                       to_string(answer.judgement.name));
    if (asked.id == PolicyId::rfc9525 || asked.id == PolicyId::rfc2818) add_comparisons(answer, comparisons);
  }
  for (const auto& comparison : comparisons) out += comparison + "\n";
  return out;
}

struct SenderBook::Parts {
  std::vector<Scenario> scenarios;
  std::vector<Client> clients;
  std::vector<Baseline> baselines;
  std::map<std::string, std::vector<std::size_t>> by_situation;
  std::int64_t now = std::time(nullptr);
  certs::KeyPool keys;
  certs::Authority authority = certs::Authority::make(keys);

  void read(std::size_t index, const TrustStore& trust);
  SenderAnswer answer(const Baseline& baseline, const Client& client, const ClientMode& mode,
                      const std::vector<std::size_t>& places) const;
};

void SenderBook::Parts::read(std::size_t index, const TrustStore& trust) {
  const Scenario& scenario = scenarios[index];
  if (!is_plain(scenario)) return;
  const BuiltWorld built = build_world(scenario, 1, mocks::Placement::namespaced, authority, keys);
  CheckInput input;
  input.trust = &trust;
  input.time = now;
  input.mx_host = preferred_host(scenario);
  input.domain = scenario.domain;
  const ScenarioServer& server = scenario.servers.front();
  if (fold_host(input.mx_host) != fold_host(server.spec.host)) return;
  if (!read_sts(scenario, input) || !read_tlsa(scenario, built.spec.dns.lines, input)) return;
  const auto chain = built.spec.certificates.find(server.spec.certificate);
  const bool offers = server.spec.starttls == mocks::Starttls::offered;
  if (offers && (chain == built.spec.certificates.end() || chain->second.sends.empty())) return;
  if (offers) input.chain = chain->second.sends;
  const OffersTls offers_tls = offers ? OffersTls::yes : OffersTls::no;
  by_situation[situation_of(input, offers_tls)].push_back(index);
  // For who asks about a host and names no domain.
  input.domain.clear();
  by_situation[situation_of(input, offers_tls)].push_back(index);
}

SenderAnswer SenderBook::Parts::answer(const Baseline& baseline, const Client& client, const ClientMode& mode,
                                       const std::vector<std::size_t>& places) const {
  SenderAnswer out{baseline.client,
                   baseline.version,
                   baseline.recorded,
                   mode.id,
                   mode.title,
                   std::string(to_string(mode.policy.id)),
                   {},
                   0,
                   {},
                   "",
                   ""};
  const ClientColumn column{&client, &mode, "", "", ""};
  for (const auto index : places) {
    const Scenario& scenario = scenarios[index];
    const auto known = recorded_cell(baseline, mode.id, scenario.id, scenario.digest);
    if (!known || known->outcome == Outcome::unsupported) continue;
    std::optional<Decision> decision = known->decision;
    if (!decision) {
      const std::string host = make_cell(scenario, index, column, 0, Expected::either).host;
      const auto expected = expected_of(scenario, column, host, now);
      if (expected && *expected != Expected::either) decision = decision_from_string(to_string(*expected));
    }
    if (!decision) continue;
    ++out.trials;
    out.differs.emplace(*decision, scenario.id);
    for (const auto& end : known->sometimes) {
      if (end.decision) out.differs.emplace(*end.decision, scenario.id);
    }
    if (!known->claim.empty()) out.claim = known->claim;
    if (const auto note = baseline.notes.find(known->note); note != baseline.notes.end())
      out.behaviour = note->second.behaviour;
  }
  if (out.differs.size() == 1) {
    out.decision = out.differs.begin()->first;
    out.differs.clear();
  }
  return out;
}

SenderBook::SenderBook(const std::filesystem::path& baselines) : parts_(std::make_unique<Parts>()) {
  if (baselines != data_dirs().baselines && !std::filesystem::is_directory(baselines))
    throw InputError("--baselines", "",
                     fmt::format("found \"{}\", wanted a folder", printable(baselines.string())));
  parts_->scenarios = load_scenarios({});
  for (auto& manifest : load_manifests(data_dirs().clients))
    parts_->clients.push_back({std::move(manifest), "", "", ""});
  parts_->baselines = load_all_baselines(baselines);
  TrustStore trust;
  std::string error;
  trust.add_pem(parts_->authority.root.pem(), error);
  for (std::size_t i = 0; i < parts_->scenarios.size(); ++i) parts_->read(i, trust);
}

SenderBook::~SenderBook() = default;

SenderBook::Page SenderBook::look_up(const CheckInput& input, OffersTls offers_tls) const {
  Page out;
  out.situation = sentence_of(input, offers_tls);
  const auto same = parts_->by_situation.find(situation_of(input, offers_tls));
  const std::vector<std::size_t> places =
      same == parts_->by_situation.end() ? std::vector<std::size_t>() : same->second;
  for (const auto index : places) out.scenarios.push_back(parts_->scenarios[index].id);
  for (const auto& baseline : parts_->baselines) {
    const auto client = std::find_if(parts_->clients.begin(), parts_->clients.end(),
                                     [&](const Client& c) { return c.manifest.id == baseline.client; });
    if (client == parts_->clients.end()) continue;
    for (const auto& mode : client->manifest.modes) {
      const bool answerable = !input.domain.empty() || mode.policy.id != PolicyId::nexthop;
      out.answers.push_back(
          parts_->answer(baseline, *client, mode, answerable ? places : std::vector<std::size_t>()));
    }
  }
  return out;
}

}  // namespace mxident::harness::cli
