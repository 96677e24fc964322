#include "harness/explore/matrix/server.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/explore/matrix/slot.hpp"

namespace mxident::harness::matrix {
namespace {

using Json = nlohmann::ordered_json;

/// Octets that a server can say as its name in a greeting.
bool is_one_word(const std::string& octets) {
  return !octets.empty() && octets.size() <= 253 && octets.front() != '{' &&
         std::all_of(octets.begin(), octets.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

Json plain_certificate(Json entry) {
  Json out;
  out["subject"] = Json::array({Json{{"o", "Example"}}});
  out["san"] = Json::array({std::move(entry)});
  return out;
}

Json right_entry(const Setting& s) {
  return s.literal() ? Json{{"ip", s.reference}} : Json{{"dns", s.reference}};
}

/// A client that asks for the domain, or for an address, gets a right certificate: so it must not ask for
/// that.
bool decoy(Json& certificates, Json& server, const Setting& s) {
  const std::string asked = s.literal() ? s.reference : s.domain;
  if (asked == s.reference && !s.literal()) return false;
  certificates["right"] = plain_certificate(right_entry(s));
  server["certificates_by_sni"][asked] = "right";
  return true;
}

/// The presented certificate is shown to those who ask for the host, an unrelated one to the others.
bool by_name(Json& certificates, Json& server, const Setting& s) {
  if (s.literal()) return false;
  certificates["other"] = plain_certificate(Json{{"dns", s.other()}});
  server["certificates_by_sni"][s.reference] = "mx";
  server["certificate"] = "other";
  return true;
}

bool word(Json& server, const char* key, const char* value) {
  server[key] = value;
  return true;
}

bool claims(Json& server, std::initializer_list<const char*> keys, const std::string& name,
            const Setting& s) {
  if (name == s.server || !is_one_word(name)) return false;
  for (const char* key : keys) server[key] = name;
  return true;
}

// clang-format off
#define SERVER(expression)                                                                                      \
  []([[maybe_unused]] Json & c, [[maybe_unused]] Json & server, [[maybe_unused]] const std::string& x,           \
     [[maybe_unused]] const Setting& s) -> bool { return expression; }

const ServerForm kServers[] = {
    {{"offered", "STARTTLS offered", {}}, CertificateSeen::yes, SERVER(true)},
    {{"hidden", "STARTTLS not offered", {"rfc3207-6-downgrade"}}, CertificateSeen::no, SERVER(word(server, "starttls", "hidden"))},
    {{"refused-454", "STARTTLS refused for now", {"rfc3207-4-responses"}}, CertificateSeen::no, SERVER(word(server, "starttls", "refused-454"))},
    {{"refused-502", "STARTTLS refused as unknown", {"rfc3207-6-downgrade"}}, CertificateSeen::no, SERVER(word(server, "starttls", "refused-502"))},
    {{"refused-554", "STARTTLS refused for good", {"rfc3207-6-downgrade"}}, CertificateSeen::no, SERVER(word(server, "starttls", "refused-554"))},
    {{"closed", "the connection closed in place of TLS", {"rfc3207-6-downgrade"}}, CertificateSeen::no, SERVER(word(server, "starttls", "closed"))},
    {{"injected", "replies injected before TLS", {"smtp-starttls-no-injection"}}, CertificateSeen::yes, SERVER(word(server, "starttls", "injected"))},
    {{"implicit", "TLS from the start", {"rfc8314-3.3-implicit"}}, CertificateSeen::yes, SERVER(word(server, "starttls", "implicit"))},
    {{"tls-1-2", "TLS 1.2", {}}, CertificateSeen::yes, SERVER(word(server, "tls_max", "1.2"))},
    {{"ehlo-presented", "the presented name in banner and EHLO", {"rfc5321-4.2-greeting-name", "rfc3207-6-banner-untrusted"}}, CertificateSeen::yes,
     SERVER(claims(server, {"banner", "ehlo"}, x, s))},
    {{"ehlo-other", "an unrelated name in banner and EHLO", {"rfc5321-4.2-greeting-name"}}, CertificateSeen::yes,
     SERVER(claims(server, {"banner", "ehlo"}, s.other(), s))},
    {{"ehlo-after-tls", "the presented name in the EHLO reply after TLS", {"rfc3207-4.2-reset"}}, CertificateSeen::yes,
     SERVER(claims(server, {"ehlo_after_tls"}, x, s))},
    {{"sni-host", "the certificate only for SNI of the host", {"rfc8446-4.4.2.2-sni-cert"}}, CertificateSeen::yes, SERVER(by_name(c, server, s))},
    {{"sni-decoy", "a right certificate for SNI of something else", {"rfc6066-sni-not-identity", "rfc6066-3-same-name"}}, CertificateSeen::yes,
     SERVER(decoy(c, server, s))},
};
#undef SERVER
// clang-format on

// clang-format off
const ChainForm kChains[] = {
    {{"good", "a good chain", {}}, [](Json&) {}},
    {{"expired", "expired", {"rfc5280-4.1.2.5-validity"}}, [](Json& c) { c["validity"] = "expired"; }},
    {{"not-yet", "not valid yet", {"rfc5280-4.1.2.5-validity"}}, [](Json& c) { c["validity"] = "not-yet"; }},
    {{"unknown-ca", "from an unknown authority", {"rfc5280-6-order"}}, [](Json& c) { c["issuer"] = "unknown-ca"; }},
    {{"self", "self-signed", {"rfc5280-6-order"}}, [](Json& c) { c["issuer"] = "self"; }},
};
// clang-format on

}  // namespace

std::span<const ServerForm> server_forms() {
  return kServers;
}
std::span<const ChainForm> chain_forms() {
  return kChains;
}

}  // namespace mxident::harness::matrix
