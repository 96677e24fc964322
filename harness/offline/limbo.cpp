#include "harness/offline/limbo.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "harness/input/public_suffix.hpp"
#include "harness/input/values.hpp"
#include "harness/offline/pem_input.hpp"
#include "verifier/verify.hpp"

namespace mxident::harness::cli {
namespace {

// Features of the suite that are out of scope, each with the reason.
struct Feature {
  std::string_view id, why;
};
constexpr std::array kSkipped{
    Feature{"has-crl", "revocation is not checked"},
    Feature{"has-cert-policies", "certificate policies are not part of a mail client's check"},
    Feature{"no-cert-policies", "certificate policies are not part of a mail client's check"},
    Feature{"has-policy-constraints", "certificate policies are not part of a mail client's check"},
    Feature{"pedantic-webpki-subscriber-key", "rules for issuing certificates are not a client's to check"},
    Feature{"pedantic-webpki-eku", "rules for issuing certificates are not a client's to check"},
    Feature{"pedantic-serial-number", "rules for issuing certificates are not a client's to check"},
    Feature{"pedantic-rfc5280", "rules for issuing certificates are not a client's to check"},
    Feature{"rfc5280-incompatible-with-webpki", "the case contradicts the rules of the web's authorities"},
};

bool has_feature(const JsonNode& testcase, std::string_view id) {
  const auto features = testcase.find("features");
  if (!features) return false;
  const auto all = features->strings();
  return std::find(all.begin(), all.end(), id) != all.end();
}

// Why the case is out of scope; nullopt where it is not.
std::optional<std::string> out_of_scope(const JsonNode& testcase) {
  if (testcase.at("validation_kind").string() != "SERVER") return "client certificates are not checked";
  for (const auto& feature : kSkipped) {
    if (has_feature(testcase, feature.id)) return fmt::format("{}: {}", feature.id, feature.why);
  }
  if (!testcase.at("signature_algorithms").array().empty()) return "signature algorithms cannot be narrowed";
  if (!testcase.at("key_usage").array().empty()) return "key usage cannot be demanded";
  for (const auto& usage : testcase.at("extended_key_usage").strings()) {
    if (usage != "serverAuth") return fmt::format("extended key usage {} cannot be demanded", usage);
  }
  return std::nullopt;
}

struct PeerName {
  std::string kind, value;
};

std::optional<PeerName> peer_name(const JsonNode& testcase) {
  const auto name = testcase.find("expected_peer_name");
  if (!name || name->value().is_null()) return std::nullopt;
  return PeerName{name->at("kind").string(), name->at("value").string()};
}

// Whole seconds. Fractions are cut: a certificate is valid to the end of its last second (RFC 5280 4.1.2.5).
std::int64_t time_of(const JsonNode& testcase, std::int64_t now) {
  const auto node = testcase.find("validation_time");
  if (!node || node->value().is_null()) return now;
  std::string text = node->string();
  const std::size_t dot = text.find('.');
  if (dot != std::string::npos) text.erase(dot, text.find_first_not_of("0123456789", dot + 1) - dot);
  const auto seconds = parse_rfc3339(text);
  if (!seconds) node->fail(fmt::format("found \"{}\", wanted a time of RFC 3339", text));
  return *seconds;
}

TrustStore anchors_of(const JsonNode& testcase) {
  TrustStore trust;
  for (const auto& pem : testcase.at("trusted_certs").strings()) {
    std::string ignored;  // an anchor that cannot be read vouches for nobody
    trust.add_pem(pem, ignored);
  }
  return trust;
}

std::vector<std::string> sent_of(const JsonNode& testcase) {
  const std::string place = testcase.pointer() + "/peer_certificate";
  auto sent = certificates_from(testcase.at("peer_certificate").string(), place);
  for (const auto& pem : testcase.at("untrusted_intermediates").strings()) {
    for (auto& der : certificates_from(pem, testcase.pointer() + "/untrusted_intermediates"))
      sent.push_back(std::move(der));
  }
  return sent;
}

LimboResult done(std::string id, LimboOutcome outcome, std::string_view context) {
  return {std::move(id), outcome, std::string(context)};
}

}  // namespace

LimboResult run_limbo_case(const JsonNode& testcase, std::int64_t now) {
  const std::string id = testcase.at("id").non_empty_string();
  if (auto why = out_of_scope(testcase)) return done(id, LimboOutcome::skipped, *why);
  const auto peer = peer_name(testcase);
  if (peer && peer->kind == "RFC822") return done(id, LimboOutcome::skipped, "mailboxes identify no server");
  const TrustStore trust = anchors_of(testcase);
  const auto sent = sent_of(testcase);
  Demand demand;
  demand.trust = &trust;
  demand.chain.time = time_of(testcase, now);
  demand.chain.partial = PartialChain::accept;  // the suite's anchors need not be self-signed
  if (const auto depth = testcase.find("max_chain_depth"); depth && !depth->value().is_null()) {
    demand.chain.max_intermediates = static_cast<int>(depth->integer(0, 100));
  }
  if (has_feature(testcase, "pedantic-public-suffix-wildcard")) {
    demand.policy.rules.public_suffix_guard = Switch::on;
  }
  if (peer) {
    demand.host = peer->value;
  } else {
    demand.policy.names = NameDemand::not_checked;
  }
  const Judgement found = verify({sent}, demand, public_suffix_test());
  if (found.accepted()) return done(id, LimboOutcome::success, to_string(found.reason));
  const bool chain = found.chain == Checked::failed;
  const std::string place = chain ? fmt::format(": certificate {}", found.chain_result.depth) : "";
  return done(id, LimboOutcome::failure, fmt::format("{}{}", to_string(found.reason), place));
}

}  // namespace mxident::harness::cli
