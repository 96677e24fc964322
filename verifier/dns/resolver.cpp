#include "resolver.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <utility>

#include "dns_message.hpp"

namespace mxident::probe {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kMaxMxHosts = 64, kMaxSrvTargets = 64;
constexpr std::size_t kMaxAddresses = 32;

std::string plain_name(std::string name) {
  if (!name.empty() && name.back() == '.') name.pop_back();
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return name;
}

// bogus is worst, then indeterminate, then insecure.
DnsState weaker(DnsState one, DnsState other) {
  for (const DnsState state : {DnsState::bogus, DnsState::indeterminate, DnsState::insecure}) {
    if (one == state || other == state) return state;
  }
  return DnsState::secure;
}

std::string address_text(int family, std::string_view octets) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  return inet_ntop(family, octets.data(), text.data(), text.size()) != nullptr ? text.data() : std::string();
}

std::uint16_t number_at(std::string_view rdata, std::size_t at) {
  const auto octet = [&](std::size_t i) {
    return static_cast<unsigned>(static_cast<unsigned char>(rdata[i]));
  };
  return static_cast<std::uint16_t>(octet(at) << 8 | octet(at + 1));
}

std::optional<MxHost> read_mx(std::string_view rdata) {
  if (rdata.size() < 3) return std::nullopt;
  auto name = dns_name_to_text(rdata.substr(2));
  if (!name) return std::nullopt;
  return MxHost{number_at(rdata, 0), std::move(*name)};
}

std::optional<SrvTarget> read_srv(std::string_view rdata) {
  if (rdata.size() < 7) return std::nullopt;
  auto name = dns_name_to_text(rdata.substr(6));
  if (!name) return std::nullopt;
  return SrvTarget{number_at(rdata, 0), number_at(rdata, 2), number_at(rdata, 4), std::move(*name)};
}

}  // namespace

asio::awaitable<MxResult> lookup_mx(Resolver& resolver, std::string domain) {
  domain = plain_name(std::move(domain));
  std::vector<DnsQuestion> questions{{domain, DnsType::mx}};
  std::vector<DnsAnswer> answers = co_await resolver.query(std::move(questions));
  DnsAnswer& answer = answers.front();
  MxResult out;
  out.state = answer.state;
  out.reason = answer.reason;
  out.canonical = std::move(answer.canonical);
  out.aliases = std::move(answer.aliases);
  out.error = std::move(answer.error);
  if (answer.status == DnsStatus::failed || answer.status == DnsStatus::nxdomain) co_return out;
  if (answer.status == DnsStatus::no_data) {
    // RFC 5321 5.1: without MX records the domain is its own mail host.
    out.kind = MxResult::Kind::implicit;
    out.hosts.push_back({0, domain});
    co_return out;
  }
  for (const auto& rdata : answer.rdata) {
    auto host = read_mx(rdata);
    if (!host) continue;
    if (host->name == ".") {
      out.null_mx = true;
    } else if (out.hosts.size() < kMaxMxHosts) {
      out.hosts.push_back(std::move(*host));
    }
  }
  std::stable_sort(out.hosts.begin(), out.hosts.end(),
                   [](const MxHost& a, const MxHost& b) { return a.preference < b.preference; });
  if (!out.hosts.empty()) {
    out.kind = MxResult::Kind::hosts;
  } else if (out.null_mx) {
    out.kind = MxResult::Kind::null_mx;
    out.reason = Reason::dns_null_mx;
  } else {
    out.reason = Reason::dns_error;
    out.error = "no MX record of the domain can be read";
  }
  co_return out;
}

