#include "harness/explore/matrix/slot.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "harness/catalogue/read_certificate.hpp"
#include "harness/input/values.hpp"

namespace mxident::harness::matrix {
namespace {

using Json = nlohmann::ordered_json;
using Octets = const std::string&;

constexpr std::size_t kManyNames = 24;

std::string hex(const std::string& octets) {
  std::string out;
  for (const char c : octets) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

bool is_utf8(const std::string& octets) {
  try {
    Json(octets).dump();
    return true;
  } catch (const Json::exception&) {
    return false;
  }
}

Json entry(const char* type, Octets octets) {
  Json out;
  out[type] = text_json(octets);
  return out;
}
Json dns(Octets octets) {
  return entry("dns", octets);
}

/// An attribute of a subject. A UTF8String that is no UTF-8 keeps OpenSSL from sending the certificate at
/// all, so other octets go into a TeletexString.
Json attribute(const char* type, Octets octets) {
  Json out = entry(type, octets);
  if (out[type].is_object()) out[type]["encoding"] = "t61";
  return out;
}
Json cn(Octets octets) {
  return attribute("cn", octets);
}

/// An iPAddress entry: text of an address as its octets, anything else as it stands.
Json ip(Octets octets) {
  Json out;
  if (is_address_placeholder(octets) || parse_address(octets)) {
    out["ip"] = octets;
  } else {
    out["ip"]["hex"] = hex(octets);
  }
  return out;
}

Json server_address(const Setting& s) {
  return ip(s.address.value_or("{address:" + s.server + "}"));
}

/// An entry that names the reference rightly, so that all odd ones beside it must not matter.
Json right(const Setting& s) {
  return s.literal() ? ip(s.reference) : dns(s.reference);
}

Json list(std::initializer_list<Json> entries) {
  Json out = Json::array();
  for (const auto& one : entries) out.push_back(one);
  return out;
}

Json organisation() {
  return list({Json{{"o", "Example"}}});
}

void set(Json& certificate, Json subject, Json san) {
  certificate["subject"] = std::move(subject);
  if (!san.is_null()) certificate["san"] = std::move(san);
}

/// Only a SAN, under a subject that says nothing.
bool san(Json& certificate, Json entries) {
  set(certificate, organisation(), std::move(entries));
  return true;
}

/// A common name, with a SAN or without.
bool subject(Json& certificate, Json names, Json entries = nullptr) {
  set(certificate, std::move(names), std::move(entries));
  return true;
}

bool many(Json& c, Octets x, const Setting& s) {
  Json entries = Json::array();
  for (std::size_t i = 1; i < kManyNames; ++i) entries.push_back(dns(fmt::format("n{}.{}", i, s.other())));
  entries.push_back(dns(x));
  return san(c, std::move(entries));
}

/// A name of every kind that holds the octets, but none of the kinds that count for a host.
bool everywhere_else(Json& c, Octets x, const Setting& s) {
  return subject(
      c, list({attribute("ou", x), entry("emailAddress", "mx@" + x)}),
      list({entry("email", "mx@" + x), entry("uri", "smtp://" + x + "/"), entry("srv", "_smtp." + x),
            entry("xmpp", x), Json{{"dirname", list({cn(x)})}}, dns(s.other())}));
}

// clang-format off
#define SLOT(expression) [](Json & c, [[maybe_unused]] Octets x, [[maybe_unused]] const Setting& s) -> bool { return expression; }

const Slot kSlots[] = {
    {{"dns", "as the only dNSName", {}}, SLOT(san(c, list({dns(x)})))},
    {{"dns-first", "as the first dNSName of two", {"rfc9525-4.1-several-allowed"}}, SLOT(san(c, list({dns(x), dns(s.other())})))},
    {{"dns-last", "as the last dNSName of two", {"rfc9525-4.1-several-allowed"}}, SLOT(san(c, list({dns(s.other()), dns(x)})))},
    {{"dns-of-many", "as the last dNSName of many", {"rfc9525-4.1-several-allowed"}}, many},
    {{"dns-cn-same", "as dNSName and common name", {"cabf-7.1.4.3-cn-copy"}}, SLOT(subject(c, list({cn(x)}), list({dns(x)})))},
    {{"dns-cn-right", "as dNSName, the reference as common name", {"rfc9525-2-no-cn", "rfc6125-6.3-cn-last-resort"}},
     SLOT(subject(c, list({cn(s.reference)}), list({dns(x)})))},
    {{"dns-cn-other", "as dNSName, another common name", {"rfc9525-2-no-cn"}}, SLOT(subject(c, list({cn(s.other())}), list({dns(x)})))},
    {{"dns-beside-right", "as dNSName beside the right one", {"rfc9525-6.2-any-match"}}, SLOT(san(c, list({dns(x), right(s)})))},
    {{"dns-beside-address", "as dNSName beside the server's address", {"rfc9525-6.2-any-match"}},
     SLOT(san(c, list({dns(x), server_address(s)})))},
    {{"dns-no-subject", "as dNSName under an empty subject", {"rfc5280-4.2.1.6-critical-empty"}},
     SLOT((c["san_critical"] = true, subject(c, Json::array(), list({dns(x)}))))},

    {{"cn", "as common name, no SAN", {"rfc9525-2-no-cn", "rfc6125-6.4.4-cn-same-rules"}}, SLOT(subject(c, list({cn(x)})))},
    {{"cn-printable", "as common name of type PrintableString, no SAN", {"rfc9525-2-no-cn", "rfc5280-4.1.2.4-cn-encodings"}},
     SLOT(subject(c, list({Json{{"cn", {{"hex", hex(x)}, {"encoding", "printable"}}}}})))},
    {{"cn-first", "as the first common name of two, no SAN", {"rfc9525-2-no-cn", "rfc2818-3.1-most-specific-cn"}},
     SLOT(subject(c, list({cn(x), cn(s.other())})))},
    {{"cn-last", "as the last common name of two, no SAN", {"rfc9525-2-no-cn", "rfc2818-3.1-most-specific-cn"}},
     SLOT(subject(c, list({cn(s.other()), cn(x)})))},
    {{"cn-before-unit", "as common name before a unit, no SAN", {"rfc9525-2-no-cn"}},
     SLOT(subject(c, list({cn(x), attribute("ou", s.other())})))},
    {{"cn-in-pair", "as common name in an RDN with another one, no SAN", {"rfc9525-2-no-cn", "rfc6125-1.8-cnid-shape"}},
     SLOT(subject(c, list({list({cn(x), cn(s.other())})})))},
    {{"cn-empty-san", "as common name, an empty SAN", {"rfc9525-2-no-cn", "rfc5280-4.2.1.6-empty-seq"}},
     SLOT(subject(c, list({cn(x)}), Json::array()))},
    {{"cn-dns-other", "as common name, another dNSName", {"rfc9525-2-no-cn", "rfc6125-6.3-cn-last-resort", "rfc2818-3.1-dnsname-first"}},
     SLOT(subject(c, list({cn(x)}), list({dns(s.other())})))},
    {{"cn-dns-right", "as common name, the right dNSName", {"rfc9525-6.2-any-match"}}, SLOT(subject(c, list({cn(x)}), list({right(s)})))},
    {{"cn-ip", "as common name, an iPAddress of the server", {"rfc9525-2-no-cn", "rfc6125-6.3-ipaddress-not-listed"}},
     SLOT(subject(c, list({cn(x)}), list({server_address(s)})))},
    {{"cn-email", "as common name, a mailbox in the SAN", {"rfc9525-2-no-cn", "rfc6125-6.3-ipaddress-not-listed"}},
     SLOT(subject(c, list({cn(x)}), list({entry("email", "mx@" + s.other())})))},
    {{"cn-uri", "as common name, a URI in the SAN", {"rfc9525-2-no-cn", "rfc6125-6.3-cn-last-resort"}},
     SLOT(subject(c, list({cn(x)}), list({entry("uri", "smtp://" + s.other() + "/")})))},
    {{"cn-srv", "as common name, an SRVName in the SAN", {"rfc9525-2-no-cn", "rfc6125-6.3-cn-last-resort"}},
     SLOT(subject(c, list({cn(x)}), list({entry("srv", "_smtp." + s.other())})))},

    {{"ip", "as iPAddress", {"rfc9525-6.4-ip-octets"}}, SLOT(san(c, list({ip(x)})))},
    {{"ip-text", "as the text in an iPAddress", {"rfc9525-2-ipid-octets"}},
     SLOT(!is_address_placeholder(x) && san(c, list({Json{{"ip", {{"hex", hex(x)}}}}})))},
    {{"ip-cn-right", "as iPAddress, the reference as common name", {"rfc9525-2-no-cn", "rfc6125-6.3-ipaddress-not-listed"}},
     SLOT(subject(c, list({cn(s.reference)}), list({ip(x)})))},
    {{"ip-dns-other", "as iPAddress beside another dNSName", {"rfc9525-6.4-ip-octets"}}, SLOT(san(c, list({dns(s.other()), ip(x)})))},

    {{"uri", "as the host of a URI", {"rfc9525-3-state-srv-uri", "rfc7817-3-no-uri"}}, SLOT(san(c, list({entry("uri", "smtp://" + x + "/")})))},
    {{"uri-bare", "as a URI", {"rfc9525-7.2-uri-needs-both"}}, SLOT(san(c, list({entry("uri", x)})))},
    {{"uri-user", "as the user of a URI", {"rfc9525-6.2-uri-regname"}}, SLOT(san(c, list({entry("uri", "smtp://" + x + "@" + s.other() + "/")})))},
    {{"srv", "as the name of an SRVName", {"rfc9525-3-state-srv-uri"}}, SLOT(san(c, list({entry("srv", "_smtp." + x)})))},
    {{"srv-bare", "as an SRVName", {"rfc4985-srvname"}}, SLOT(san(c, list({entry("srv", x)})))},
    {{"email", "as the domain of an rfc822Name", {"rfc9525-1.3-four-id-types"}}, SLOT(san(c, list({entry("email", "mx@" + x)})))},
    {{"email-bare", "as an rfc822Name", {"rfc9525-1.3-four-id-types"}}, SLOT(san(c, list({entry("email", x)})))},
    {{"xmpp", "as an XmppAddr", {"rfc9525-1.3-four-id-types"}}, SLOT(san(c, list({entry("xmpp", x)})))},
    {{"smtputf8", "as the domain of a SmtpUTF8Mailbox", {"rfc9598-3-mailbox", "rfc9525-1.3-four-id-types"}},
     SLOT(san(c, list({entry("smtputf8", "m\xc3\xbc@" + x)})))},
    {{"dirname", "as common name of a directoryName", {"rfc9525-1.3-four-id-types"}}, SLOT(san(c, list({Json{{"dirname", list({cn(x)})}}})))},
    {{"dirname-cn-same", "as common name and in a directoryName", {"rfc9525-2-no-cn"}},
     SLOT(subject(c, list({cn(x)}), list({Json{{"dirname", list({cn(x)})}}})))},

    {{"organisation", "as organisation, no SAN", {"rfc9525-2-no-other-rdn", "rfc6125-6.2.1-no-other-rdn"}}, SLOT(subject(c, list({attribute("o", x)})))},
    {{"unit", "as unit, no SAN", {"rfc9525-2-no-other-rdn", "rfc6125-6.2.1-no-other-rdn"}}, SLOT(subject(c, list({attribute("ou", x)})))},
    {{"subject-email", "in the subject's mail address, no SAN", {"rfc9525-2-no-other-rdn", "rfc6125-6.2.1-no-other-rdn"}},
     SLOT(subject(c, list({entry("emailAddress", "mx@" + x)})))},
    {{"everywhere-else", "in every kind of name that does not count, another dNSName", {"rfc9525-1.3-four-id-types", "rfc9525-2-no-other-rdn"}}, everywhere_else},
    {{"nowhere", "nowhere: a certificate without names", {"rfc9525-4.1-at-least-one"}}, SLOT(subject(c, organisation()))},
};
#undef SLOT
// clang-format on

}  // namespace

std::span<const Slot> slots() {
  return kSlots;
}

Json text_json(const std::string& octets) {
  if (is_utf8(octets)) return octets;
  return {{"hex", hex(octets)}};
}

}  // namespace mxident::harness::matrix
