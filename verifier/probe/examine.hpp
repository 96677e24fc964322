// A whole domain, or one host, looked at live: every address of every MX host, then what each policy says. No
// mail is ever sent: each session ends after the second EHLO.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../dns/resolver.hpp"
#include "session.hpp"
#include "sts_fetch.hpp"
#include "verdict.hpp"

namespace mxident::probe {

inline constexpr std::size_t kMaxHostsExamined = 20;
inline constexpr std::size_t kMaxAddressesExamined = 16;  ///< of one host

class SharedSessions;

struct ExamineOptions {
  /// Recipient domain, U-labels allowed, or an address literal ("[192.0.2.1]", "[IPv6:2001:db8::1]", bare);
  /// may be empty if `relay` is given.
  std::string domain;
  std::string
      relay;  ///< the one host to look at, instead of the MX hosts: a name, U-labels allowed, or an address
  std::string
      name;  ///< what the relay is expected to be called, if that is not how it is found; empty: the relay
  /// "submission" or "submissions": the hosts of the domain's SRV records for it are looked at, at their own
  /// ports, in place of the MX hosts (RFC 6186 3.1, RFC 8314 5.1). No MTA-STS and no DANE is asked for.
  std::string service;
  std::uint16_t port = 25;
  std::uint16_t https_port = 443;
  TlsMode tls = TlsMode::starttls;
  Family family = Family::any;
  const TrustStore* trust = nullptr;
  std::int64_t time = 0;
  std::string helo = "client.test";
  std::chrono::milliseconds timeout{20000};  ///< for each session, and for the policy fetch
  std::vector<Policy> policies;              ///< what is asked, in this order
  PublicSuffixTest is_public_suffix;
  SharedSessions* sessions = nullptr;  ///< of several examinations; nullptr: this one makes its own
};

struct AddressExamination {
  std::string address;
  SessionReport session;  ///< with the host's own name as SNI
  /// Sessions with another SNI, which some policies would send: the server may choose another certificate for
  /// it.
  std::vector<std::pair<std::string, SessionReport>> other_sessions;
  std::vector<PolicyVerdict> policies;
  /// What another kind of client sees.
  struct Otherwise {
    SessionReport session;
    std::vector<PolicyVerdict> policies;
  };
  /// A client that sends no SNI (RFC 8461 7.1, RFC 7672 8.1: it may not need one); nullopt: no session with a
  /// name was made, or TLS was never begun there.
  std::optional<Otherwise> without_sni;
  /// A client that takes no key of the kind that `session` showed: the server may have a second certificate,
  /// with RSA beside ECDSA. nullopt: it has none, or nobody asked, as in a batch.
  std::optional<Otherwise> other_key;
};

struct HostExamination {
  std::string host;
  std::string expected;  ///< what it has to be called: `host`, but for a relay of which `name` says more
  Published::HostSource source = Published::HostSource::dns;
  std::uint16_t preference = 0;
  std::uint16_t port = 25;
  AddressResult addresses;
  std::optional<TlsaResult> tlsa;  ///< nullopt: not asked for, as there is no name or no address
  std::vector<AddressExamination> by_address;
};

/// What a policy comes to for the whole domain.
struct DomainVerdict {
  PolicyId policy = PolicyId::rfc9525;
  /// reject if any address that was reached is refused; else accept or plaintext if some address takes the
  /// mail so; else none, or not_asked.
  Answer answer = Answer::none;
  Reason reason = Reason::connect_failed;             ///< of the first address that made it so
  std::size_t taken = 0, refused = 0, unreached = 0;  ///< addresses
};

struct DomainExamination {
  std::string domain;            ///< A-labels, or the text of an address; empty if only a relay was named
  std::optional<Reason> reason;  ///< why nothing was looked at
  std::string error;
  std::optional<MxResult> mx;
  std::optional<SrvResult> srv;  ///< in place of `mx`
  std::optional<StsFetchResult> sts;
  std::vector<HostExamination> hosts;
  std::vector<DomainVerdict> verdicts;
  /// That the domain publishes: dane, mta-sts, else rfc9525; of a service rfc7817. What cannot be looked up
  /// or fetched counts.
  PolicyId strongest = PolicyId::rfc9525;
};

/// Serial executor, as run_session(); addresses are looked at in parallel.
boost::asio::awaitable<DomainExamination> examine(Resolver& resolver, ExamineOptions options);

}  // namespace mxident::probe
