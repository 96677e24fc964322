#include "harness/explore/matrix/setting.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>

namespace mxident::harness::matrix {
namespace {

/// `domain`'s mail goes to `host`.
Setting mail_host(const std::string& token, const std::string& parent, const std::string& domain,
                  const std::string& host) {
  return {token, parent, domain, host, host, std::nullopt, {fmt::format("{}. MX 10 {}.", domain, host)}};
}

std::string zone(const std::string& token, const std::string& parent) {
  return token + "." + parent;
}

/// The usual host: `first` before the zone of the cell.
Setting below_zone(const std::string& first, const std::string& token, const std::string& parent) {
  return mail_host(token, parent, zone(token, parent), first + "." + zone(token, parent));
}

Setting alias(const std::string& token, const std::string& parent) {
  Setting out = below_zone("mx1", token, parent);
  out.server = "host." + token + "-target." + parent;
  out.dns.push_back(fmt::format("{}. CNAME {}.", out.reference, out.server));
  return out;
}

/// RFC 5321 5.1: a domain without MX records is its own mail host.
Setting implicit_mx(const std::string& token, const std::string& parent) {
  Setting out = mail_host(token, parent, zone(token, parent), zone(token, parent));
  out.dns.clear();
  return out;
}

/// A number of the token, for addresses that differ from cell to cell.
std::uint32_t number_of(const std::string& token) {
  std::uint32_t out = 2166136261u;
  for (const char c : token) out = (out ^ static_cast<unsigned char>(c)) * 16777619u;
  return out;
}

Setting literal(const std::string& token, const std::string& parent, const std::string& address,
                const std::string& text) {
  return {token, parent, text, address, "mx1." + zone(token, parent), address, {}};
}

Setting ipv4_literal(const std::string& token, const std::string& parent) {
  // TEST-NET-2 and -3 (RFC 5737), and never the first or last address of a network.
  const std::uint32_t number = number_of(token);
  const std::string address =
      fmt::format("{}.{}", number & 1 ? "198.51.100" : "203.0.113", 2 + (number >> 1) % 252);
  return literal(token, parent, address, fmt::format("[{}]", address));
}

Setting ipv6_literal(const std::string& token, const std::string& parent) {
  const std::uint32_t number = number_of(token);
  const std::string address =
      fmt::format("2001:db8:{:x}:{:x}::25", 1 + (number >> 16), 1 + (number & 0xffff) % 0xfffe);
  return literal(token, parent, address, fmt::format("[IPv6:{}]", address));
}

constexpr std::size_t kLabel = 63, kName = 253;  // RFC 1035 2.3.4

Setting longest_name(const std::string& token, const std::string& parent) {
  const std::string tail = "." + zone(token, parent);
  std::string front(kName - tail.size(), 'a');
  front.replace(0, 3, "mx1");
  for (std::size_t i = kLabel; i < front.size(); i += kLabel + 1) front[i] = '.';
  if (front.back() == '.') front.replace(front.size() - 2, 2, ".a");
  return mail_host(token, parent, zone(token, parent), front + tail);
}

using S = const std::string&;
// clang-format off
const ReferenceForm kForms[] = {
    {{"three-labels", "an MX host of three labels", {"rfc9525-6.1.1-default-dnsid"}}, [](S t, S p) { return below_zone("mx1", t, p); }},
    {{"four-labels", "an MX host of four labels", {"rfc9525-6.1.1-default-dnsid"}}, [](S t, S p) { return below_zone("mx1.eu", t, p); }},
    {{"two-labels", "an MX host above the domain", {"rfc9525-6.1.1-default-dnsid"}},
     [](S t, S p) { return mail_host(t, p, "in." + zone(t, p), zone(t, p)); }},
    {{"single-label", "an MX host of one label", {"rfc9525-silent-non-fqdn"}}, [](S t, S p) { return mail_host(t, p, zone(t, p), t); }},
    {{"implicit-mx", "a domain without MX record", {"rfc5321-5.1-mx-cname"}}, implicit_mx},
    {{"other-zone", "an MX host outside the domain", {"rfc9525-6.1.1-no-intermediate"}},
     [](S t, S p) { return mail_host(t, p, zone(t, p), "mx1." + t + "-provider." + p); }},
    {{"alias", "an MX host that is an alias", {"rfc5321-5.1-mx-cname"}}, alias},
    {{"a-label", "an MX host that begins with an A-label", {"rfc9525-6.3-ulabel-to-alabel"}},
     [](S t, S p) { return below_zone("xn--bcher-kva", t, p); }},
    {{"a-label-inside", "an MX host below an A-label", {"rfc9525-6.3-ulabel-to-alabel"}},
     [](S t, S p) { return below_zone("mx1.xn--bcher-kva", t, p); }},
    {{"upper-case", "an MX host in upper case", {"rfc9525-6.3-case-insensitive", "dns-case"}},
     [](S t, S p) {
       std::string host = "mx1." + zone(t, p);
       for (char& c : host) {
         if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
       }
       return mail_host(t, p, zone(t, p), host);
     }},
    {{"underscore", "an MX host with an underscore", {"dns-underscore"}}, [](S t, S p) { return below_zone("mx_1", t, p); }},
    {{"digits", "an MX host that begins with a label of digits", {"rfc1123-2.1-digit"}}, [](S t, S p) { return below_zone("127", t, p); }},
    {{"digits-last", "an MX host below a top label of digits", {"rfc1123-2.1-digit"}},
     [](S t, S p) { return mail_host(t, p, zone(t, p), "mx1." + t + ".123"); }},
    {{"hyphen-first", "an MX host that begins with a hyphen", {"rfc1034-3.5-syntax"}}, [](S t, S p) { return below_zone("-mx1", t, p); }},
    {{"hyphens-third-fourth", "an MX host with hyphens where an A-label has them", {"rfc5890-2.3.2.1-alabel"}},
     [](S t, S p) { return below_zone("mx--1", t, p); }},
    {{"label-63", "an MX host with a label of 63 octets", {"rfc1035-2.3.4-lengths"}},
     [](S t, S p) { return below_zone("mx1" + std::string(kLabel - 3, 'a'), t, p); }},
    {{"name-253", "an MX host of 253 octets", {"rfc1035-2.3.4-lengths"}}, longest_name},
    {{"ipv4-literal", "an IPv4 address literal", {"rfc9525-6.1.1-ip-gives-ipid"}}, ipv4_literal},
    {{"ipv6-literal", "an IPv6 address literal", {"rfc9525-6.1.1-ip-gives-ipid"}}, ipv6_literal},
};
// clang-format on

}  // namespace

std::span<const ReferenceForm> reference_forms() {
  return kForms;
}

std::vector<std::string> labels_of(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t at = 0;;) {
    const std::size_t dot = text.find('.', at);
    out.emplace_back(text.substr(at, dot == std::string_view::npos ? dot : dot - at));
    if (dot == std::string_view::npos) return out;
    at = dot + 1;
  }
}

std::string join_labels(const std::vector<std::string>& labels, std::size_t first) {
  return fmt::format("{}",
                     fmt::join(labels.begin() + static_cast<std::ptrdiff_t>(std::min(first, labels.size())),
                               labels.end(), "."));
}

}  // namespace mxident::harness::matrix
