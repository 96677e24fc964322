#include "harness/scenario/scenario.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace mxident::harness {
namespace {

constexpr std::size_t kMaxAliases =
    16;  // a longer CNAME chain is a loop, or nothing that a client would follow

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

/// The name that a name leads to, as far as the CNAME records of the scenario go.
std::string follow_aliases(const std::vector<DnsLine>& lines, std::string name) {
  for (std::size_t i = 0; i < kMaxAliases; ++i) {
    const auto alias = std::find_if(lines.begin(), lines.end(), [&](const DnsLine& line) {
      return line.type == "CNAME" && line.data.size() == 1 && fold_host(line.owner) == fold_host(name);
    });
    if (alias == lines.end()) break;
    name = alias->data[0];
  }
  if (!name.empty() && name.back() == '.') name.pop_back();
  return name;
}

/// The owner whose records answer for a name: itself, or the wildcard above it (RFC 4592 3.3.1).
std::string answering_owner(const std::vector<DnsLine>& lines, const std::string& name) {
  const auto owns = [&](const std::string& owner) {
    return std::any_of(lines.begin(), lines.end(),
                       [&](const DnsLine& line) { return fold_host(line.owner) == fold_host(owner); });
  };
  std::string above = name;
  while (!owns(above)) {
    const std::size_t dot = above.find('.');
    if (dot == std::string::npos) return name;
    above.erase(0, dot + 1);
    if (owns("*." + above)) return "*." + above;
  }
  return name;
}

std::vector<DnsLine> split_all(const Scenario& scenario) {
  std::vector<DnsLine> lines;
  for (const auto& text : scenario.dns.lines) {
    if (auto line = split_dns_line(text)) lines.push_back(std::move(*line));
  }
  return lines;
}

/// Addresses in one spelling, so that "2001:DB8::1" and "2001:db8:0::1" are the same.
std::string canonical_address(std::string_view text) {
  unsigned char octets[16];
  char out[INET6_ADDRSTRLEN];
  const std::string address(text);
  for (const int family : {AF_INET, AF_INET6}) {
    if (inet_pton(family, address.c_str(), octets) == 1) return inet_ntop(family, octets, out, sizeof out);
  }
  return address;
}

/// The host behind "[192.0.2.25]", "[IPv6:2001:db8::25]" (RFC 5321 4.1.3) or "[{address:HOST}]"; empty if
/// none has it.
std::string host_of_literal(const Scenario& scenario, std::string_view literal) {
  literal.remove_prefix(1);
  literal.remove_suffix(1);
  if (upper(literal.substr(0, 5)) == "IPV6:") literal.remove_prefix(5);
  constexpr std::string_view kPlaceholder = "{address:";
  if (literal.starts_with(kPlaceholder) && literal.ends_with("}")) {
    literal.remove_prefix(kPlaceholder.size());
    literal.remove_suffix(1);
    return std::string(literal);
  }
  for (const auto& server : scenario.servers) {
    for (const auto& address : server.spec.addresses) {
      if (!address.text.empty() && canonical_address(address.text) == canonical_address(literal))
        return server.spec.host;
    }
  }
  return {};
}

}  // namespace

std::string_view to_string(Level level) {
  switch (level) {
    case Level::must:
      return "must";
    case Level::should:
      return "should";
    case Level::may:
      return "may";
    case Level::unstated:
      break;
  }
  return "";
}

bool Expectations::empty() const {
  return std::none_of(by_policy_.begin(), by_policy_.end(),
                      [](const auto& expected) { return expected.has_value(); });
}

