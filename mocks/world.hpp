// A world: one scenario while it runs. Its servers live behind listeners that all worlds share.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "certs/mint.hpp"
#include "mocks/smtp_spec.hpp"
#include "mocks/transcript.hpp"

namespace mxident::mocks {

/// A world that cannot be opened: an address taken twice, a zone line that cannot be read, a port refused.
class WorldError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// DNSSEC state of a zone, as a validating resolver finds it (RFC 4035 4.3).
enum class ZoneState { insecure, secure, bogus, expired };

struct DnsSpec {
  /// Zone file lines with absolute owner names: "x.test. MX 10 mx.x.test.". Addresses of servers are added by
  /// the world, unless a line gives that owner an address. Special right-hand sides: "SERVFAIL", "NXDOMAIN",
  /// "TIMEOUT", "TRUNCATE" (answer over UDP is cut, TCP is whole).
  std::vector<std::string> lines;
  std::map<std::string, ZoneState>
      zones;  ///< by apex with final dot; a name outside of all is in an insecure zone
};

/// The MTA-STS policy host of a domain (RFC 8461).
struct StsSpec {
  std::string domain;                 ///< policy is served at mta-sts.DOMAIN
  std::optional<std::string> record;  ///< TXT at _mta-sts.DOMAIN; missing: no record
  std::optional<std::string> policy;  ///< body; missing: 404
  std::string certificate;            ///< id
  int http_status = 200;
  std::string location;  ///< Location header (a redirect)
  std::map<std::string, std::string> headers;
  std::size_t pad_to = 0;  ///< body is padded to this many octets (policies that are too large)
};

struct WorldSpec {
  std::vector<SmtpServerSpec> servers;
  DnsSpec dns;
  std::vector<StsSpec> sts;
  std::map<std::string, certs::Chain> certificates;
  std::int64_t clock = 0;                       ///< seconds since 1970; time of DNSSEC signatures; 0: now
  std::chrono::milliseconds idle_limit{15000};  ///< a server ends a connection that is silent for so long
  std::chrono::milliseconds life_limit{0};      ///< and one that has lasted for so long; 0: never
};

/// Where worlds live: `namespaced` binds true ports on the wildcard address, one listener a port, and finds
/// the world by the connection's local address; `loopback` (the fallback) binds a free port of 127.0.0.1 for
/// each server. `mapped` binds as `loopback` does, while names and certificates state the addresses and ports
/// of `namespaced`: for a client of this process, which is handed the way from the one to the other.
/// `outside` binds the stated ports at addresses of this machine, where programs of other machines come:
/// `block` is the first of them as a number, and there are no name servers but a directory.
enum class Placement { namespaced, loopback, mapped, outside };

/// IPv4 addresses that a world may have outside, from its block upwards.
inline constexpr std::uint32_t kOutsideAddresses = 16;

/// What all programs of other machines together may do (Placement::outside).
struct StrangerLimits {
  std::size_t open = 1000;                ///< connections at a time
  double connections_per_s = 100;         ///< on the average,
  std::size_t connections_at_once = 400;  ///< after a pause
  double questions_per_s = 2000;          ///< to the name server, over UDP
  std::size_t questions_at_once = 4000;
};

/// What was turned away because of them.
struct TurnedAway {
  std::size_t too_many_open = 0, too_fast = 0, questions = 0;
};

/// Where a connection to an address and port of a world has to go.
struct Destination {
  std::string address;  ///< as names and certificates of the world state it
  std::uint16_t port = 0;
  std::string actual_address;
  std::uint16_t actual_port = 0;
};

class World {
 public:
  virtual ~World() = default;  ///< closes all connections; no event is added afterwards
  /// Addresses of a server in the order of its spec, or of the policy host "mta-sts.DOMAIN"; empty for an
  /// unknown host.
  virtual std::vector<std::string> addresses(const std::string& host) const = 0;
  /// Port of a server's first address: its first port when namespaced, the free port in loopback placement;
  /// 443 or a free port for a policy host. 0: unknown host.
  virtual std::uint16_t port(const std::string& host) const = 0;
  /// Ports in the order of addresses(): in loopback placement each address has a free port of its own.
  virtual std::vector<std::uint16_t> ports(const std::string& host) const = 0;
  /// Every address and port at which something of this world listens; nothing else is its.
  virtual std::vector<Destination> destinations() const = 0;
  virtual std::string resolver_address() const = 0;   ///< "127.1.2.53"
  virtual std::uint16_t resolver_port() const = 0;    ///< 53 when namespaced
  virtual std::string authority_address() const = 0;  ///< "127.1.2.54"
  virtual std::uint16_t authority_port() const = 0;   ///< 53 when namespaced
  /// DS records of the root zone of this world, zone file form, for a validating library; empty without
  /// DNSSEC.
  virtual std::vector<std::string> trust_anchors() const = 0;
  virtual const Transcript& transcript() const = 0;
  /// `told` is called on a server thread after every event from now on, and must not wait. Never after the
  /// destructor has returned.
  virtual void on_event(std::function<void()> told) = 0;
  /// Connections of SMTP servers that are open now.
  virtual std::size_t open_connections() const = 0;
  /// `done` is called once, on a server thread, when no connection of an SMTP server is open (soon if there
  /// is none now; connections that clients have opened and no server has taken up yet count). Never after the
  /// destructor has begun, but one that runs at that moment goes on; it must not destroy the Internet.
  virtual void when_idle(std::function<void()> done) = 0;
};

/// A resolver of many worlds, for a program that is started once and looks many of them up: it finds the
/// world by the owner name of the question, where a world's own resolver is found by its address.
/// Thread-safe.
class Directory {
 public:
  virtual ~Directory() = default;
  virtual std::string address() const = 0;  ///< port 53
  /// `world` answers for these names and all below them, as its own resolver would and in its own transcript;
  /// the longest name counts. False, and nothing is added, if one of them is another world's.
  virtual bool add(const World& world, const std::vector<std::string>& names) = 0;
  /// Whose names nobody answers for any more: nothing of the world is recorded by way of the directory.
  virtual void remove(const World& world) = 0;
};

/// The listeners and their threads. Thread-safe. Must outlive its worlds.
class Internet {
 public:
  Internet(Placement placement, unsigned threads);
  ~Internet();
  Internet(const Internet&) = delete;
  Internet& operator=(const Internet&) = delete;

