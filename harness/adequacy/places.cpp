// Where a client with a bug looks for names in a certificate, and what it makes of addresses.
#include <algorithm>

#include "harness/adequacy/certificate.hpp"
#include "harness/adequacy/route.hpp"

namespace mxident::harness::zoo {
namespace {

constexpr std::size_t kManyNames = 64;
constexpr std::size_t kLongName = 256;
constexpr std::ptrdiff_t kManyStars = 10;

using Texts = std::vector<std::string>;

bool has(const Texts& list, const std::string& wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

/// What stands behind the @ of each, or all of it.
Texts domains_of(const Texts& list) {
  Texts out;
  for (const auto& text : list) out.push_back(text.substr(text.find('@') + 1));
  return out;
}

Texts hosts_of(const Texts& uris) {
  Texts out;
  for (const auto& uri : uris) {
    const std::size_t from = uri.find("://");
    if (from != std::string::npos)
      out.push_back(uri.substr(from + 3, uri.find_first_of("/:", from + 3) - from - 3));
  }
  return out;
}

/// SAN entries as a program prints them, taken apart at the commas.
Texts split_as_text(const Texts& entries) {
  std::string all;
  for (const auto& entry : entries) all += entry + ",";
  Texts out;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = all.find(',', at);
    const std::string entry = all.substr(std::min(all.find_first_not_of(" \t\r\n", at), end), end - at);
    if (entry.starts_with("DNS:")) out.push_back(entry.substr(4, entry.find_last_not_of(" \t\r\n,") - 3));
    at = end + 1;
  }
  return out;
}

/// Address and mask of an iPAddress that is twice as long as an address.
bool network_covers(const std::string& network, const std::string& address) {
  if (network.size() != 2 * address.size()) return false;
  for (std::size_t i = 0; i < address.size(); ++i) {
    if (((network[i] ^ address[i]) & network[address.size() + i]) != 0) return false;
  }
  return true;
}

std::string literal_of(const std::string& octets) {
  return (octets.size() == 4 ? "[" : "[IPv6:") + address_text(octets) + "]";
}

}  // namespace

std::optional<Answer> answer_at_first_sight(BugId bug, const Names& names) {
  const auto ends = [](bool yes, Answer answer) { return yes ? std::optional(answer) : std::nullopt; };
  const auto any = [](const Texts& list, auto test) { return std::any_of(list.begin(), list.end(), test); };
  switch (bug) {
    case BugId::crash_without_common_name:
      return ends(names.common.empty(), Answer::dies);
    case BugId::crash_on_many_names:
      return ends(names.as_text.size() >= kManyNames, Answer::dies);
    case BugId::hang_on_many_stars:
      return ends(
          any(names.dns, [](const auto& n) { return std::count(n.begin(), n.end(), '*') >= kManyStars; }),
          Answer::spins);
    case BugId::crash_without_san:
      return ends(!names.has_san, Answer::dies);
    case BugId::crash_on_broken_san:
      return ends(names.broken, Answer::dies);
    case BugId::crash_on_long_name:
      return ends(any(names.dns, [](const auto& n) { return n.size() >= kLongName; }), Answer::dies);
    case BugId::crash_on_odd_address:
      return ends(any(names.ip, [](const auto& ip) { return ip.size() != 4 && ip.size() != 16; }),
                  Answer::dies);
    case BugId::crash_on_empty_name:
      return ends(any(names.dns, [](const auto& n) { return n.empty(); }), Answer::dies);
    case BugId::nameless_accepted:
      return ends(!names.broken && names.as_text.empty() && names.common.empty(), Answer::yes);
    case BugId::other_types_accepted:
      return ends(!names.broken && names.has_san && names.dns.empty(), Answer::yes);
    case BugId::broken_san_accepted:
      return ends(names.broken, Answer::yes);
    case BugId::unknown_entry_refused:
      return ends(has(names.as_text, "othername") || has(names.as_text, "other"), Answer::no);
    default:
      return std::nullopt;
  }
}

std::vector<std::string> other_names(BugId bug, const Names& names) {
  std::vector<std::string> out;
  switch (bug) {
    case BugId::cn_beats_san:
    case BugId::cn_only:
      return names.common;
    case BugId::cn_fallback:
      return names.dns.empty() ? names.common : out;
    case BugId::nul_ends_common_name:
      for (const auto& name : names.common) out.push_back(name.substr(0, name.find('\0')));
      return names.dns.empty() ? out : std::vector<std::string>{};
    case BugId::email_name:
      return domains_of(names.email);
    case BugId::uri_host:
      return hosts_of(names.uri);
    case BugId::srv_name:
      for (const auto& name : names.srv)
        out.push_back(name.substr(std::min(name.size(), name.find('.') + 1)));
      return out;
    case BugId::directory_name:
      return names.directory;
    case BugId::organization:
      return names.organization;
    case BugId::domain_components: {
      std::string joined;
      for (const auto& part : names.components) joined = joined.empty() ? part : part + "." + joined;
      return {joined};
    }
    case BugId::subject_as_text:
      for (std::size_t at = 0; (at = names.subject_text.find("CN=", at)) != std::string::npos; at += 3) {
        out.push_back(names.subject_text.substr(at + 3, names.subject_text.find_first_of("/,", at) - at - 3));
      }
      return out;
    case BugId::san_as_text:
      return split_as_text(names.as_text);
    case BugId::broken_san_common_name:
      return names.broken ? names.common : out;
    case BugId::first_of_common_names:
    case BugId::last_of_common_names:
      if (!names.dns.empty() || names.common.size() < 2) return out;
      return {bug == BugId::first_of_common_names ? names.common.front() : names.common.back()};
    case BugId::email_attribute:
      return domains_of(names.subject_email);
    case BugId::any_attribute:
      return names.attributes;
    case BugId::issuer_common_name:
      return names.issuer_common;
    case BugId::issuer_alternative_name:
      return names.issuer_dns;
    case BugId::two_sans_merged:
      return names.all_dns;
    case BugId::chain_names:
      return names.sent_dns;
    case BugId::bare_uri:
      return names.uri;
    case BugId::other_name_text:
      return domains_of(names.other);
    case BugId::netscape_server_name:
      return names.netscape;
    default:
      return out;
  }
}

bool address_passes(BugId bug, const Names& names, const Situation& at) {
  const std::string text = address_text(at.address);
  const auto any_ip = [&](auto test) { return std::any_of(names.ip.begin(), names.ip.end(), test); };
  switch (bug) {
    case BugId::address_goes_unchecked:
      return true;
    case BugId::any_address:
      return !names.ip.empty();
    case BugId::address_without_entry_unchecked:
      return names.ip.empty();
    case BugId::address_text_in_dns_name:
      return has(names.dns, text);
    case BugId::address_text_in_common_name:
      return has(names.common, text);
    case BugId::address_in_uri:
      return has(hosts_of(names.uri), text);
    case BugId::bracketed_address:
      return has(names.dns, literal_of(at.address));
    case BugId::wildcard_covers_address:
      return std::any_of(names.dns.begin(), names.dns.end(),
                         [&](const auto& name) { return plainly_matches(name, text); });
    case BugId::mapped_address: {
      const std::string prefix("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
      return any_ip([&](const auto& ip) { return ip == prefix + at.address || prefix + ip == at.address; });
    }
    case BugId::address_suffix:
      return any_ip([&](const auto& ip) {
        return ip.size() >= 4 && ip.substr(ip.size() - 4) == at.address.substr(at.address.size() - 4);
      });
    case BugId::address_by_shorter_length:
      return any_ip([&](const auto& ip) {
        const std::size_t both = std::min(ip.size(), at.address.size());
        return both > 0 && ip.compare(0, both, at.address, 0, both) == 0;
      });
    case BugId::address_network:
      return any_ip([&](const auto& ip) { return network_covers(ip, at.address); });
    case BugId::address_as_ascii:
      return has(names.ip, text);
    case BugId::address_turned_round:
      return has(names.ip, std::string(at.address.rbegin(), at.address.rend()));
    default:
      return false;
  }
}

}  // namespace mxident::harness::zoo