std::string fold_host(std::string_view host) {
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  std::string out(host);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::optional<DnsLine> split_dns_line(std::string_view line) {
  std::vector<std::string> words;
  constexpr std::string_view kBlanks = " \t";
  for (std::size_t at = line.find_first_not_of(kBlanks); at != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(kBlanks, at), line.size());
    words.emplace_back(line.substr(at, end - at));
    at = line.find_first_not_of(kBlanks, end);
  }
  std::size_t next = 1;
  if (next < words.size() && is_digits(words[next])) ++next;      // TTL
  if (next < words.size() && upper(words[next]) == "IN") ++next;  // class
  if (next >= words.size()) return std::nullopt;
  DnsLine out{words[0], upper(words[next]), {}};
  out.data.assign(words.begin() + static_cast<std::ptrdiff_t>(next) + 1, words.end());
  return out;
}

std::vector<std::string> mail_hosts(const Scenario& scenario) {
  if (scenario.domain.starts_with("[") && scenario.domain.ends_with("]")) {
    const std::string host = host_of_literal(scenario, scenario.domain);
    return host.empty() ? std::vector<std::string>{} : std::vector<std::string>{host};
  }
  const auto lines = split_all(scenario);
  const std::string domain = follow_aliases(lines, scenario.domain);
  const std::string owner = answering_owner(lines, domain);
  std::vector<std::pair<unsigned, std::string>> hosts;
  for (const auto& line : lines) {
    if (fold_host(line.owner) != fold_host(owner)) continue;
    if (line.type == "SERVFAIL" || line.type == "NXDOMAIN" || line.type == "TIMEOUT") return {};
    if (line.type != "MX") continue;
    if (line.data.size() != 2) return {};  // "MX SERVFAIL": the lookup is made to fail
    unsigned preference = 0;
    std::from_chars(line.data[0].data(), line.data[0].data() + line.data[0].size(), preference);
    std::string host = line.data[1];
    if (!host.empty() && host.back() == '.') host.pop_back();
    hosts.emplace_back(preference, std::move(host));
  }
  // RFC 5321 5.1: no MX at all makes the domain its own mail host.
  if (hosts.empty()) return {domain};
  std::stable_sort(hosts.begin(), hosts.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> out;
  for (auto& [preference, host] : hosts) {
    if (!host.empty()) out.push_back(std::move(host));  // the root stands for "no mail here" (RFC 7505 3)
  }
  return out;
}

std::string preferred_host(const Scenario& scenario) {
  const auto hosts = mail_hosts(scenario);
  return hosts.empty() ? std::string{} : hosts.front();
}

const ScenarioServer* server_of(const Scenario& scenario, std::string_view host) {
  const std::string target = fold_host(follow_aliases(split_all(scenario), std::string(host)));
  for (const auto& server : scenario.servers) {
    if (fold_host(server.spec.host) == target) return &server;
  }
  return nullptr;
}

std::optional<Expected> expectation(const Scenario& scenario, PolicyId policy) {
  return scenario.expect.of(policy);
}

std::optional<Expected> expectation(const Scenario& scenario, PolicyId policy, std::string_view host) {
  const auto found = scenario.expect_hosts.find(fold_host(host));
  if (found != scenario.expect_hosts.end()) {
    if (const auto expected = found->second.of(policy)) return expected;
  }
  return scenario.expect.of(policy);
}

bool has_odd_dialogue(const ScenarioServer& server) {
  static const mocks::SmtpServerSpec usual;
  const auto& spec = server.spec;
  return spec.capabilities != usual.capabilities || spec.replies.contains("CONNECT") ||
         spec.replies.contains("EHLO") || spec.replies.contains("STARTTLS");
}

bool is_about_versions(const Scenario& scenario) {
  return std::any_of(scenario.servers.begin(), scenario.servers.end(),
                     [](const ScenarioServer& server) { return server.states_tls_versions; });
}

std::vector<std::string> pinned_addresses(const Scenario& scenario) {
  std::vector<std::string> out;
  for (const auto& server : scenario.servers) {
    for (const auto& address : server.spec.addresses) {
      if (!address.text.empty()) out.push_back(canonical_address(address.text));
    }
  }
  return out;
}

}  // namespace mxident::harness
