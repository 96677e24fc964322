// What `mxident verify` was asked, read from its command line. No I/O but the files that are named.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/dns/resolver.hpp"

namespace mxident::harness::cli {

/// The command line as CLI11 fills it.
struct VerifyArguments {
  std::string domain, mx, srv, name, tls, resolver, dnssec = "on", policy, at, helo;
  std::vector<std::string> anchors, trust_anchors;
  double timeout_s = 20;
  std::uint16_t port = 0, https_port = 443;
  std::size_t jobs = 8, per_address = 2;
  double pause_s = 0.1;       ///< between two sessions to one address
  std::string output, shard;  ///< of --batch
  bool resume = false;
  bool system_trust = false, json = false, transcript = false, batch = false, only_v4 = false,
       only_v6 = false, senders = false;
  std::string baselines;  ///< folder; empty: the shipped ones
};

/// Seconds since 1970, from --at; now if it is empty. Throws InputError.
std::int64_t time_of(const std::string& text);

/// "mx.test", "mx.test:2525", "192.0.2.1:25", "[2001:db8::1]:25", "2001:db8::1"; port 0 if none is stated.
/// Throws InputError; `option` names the place.
std::pair<std::string, std::uint16_t> split_host_port(std::string_view text, const std::string& option);

/// Where DNS questions go, and who validates the answers.
struct DnsChoice {
  std::string address;
  std::uint16_t port = 53;
  enum class Trust { validate, ad_bit } trust = Trust::validate;
  std::vector<std::string> trust_anchors;
  std::string sentence;  ///< the choice in words
};

/// --resolver, else the first name server of `resolv_conf` (the text of /etc/resolv.conf). A resolver on a
/// loopback address is taken at its word (resolv.conf's trust-ad), unless trust anchors are given; any other
/// is validated from them, or from the root of the Internet. Throws InputError.
DnsChoice choose_dns(const VerifyArguments& arguments, std::string_view resolv_conf);

}  // namespace mxident::harness::cli
