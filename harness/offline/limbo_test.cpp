// Profiles, and what the suite's form can ask, in cases of our own. Named as the suite names its like.
#include "harness/offline/limbo.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "certs/mint.hpp"

namespace mxident::harness::cli {
namespace {

using certs::NameType;
using Requests = certs::CertificateRequests;
using enum LimboOutcome;

constexpr std::int64_t kNow = 1767225600;  // 2026-01-01T00:00:00Z

certs::KeyPool& keys() {
  static certs::KeyPool pool;
  return pool;
}
const certs::Authority& authority() {
  static const certs::Authority made = certs::Authority::make(keys());
  return made;
}

certs::GeneralName dns(const char* name) {
  return {NameType::dns, name, {}};
}
certs::DistinguishedName cn(const char* text) {
  return {{{"2.5.4.3", {text, certs::StringType::utf8}}}};
}

/// "mx" below "ca" below "own", which is trusted.
Requests faultless() {
  Requests r;
  r["own"].spec.subject = cn("Own Root");
  r["own"].spec.ca = true;
  r["own"].issuer = "self";
  r["ca"].spec.subject = cn("Test CA");
  r["ca"].spec.ca = true;
  r["ca"].issuer = "own";
  r["mx"].spec.subject = cn("mx.example.test");
  r["mx"].spec.san = {dns("mx.example.test")};
  r["mx"].issuer = "ca";
  return r;
}

nlohmann::json limbo_case(const char* id, const Requests& requests) {
  const auto chains = certs::mint(requests, authority(), keys());
  nlohmann::json issuers = nlohmann::json::array();
  for (const auto& [name, chain] : chains) {
    if (name != "mx" && name != "own") issuers.push_back(chain.leaf.pem());
  }
  return {{"id", id},
          {"description", ""},
          {"validation_kind", "SERVER"},
          {"trusted_certs", {chains.at("own").leaf.pem()}},
          {"untrusted_intermediates", issuers},
          {"peer_certificate", chains.at("mx").leaf.pem()},
          {"signature_algorithms", nlohmann::json::array()},
          {"key_usage", nlohmann::json::array()},
          {"extended_key_usage", nlohmann::json::array()},
          {"expected_peer_name", {{"kind", "DNS"}, {"value", "mx.example.test"}}},
          {"expected_peer_names", nlohmann::json::array()}};
}

struct Row {
  const char* id;
  std::function<void(Requests&, nlohmann::json&)> change;
  LimboOutcome mail, strict, webpki;
  const char* rule = "";  ///< of the profile, where one rejects
};
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.id;
}

using J = nlohmann::json;
void add_constraints(Requests& r, const char* id, const std::string& der) {
  r[id].spec.extensions.push_back({"2.5.29.30", true, der});
}

const std::vector<Row>& rows() {
  static const std::vector<Row> made{
      {"faultless", [](Requests&, J&) {}, success, success, success},
      // Rules of strict.
      {"nc-leading-period",
       [](Requests& r, J&) {
         r["ca"].spec.name_constraints = {{dns(".example.test")}, {}, true};
       },
       success, failure, failure, "constraint-leading-dot"},
      {"nc-in-ee",
       [](Requests& r, J&) {
         r["mx"].spec.name_constraints = {{dns("example.test")}, {}, true};
       },
       success, failure, failure, "constraints-outside-authority"},
      {"san-noncritical-with-empty-subject", [](Requests& r, J&) { r["mx"].spec.subject.clear(); }, success,
       failure, failure, "san-not-critical"},
      {"san-underscore",
       [](Requests& r, J& j) {
         r["mx"].spec.san = {dns("mx_1.example.test")};
         r["mx"].spec.subject.clear();
         r["mx"].spec.san_critical = true;
         j["expected_peer_name"]["value"] = "mx_1.example.test";
       },
       success, failure, failure, "dns-name-syntax"},
      {"ca-empty-subject", [](Requests& r, J&) { r["ca"].spec.subject.clear(); }, success, failure, failure,
       "issuer-without-name"},
      {"root-missing-basic-constraints", [](Requests& r, J&) { r["own"].spec.without = {"2.5.29.19"}; },
       success, failure, failure, "issuer-basic-constraints"},
      {"leaf-ku-keycertsign", [](Requests& r, J&) { r["mx"].spec.key_usage = 1 << 0 | 1 << 5; }, success,
       failure, failure, "signs-without-authority"},
      // Rules of webpki.
      {"cn-not-in-san", [](Requests& r, J&) { r["mx"].spec.subject = cn("other.example.test"); }, success,
       success, failure, "common-name-outside-san"},
      {"san-critical-with-subject", [](Requests& r, J&) { r["mx"].spec.san_critical = true; }, success,
       success, failure, "san-critical"},
      {"ee-basic-constraints-ca",
       [](Requests& r, J&) {
         r["mx"].spec.ca = true;
         r["mx"].spec.key_usage = 1 << 0;
       },
       success, success, failure, "authority-as-server"},
      {"root-of-version-1",
       [](Requests& r, J&) {
         r["own"].spec.version = 1;
         r["own"].spec.without = {"2.5.29.19", "2.5.29.15", "2.5.29.14"};
       },
       success, failure, failure, "issuer-basic-constraints"},
      // Under every profile.
      {"nc-both-empty",
       [](Requests& r, J&) {
         add_constraints(r, "ca", {"\x30\x04\xa0\x00\xa1\x00", 6});
       },
       failure, failure, failure},
      {"nc-neither",
       [](Requests& r, J&) {
         add_constraints(r, "ca", {"\x30\x00", 2});
       },
       failure, failure, failure},
      {"nc-permits-invalid-dns-san",
       [](Requests& r, J&) {
         r["ca"].spec.name_constraints = {{dns("example.test")}, {}, true};
         r["mx"].spec.san->push_back(dns(".example.test"));
       },
       failure, failure, failure},
      {"max-chain-depth-1-self-issued",
       [](Requests& r, J& j) {
         r["roll"] = r["ca"];
         r["roll"].issuer = "ca";
         r["mx"].issuer = "roll";
         j["max_chain_depth"] = 1;
       },
       success, success, success},
      {"max-chain-depth-0-exhausted", [](Requests&, J& j) { j["max_chain_depth"] = 0; }, failure, failure,
       failure},
      {"key-usage-demanded", [](Requests&, J& j) { j["key_usage"] = {"digitalSignature"}; }, success, success,
       success},
      {"key-usage-demanded-and-missing", [](Requests&, J& j) { j["key_usage"] = {"keyEncipherment"}; },
       failure, failure, failure},
      // Of a pair that contradicts itself, under webpki the web's one counts.
      {"rfc5280::ca-as-leaf", [](Requests& r, J&) { r["mx"].spec.ca = true; }, failure, failure, skipped},
      {"webpki::ca-as-leaf", [](Requests& r, J&) { r["mx"].spec.ca = true; }, failure, failure, failure},
  };
  return made;
}

class LimboProfile : public testing::TestWithParam<Row> {};

TEST_P(LimboProfile, Outcomes) {
  const Row& row = GetParam();
  Requests requests = faultless();
  nlohmann::json changes = nlohmann::json::object();
  row.change(requests, changes);
  nlohmann::json testcase = limbo_case(row.id, requests);
  testcase.merge_patch(changes);
  const auto run = [&](Profile profile) {
    return run_limbo_case(JsonNode(testcase, "limbo.json"), kNow, profile);
  };
  EXPECT_EQ(run(Profile::mail).outcome, row.mail) << run(Profile::mail).context;
  EXPECT_EQ(run(Profile::strict).outcome, row.strict) << run(Profile::strict).context;
  const LimboResult webpki = run(Profile::webpki);
  EXPECT_EQ(webpki.outcome, row.webpki) << webpki.context;
  EXPECT_NE(webpki.context.find(row.rule), std::string::npos) << webpki.context;
}

INSTANTIATE_TEST_SUITE_P(Cases, LimboProfile, testing::ValuesIn(rows()), [](const auto& row) {
  std::string name = row.param.id;
  for (char& c : name) c = c == '-' || c == ':' ? '_' : c;
  return name;
});

}  // namespace
}  // namespace mxident::harness::cli
