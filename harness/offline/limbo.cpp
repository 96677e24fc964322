#include "harness/offline/limbo.hpp"

#include <fmt/format.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "harness/input/public_suffix.hpp"
#include "harness/input/values.hpp"
#include "harness/offline/pem_input.hpp"
#include "verifier/openssl_ptr.hpp"
#include "verifier/verify.hpp"

namespace mxident::harness::cli {
namespace {

// Features of the suite that are out of scope, each with the reason.
struct Feature {
  std::string_view id, why;
};
constexpr std::array kSkipped{
    Feature{"has-crl", "revocation is not checked"},
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

// Cases that webpki::ca-as-leaf contradicts, with the same certificates: no verifier can pass both. Under
// webpki the one of the web's authorities counts.
constexpr std::array<std::string_view, 2> kAuthorityAsServer{"rfc5280::ca-as-leaf",
                                                             "pathlen::validation-ignores-pathlen-in-leaf"};

// Why the case is out of scope; nullopt where it is not.
std::optional<std::string> out_of_scope(const JsonNode& testcase, Profile profile) {
  const std::string id = testcase.at("id").string();
  if (profile == Profile::webpki &&
      std::find(kAuthorityAsServer.begin(), kAuthorityAsServer.end(), id) != kAuthorityAsServer.end()) {
    return "contradicts webpki::ca-as-leaf: an authority's certificate as the server's";
  }
  if (testcase.at("validation_kind").string() != "SERVER") return "client certificates are not checked";
  for (const auto& feature : kSkipped) {
    if (has_feature(testcase, feature.id)) return fmt::format("{}: {}", feature.id, feature.why);
  }
  if (!testcase.at("signature_algorithms").array().empty()) return "signature algorithms cannot be narrowed";
  for (const auto& usage : testcase.at("extended_key_usage").strings()) {
    if (usage != "serverAuth") return fmt::format("extended key usage {} cannot be demanded", usage);
  }
  return std::nullopt;
}

// Bits of KeyUsage (RFC 5280 4.2.1.3) as libcrypto gives them.
struct UsageWord {
  std::string_view word;
  std::uint32_t bit;
};
constexpr std::array<UsageWord, 9> kUsages{{{"digitalSignature", KU_DIGITAL_SIGNATURE},
                                            {"contentCommitment", KU_NON_REPUDIATION},
                                            {"keyEncipherment", KU_KEY_ENCIPHERMENT},
                                            {"dataEncipherment", KU_DATA_ENCIPHERMENT},
                                            {"keyAgreement", KU_KEY_AGREEMENT},
                                            {"keyCertSign", KU_KEY_CERT_SIGN},
                                            {"cRLSign", KU_CRL_SIGN},
                                            {"encipherOnly", KU_ENCIPHER_ONLY},
                                            {"decipherOnly", KU_DECIPHER_ONLY}}};

// Usages that the case demands of the server's certificate beside what TLS needs; without the extension it
// has all.
bool has_demanded_usages(const JsonNode& testcase, const std::string& leaf) {
  const X509Ptr certificate = parse_x509(leaf);
  const std::uint32_t usage = certificate != nullptr ? X509_get_key_usage(certificate.get()) : 0;
  for (const auto& element : testcase.at("key_usage").array()) {
    const std::string word = element.string();
    const auto row =
        std::find_if(kUsages.begin(), kUsages.end(), [&](const auto& r) { return r.word == word; });
    if (row == kUsages.end()) element.fail(fmt::format("found \"{}\", wanted a key usage of RFC 5280", word));
    if ((usage & row->bit) == 0) return false;
  }
  return true;
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

LimboResult run_limbo_case(const JsonNode& testcase, std::int64_t now, Profile profile) {
  const std::string id = testcase.at("id").non_empty_string();
  if (auto why = out_of_scope(testcase, profile)) return done(id, LimboOutcome::skipped, *why);
  const auto peer = peer_name(testcase);
  if (peer && peer->kind == "RFC822") return done(id, LimboOutcome::skipped, "mailboxes identify no server");
  const TrustStore trust = anchors_of(testcase);
  const auto sent = sent_of(testcase);
  Demand demand;
  demand.policy.profile = profile;
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
  if (found.accepted()) {
    if (has_demanded_usages(testcase, sent.front()))
      return done(id, LimboOutcome::success, to_string(found.reason));
    return done(id, LimboOutcome::failure, "the key usage that the case demands is missing");
  }
  std::string context(to_string(found.reason));
  if (found.chain == Checked::failed) context += fmt::format(": certificate {}", found.chain_result.depth);
  if (found.reason == Reason::chain_profile) context += fmt::format(": {}", found.chain_result.library_text);
  return done(id, LimboOutcome::failure, context);
}

}  // namespace mxident::harness::cli