  /// Addresses a world of this spec and block will have, by host, without opening it: certificates and zone
  /// lines may depend on them. `block` is 1..65000; IPv4 127.X.Y.0/24 (never 127.0.0.0/24), IPv6
  /// fd6d:7864:X:Y::/64.
  static std::map<std::string, std::vector<std::string>> plan_addresses(
      const std::vector<SmtpServerSpec>& servers, std::uint32_t block, Placement placement);
  /// The same with the policy hosts, as "mta-sts.DOMAIN".
  static std::map<std::string, std::vector<std::string>> plan_addresses(
      const std::vector<SmtpServerSpec>& servers, const std::vector<StsSpec>& sts, std::uint32_t block,
      Placement placement);
  /// Addresses that the spec itself states. When namespaced, only one live world can have each of them.
  static std::vector<std::string> pinned_addresses(const WorldSpec& spec);
  /// Whether no live world holds one of them. Always true in loopback placement.
  bool pinned_free(const WorldSpec& spec) const;

  /// Throws WorldError, and waits for nothing: an address that a live world holds (the text names the holder
  /// by its block and host), `block` in use, a zone line that cannot be read, a port refused, a certificate
  /// that OpenSSL cannot read or send (an empty chain; a chain that does not begin with the leaf, unless both
  /// keys are of one EC curve).
  std::unique_ptr<World> open(WorldSpec spec, std::uint32_t block);
  /// The same with a placement of its own: `mapped` or `loopback` where this one's is `loopback`.
  std::unique_ptr<World> open(WorldSpec spec, std::uint32_t block, Placement placement);

  /// `number` is 1..500, of one live directory each. Namespaced only. Throws WorldError. Must not outlive
  /// this.
  std::unique_ptr<Directory> open_directory(std::uint32_t number);
  /// The same outside, at an address of this machine.
  std::unique_ptr<Directory> open_directory(const std::string& address, std::uint16_t port);

  /// Outside only, before the first world is opened; until then the usual limits hold.
  void limit(const StrangerLimits& limits);
  TurnedAway turned_away() const;

  Placement placement() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mxident::mocks
