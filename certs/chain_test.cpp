// Minted paths, judged by libcrypto: sound ones hold, and a fault is the fault that was asked for.
#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include <ostream>

#include "certs/mint.hpp"
#include "certs/test_support.hpp"

namespace mxident::certs {
namespace {

using test::cn;
using test::dns;
using test::ordinary;
using test::parse;

constexpr std::int64_t kNow = 1750000000;  // 2025-06-15

using Store = OpensslPtr<X509_STORE, X509_STORE_free>;
using StoreContext = OpensslPtr<X509_STORE_CTX, X509_STORE_CTX_free>;

/// X509_V_OK, or the error of the path that a client would build from what the server sends.
int verify(const Chain& chain, std::int64_t at) {
  const Store store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), parse(test::authority().root.der).get());
  STACK_OF(X509)* const sent = sk_X509_new_null();
  for (const auto& der : chain.sends) sk_X509_push(sent, parse(der).release());
  const StoreContext context(X509_STORE_CTX_new());
  const auto leaf = parse(chain.leaf.der);
  X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), sent);
  X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_SERVER);
  X509_STORE_CTX_set_time(context.get(), 0, at);
  const int done = X509_verify_cert(context.get());
  const int error = X509_STORE_CTX_get_error(context.get());
  sk_X509_pop_free(sent, X509_free);
  EXPECT_EQ(done == 1, error == X509_V_OK);
  return error;
}

struct PathRow {
  const char* name;
  CertificateRequests requests;  ///< the leaf is "mx"
  int expected;
  std::int64_t at = kNow;
};
void PrintTo(const PathRow& row, std::ostream* out) {
  *out << row.name;
}

class PathTest : public testing::TestWithParam<PathRow> {};

TEST_P(PathTest, HasTheStatedFaultOrNone) {
  const auto chains = mint(GetParam().requests, test::authority(), test::keys());
  const int error = verify(chains.at("mx"), GetParam().at);
  EXPECT_EQ(error, GetParam().expected) << X509_verify_cert_error_string(error);
}

CertificateRequest issued_by(const char* issuer) {
  auto request = ordinary();
  request.issuer = issuer;
  return request;
}

template <class Change>
CertificateRequest leaf(Change change) {
  auto request = ordinary();
  change(request);
  return request;
}

/// The leaf, and "ca" above it, changed.
template <class Change>
CertificateRequests below_ca(Change change) {
  CertificateRequest ca;
  ca.spec.subject = {{cn("ca")}};
  ca.spec.ca = true;
  change(ca);
  return {{"ca", ca}, {"mx", issued_by("ca")}};
}

/// Two CAs above the leaf, the upper one with that path length.
CertificateRequests two_cas(unsigned path_length) {
  auto requests = below_ca([](auto& ca) { ca.issuer = "upper"; });
  requests["upper"].spec.subject = {{cn("upper")}};
  requests["upper"].spec.ca = true;
  requests["upper"].spec.path_length = path_length;
  return requests;
}

CertificateRequests constrained(NameConstraints constraints, std::vector<GeneralName> names) {
  auto requests = below_ca([&](auto& ca) { ca.spec.name_constraints = constraints; });
  requests["mx"].spec.san = std::move(names);
  requests["mx"].spec.subject = {{test::attribute("2.5.4.10", "o")}};
  return requests;
}

CertificateRequests ca_key(KeyType type) {
  return below_ca([type](auto& ca) { ca.spec.key = type; });
}

const Octets kNet192 = test::from_hex("c0000200ffffff00");
const GeneralName kNetConstraint{NameType::ip, kNet192, {}};