asio::awaitable<SrvResult> lookup_srv(Resolver& resolver, std::string owner) {
  SrvResult out;
  out.owner = plain_name(std::move(owner));
  std::vector<DnsQuestion> questions{{out.owner, DnsType::srv}};
  std::vector<DnsAnswer> answers = co_await resolver.query(std::move(questions));
  DnsAnswer& answer = answers.front();
  out.state = answer.state;
  out.reason = answer.reason;
  out.error = std::move(answer.error);
  if (answer.status == DnsStatus::failed) co_return out;
  out.reason = Reason::dns_no_service;
  for (const auto& rdata : answer.rdata) {
    auto target = read_srv(rdata);
    if (!target) continue;
    if (target->name == ".") {
      out.turned_down = true;
    } else if (out.targets.size() < kMaxSrvTargets) {
      out.targets.push_back(std::move(*target));
    }
  }
  std::stable_sort(out.targets.begin(), out.targets.end(), [](const SrvTarget& a, const SrvTarget& b) {
    return std::pair(a.priority, b.weight) < std::pair(b.priority, a.weight);
  });
  if (!out.targets.empty()) {
    out.reason.reset();
  } else {
    out.error = out.owner + (out.turned_down ? " has an SRV record that says the service is not offered"
                             : answer.rdata.empty() ? " has no SRV record: the service is not announced"
                                                    : " has no SRV record that can be read");
  }
  co_return out;
}

asio::awaitable<AddressResult> lookup_addresses(Resolver& resolver, std::string host, Family family) {
  host = plain_name(std::move(host));
  std::vector<DnsQuestion> questions;
  if (family != Family::v4) questions.push_back({host, DnsType::aaaa});
  if (family != Family::v6) questions.push_back({host, DnsType::a});
  const std::vector<DnsAnswer> answers = co_await resolver.query(std::move(questions));
  AddressResult out;
  out.state = DnsState::secure;
  out.reason = Reason::dns_no_address;
  out.canonical = host;
  bool failed = false;
  out.status = DnsStatus::no_data;
  DnsState failed_state = DnsState::secure;
  for (const auto& answer : answers) {
    DnsState& state = answer.status == DnsStatus::failed ? failed_state : out.state;
    state = weaker(state, answer.state);
    if (answer.status == DnsStatus::failed) {
      failed = true;
      out.error = answer.error;
      if (out.reason != Reason::dns_bogus) out.reason = answer.reason;
    }
    if (answer.status == DnsStatus::nxdomain) out.status = DnsStatus::nxdomain;
    for (const auto& rdata : answer.rdata) {
      if (out.addresses.size() == kMaxAddresses) break;
      if (rdata.size() == 4) out.addresses.push_back(address_text(AF_INET, rdata));
      if (rdata.size() == 16) out.addresses.push_back(address_text(AF_INET6, rdata));
    }
    if (!answer.canonical.empty() && answer.status != DnsStatus::failed) out.canonical = answer.canonical;
    if (out.aliases.empty()) out.aliases = answer.aliases;
  }
  if (!out.addresses.empty() && failed_state != DnsState::bogus) {
    out.status = DnsStatus::data;
    out.reason.reset();
  } else if (failed) {
    out.state = weaker(out.state, failed_state);
    out.addresses.clear();
    out.status = DnsStatus::failed;
  }
  co_return out;
}

namespace {

bool is_address_text(const std::string& host) {
  std::array<unsigned char, 16> octets{};
  return inet_pton(AF_INET, host.c_str(), octets.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), octets.data()) == 1;
}

bool is_localhost(std::string_view host) {
  constexpr std::string_view kName = "localhost";  // RFC 6761 6.3: with all names below it
  return host == kName || host.ends_with(".localhost");
}

AddressResult refuse_host(std::string host, Reason reason, std::string error) {
  AddressResult out;
  out.status = DnsStatus::no_data;
  out.reason = reason;
  out.canonical = std::move(host);
  out.error = std::move(error);
  return out;
}

}  // namespace

asio::awaitable<AddressResult> lookup_mx_addresses(Resolver& resolver, std::string host, Family family) {
  host = plain_name(std::move(host));
  if (is_address_text(host)) {
    co_return refuse_host(host, Reason::reference_numeric,
                          "\"" + host +
                              "\" is the text of an address where a host name is wanted (RFC 5321 5.1): "
                              "many senders find no host at all");
  }
  if (is_localhost(host)) {
    co_return refuse_host(
        host, Reason::dns_mx_localhost,
        "\"" + host + "\" is no host of the domain: every sender would speak to itself (RFC 6761 6.3)");
  }
  AddressResult out = co_await lookup_addresses(resolver, std::move(host), family);
  co_return out;
}

