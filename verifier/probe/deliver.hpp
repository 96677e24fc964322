// What a sending MTA does for one domain under one policy: MX, addresses, policies from the DNS, then
// sessions until a host takes the message.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "../dns/resolver.hpp"
#include "../policy.hpp"
#include "session.hpp"
#include "sts_fetch.hpp"

namespace mxident::probe {

struct DeliveryOptions {
  std::string domain;  ///< recipient domain, U-labels allowed, or an address: "[192.0.2.1]",
                       ///< "[IPv6:2001:db8::1]", bare
  Policy policy;
  std::vector<std::string> configured;  ///< reference names for ReferenceSelection::configured
  std::string resolver_address;         ///< unused by deliver(), which is given a resolver
  std::uint16_t resolver_port = 53;
  const TrustStore* trust = nullptr;  ///< must outlive the delivery
  std::int64_t time = 0;              ///< seconds since 1970
  std::uint16_t port = 25;
  std::uint16_t https_port = 443;  ///< of the MTA-STS policy host
  TlsMode tls = TlsMode::starttls;
  Family family = Family::any;
  Deliver deliver = Deliver::yes;
  std::string helo = "client.test", sender, recipient, message;
  std::chrono::milliseconds timeout{20000};  ///< for everything together
  PublicSuffixTest is_public_suffix;
};

/// One connection, or the reason why there was none to this host.
struct HostReport {
  std::string host;     ///< MX host
  std::string address;  ///< empty: not connected
  PolicyId applied =
      PolicyId::opportunistic;  ///< what held for this session: dane and mta-sts follow their data
  Reason reason = Reason::connect_failed;
  SessionReport session;
};

struct DeliveryReport {
  /// accept: some host took the message under TLS; plaintext: in clear. Else reject if some host was met,
  /// else none.
  SessionDecision decision = SessionDecision::none;
  Reason reason = Reason::connect_failed;  ///< of the host that decided, or why no host was asked
  Layers layers;                           ///< of the session that decided
  std::string error;
  MxResult mx;
  StsFetchResult sts;             ///< for PolicyId::mta_sts
  std::vector<HostReport> hosts;  ///< in the order in which they were tried; at most kMaxSessions
};
inline constexpr std::size_t kMaxSessions = 20;

/// Serial executor, as run_session().
boost::asio::awaitable<DeliveryReport> deliver(Resolver& resolver, DeliveryOptions options);

/// The same from anywhere, with a stub resolver at resolver_address. `serial` runs one thing at a time: a
/// context of one thread, or a strand. `done` is called once, on it. Cheap enough for tens of thousands at
/// once.
void start_delivery(boost::asio::any_io_executor serial, DeliveryOptions options,
                    std::function<void(DeliveryReport)> done);

}  // namespace mxident::probe