const PathRow kPaths[] = {
    {"ordinary", {{"mx", ordinary()}}, X509_V_OK},
    {"issued_by_root", {{"mx", issued_by("root")}}, X509_V_OK},
    {"ca_of_a_scenario", below_ca([](auto&) {}), X509_V_OK},
    {"ca_p384", ca_key(KeyType::p384), X509_V_OK},
    {"ca_ed25519", ca_key(KeyType::ed25519), X509_V_OK},
    {"ca_rsa2048", ca_key(KeyType::rsa2048), X509_V_OK},
    {"other_key_identifier", below_ca([](auto& ca) { ca.spec.subject_key_identifier = "given"; }), X509_V_OK},
    {"no_key_identifier", below_ca([](auto& ca) { ca.spec.subject_key_identifier = ""; }), X509_V_OK},

    {"sends_reversed",
     {{"mx", leaf([](auto& r) {
         r.sends = {{"root", "intermediate", "leaf"}};
       })}},
     X509_V_OK},
    {"sends_too_much",
     {{"mx", leaf([](auto& r) {
         r.sends = {{"leaf", "unknown-ca", "leaf", "intermediate", "root"}};
       })}},
     X509_V_OK},
    {"sends_no_intermediate",
     {{"mx", leaf([](auto& r) { r.sends = {{"leaf"}}; })}},
     X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY},

    {"expired", {{"mx", leaf([](auto& r) { r.spec.validity.to = kNow - 1; })}}, X509_V_ERR_CERT_HAS_EXPIRED},
    {"not_expired", {{"mx", leaf([](auto& r) { r.spec.validity.to = kNow + 1; })}}, X509_V_OK},
    {"not_yet",
     {{"mx", leaf([](auto& r) { r.spec.validity.from = kNow + 1; })}},
     X509_V_ERR_CERT_NOT_YET_VALID},
    {"from_now_on", {{"mx", leaf([](auto& r) { r.spec.validity.from = kNow; })}}, X509_V_OK},
    {"expired_ca", below_ca([](auto& ca) { ca.spec.validity.to = kNow - 1; }), X509_V_ERR_CERT_HAS_EXPIRED},
    {"good_in_generalized_time", {{"mx", ordinary()}}, X509_V_OK, 4000000000},
    {"reported_certificate_today",
     {{"mx", leaf([](auto& r) {
         r.spec.validity = {1347451016, 1370634207};
       })}},
     X509_V_ERR_CERT_HAS_EXPIRED},

    {"unknown_ca", {{"mx", issued_by("unknown-ca")}}, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY},
    {"unknown_ca_sent",
     {{"mx", leaf([](auto& r) {
         r.issuer = "unknown-ca";
         r.sends = {{"leaf", "unknown-ca"}};
       })}},
     X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN},
    {"self_signed", {{"mx", issued_by("self")}}, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT},
    {"own_root", below_ca([](auto& ca) { ca.issuer = "self"; }),
     X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY},

    {"path_length_kept", two_cas(1), X509_V_OK},
    {"path_length_exceeded", two_cas(0), X509_V_ERR_PATH_LENGTH_EXCEEDED},
    {"issuer_is_no_ca", below_ca([](auto& ca) { ca.spec.ca = false; }), X509_V_ERR_INVALID_CA},
    {"issuer_without_basic_constraints", below_ca([](auto& ca) {
       ca.spec.without = {"2.5.29.19", "2.5.29.15"};
     }),
     X509_V_ERR_INVALID_CA},
    {"issuer_may_not_sign", below_ca([](auto& ca) { ca.spec.key_usage = 1U << 6U; }), X509_V_ERR_INVALID_CA},

    {"permitted_name", constrained({{dns("example.test")}, {}, true}, {dns("mx.example.test")}), X509_V_OK},
    {"name_not_permitted",
     constrained({{dns("example.test")}, {}, true}, {dns("mx.example.test"), dns("mx.other.test")}),
     X509_V_ERR_PERMITTED_VIOLATION},
    {"excluded_name",
     constrained({{dns("example.test")}, {dns("mx.example.test")}, true}, {dns("mx.example.test")}),
     X509_V_ERR_EXCLUDED_VIOLATION},
    {"permitted_address",
     constrained({{kNetConstraint}, {}, true}, {{NameType::ip, test::from_hex("c0000219"), {}}}), X509_V_OK},
    {"address_not_permitted",
     constrained({{kNetConstraint}, {}, true}, {{NameType::ip, test::from_hex("c6336419"), {}}}),
     X509_V_ERR_PERMITTED_VIOLATION},

    {"client_purpose_only",
     {{"mx", leaf([](auto& r) { r.spec.extended_key_usage = {{"1.3.6.1.5.5.7.3.2"}}; })}},
     X509_V_ERR_INVALID_PURPOSE},
    {"no_stated_purpose", {{"mx", leaf([](auto& r) { r.spec.extended_key_usage.emplace(); })}}, X509_V_OK},
    {"unknown_critical_extension",
     {{"mx", leaf([](auto& r) {
         r.spec.extensions = {{"1.2.3.4", true, "x"}};
       })}},
     X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION},
    {"unknown_extension",
     {{"mx", leaf([](auto& r) {
         r.spec.extensions = {{"1.2.3.4", false, "x"}};
       })}},
     X509_V_OK},
    {"nul_in_name_is_no_fault_of_the_path",
     {{"mx", leaf([](auto& r) { r.spec.san = {dns(test::raw("mx.test\0.evil.test"))}; })}},
     X509_V_OK},
};
INSTANTIATE_TEST_SUITE_P(Chain, PathTest, testing::ValuesIn(kPaths),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace mxident::certs