namespace {

// The records at one candidate base domain. True: the search ends here.
asio::awaitable<bool> tlsa_at(Resolver& resolver, std::string base, std::uint16_t port, TlsaResult& out) {
  std::vector<DnsQuestion> questions{{"_" + std::to_string(port) + "._tcp." + base, DnsType::tlsa}};
  const std::vector<DnsAnswer> answers = co_await resolver.query(std::move(questions));
  const DnsAnswer& answer = answers.front();
  if (answer.status == DnsStatus::failed) {
    // RFC 7672 2.1.2: an error is no proof that there are no records.
    out.kind = TlsaResult::Kind::failed;
    out.reason = answer.reason.value_or(Reason::dns_error);
    out.error = answer.error;
    co_return true;
  }
  if (answer.status != DnsStatus::data || answer.state != DnsState::secure) co_return false;
  out.base_domain = base;
  for (const auto& rdata : answer.rdata) {
    if (out.records.size() == kMaxTlsaRecords) break;
    if (auto record = parse_tlsa(rdata)) out.records.push_back(std::move(*record));
  }
  out.usable = usable_tlsa(out.records);
  out.kind = out.usable.empty() ? TlsaResult::Kind::unusable : TlsaResult::Kind::usable;
  out.reason = out.usable.empty() ? Reason::dane_all_unusable : Reason::tlsa_usable;
  co_return true;
}

}  // namespace

asio::awaitable<TlsaResult> lookup_tlsa(Resolver& resolver, std::string host, std::uint16_t port,
                                        const AddressResult& addresses) {
  host = plain_name(std::move(host));
  TlsaResult out;
  if (addresses.status == DnsStatus::failed) {
    out.kind = TlsaResult::Kind::failed;
    out.reason = addresses.reason.value_or(Reason::dns_error);
    out.error = addresses.error;
    co_return out;
  }
  if (addresses.addresses.empty()) co_return out;
  const bool alias = addresses.canonical != host;
  // RFC 7672 2.2.2: an insecure address answer means no DANE, unless it became insecure behind a secure
  // alias.
  std::vector<std::string> candidates;
  if (addresses.state == DnsState::secure) {
    if (alias) candidates.push_back(addresses.canonical);
    candidates.push_back(host);
  } else if (alias) {
    std::vector<DnsQuestion> questions{{host, DnsType::cname}};
    const std::vector<DnsAnswer> answers = co_await resolver.query(std::move(questions));
    const DnsAnswer& answer = answers.front();
    if (answer.status == DnsStatus::failed) {
      out.kind = TlsaResult::Kind::failed;
      out.reason = answer.reason.value_or(Reason::dns_error);
      out.error = answer.error;
      co_return out;
    }
    if (answer.status == DnsStatus::data && answer.state == DnsState::secure) candidates.push_back(host);
  }
  for (const auto& candidate : candidates) {
    const bool found = co_await tlsa_at(resolver, candidate, port, out);
    if (found) break;
  }
  co_return out;
}

asio::awaitable<TxtResult> lookup_txt(Resolver& resolver, std::string name) {
  std::vector<DnsQuestion> questions{{plain_name(std::move(name)), DnsType::txt}};
  std::vector<DnsAnswer> answers = co_await resolver.query(std::move(questions));
  DnsAnswer& answer = answers.front();
  TxtResult out;
  out.status = answer.status;
  out.state = answer.state;
  out.reason = answer.reason;
  out.error = std::move(answer.error);
  for (const auto& rdata : answer.rdata) {
    std::string text;
    std::string_view rest = rdata;
    while (!rest.empty()) {
      const std::size_t size = static_cast<unsigned char>(rest.front());
      text += rest.substr(1, size);
      rest.remove_prefix(std::min(rest.size(), 1 + size));
    }
    out.texts.push_back(std::move(text));
  }
  co_return out;
}

}  // namespace mxident::probe
