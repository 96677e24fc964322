// DNS as mail needs it, each answer with its DNSSEC state. Two implementations: a stub that trusts its
// resolver's AD bit, and a validating one on libunbound.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "../dane.hpp"
#include "../reasons.hpp"

namespace mxident::probe {

enum class DnsType : std::uint16_t { a = 1, cname = 5, mx = 15, txt = 16, aaaa = 28, srv = 33, tlsa = 52 };

/// RFC 4035 4.3. A stub resolver cannot tell bogus from a server's failure: there it is `indeterminate`.
enum class DnsState { secure, insecure, bogus, indeterminate };
std::string_view to_string(DnsState state);

enum class DnsStatus {
  data,      ///< at least one record
  no_data,   ///< the name exists, or may exist, without such records
  nxdomain,  ///< the name does not exist
  failed,    ///< no answer that can be used: SERVFAIL, timeout, bogus, malformed, a name that cannot be asked
             ///< for
};

struct DnsQuestion {
  std::string name;  ///< ASCII, with or without final dot
  DnsType type = DnsType::a;
};

struct DnsAnswer {
  DnsStatus status = DnsStatus::failed;
  DnsState state = DnsState::indeterminate;
  std::optional<Reason> reason = Reason::dns_error;  ///< why there is none: if failed or nxdomain
  std::string
      canonical;  ///< name at the end of the alias chain, lower case, no final dot; without alias the name
  std::vector<std::string> aliases;  ///< targets of the alias chain, in order; the last is `canonical`
  std::vector<std::string>
      rdata;          ///< uncompressed wire form, in the order of the answer; at most kMaxRecords
  std::string error;  ///< a sentence when failed
};
inline constexpr std::size_t kMaxRecords = 256;
inline constexpr int kMaxAliases = 16;  ///< CNAMEs in one answer

class Resolver {
 public:
  virtual ~Resolver() = default;
  /// Asks all questions at once; answers in the order of the questions. Runs on the awaiting coroutine's
  /// executor, which must be the one that the resolver was made for.
  virtual boost::asio::awaitable<std::vector<DnsAnswer>> query(std::vector<DnsQuestion> questions) = 0;
};

/// Asks `address`:`port` over UDP, over TCP when the answer is cut, and takes its AD bit as `secure`
/// (resolv.conf's "trust-ad"): for a resolver on the same host, or where DNSSEC does not matter.
struct StubOptions {
  std::string address;
  std::uint16_t port = 53;
  std::chrono::milliseconds attempt{1500};
  int attempts = 2;
};
std::unique_ptr<Resolver> make_stub_resolver(boost::asio::any_io_executor executor, StubOptions options);

/// Validates for itself with libunbound and asks nobody but `address`:`port`. Fails (nullptr, `error`) if a
/// trust anchor cannot be read. `trust_anchors`: DS or DNSKEY records in zone file form; none: everything is
/// insecure.
struct UnboundOptions {
  std::string address;
  std::uint16_t port = 53;
  std::vector<std::string> trust_anchors;
  std::int64_t time = 0;  ///< seconds since 1970 for signatures; 0: now
  std::chrono::milliseconds timeout{15000};
};
std::unique_ptr<Resolver> make_unbound_resolver(boost::asio::any_io_executor executor, UnboundOptions options,
                                                std::string& error);

struct MxHost {
  std::uint16_t preference = 0;
  std::string name;  ///< lower case, no final dot; printable, with odd octets as \ddd
};

/// MX records of a domain (RFC 5321 5.1, RFC 7505).
struct MxResult {
  enum class Kind { hosts, implicit, null_mx, none } kind = Kind::none;  ///< none: see reason
  DnsState state = DnsState::indeterminate;
  std::optional<Reason> reason = Reason::dns_error;  ///< why there is none
  std::string canonical;                             ///< the domain after its aliases
  std::vector<std::string> aliases;                  ///< the way there; empty if the domain is no alias
  std::vector<MxHost> hosts;  ///< by preference, equal ones as answered; the domain itself for `implicit`
  bool null_mx = false;       ///< a record says that there is no mail, also where hosts stand beside it
  std::string error;
};
boost::asio::awaitable<MxResult> lookup_mx(Resolver& resolver, std::string domain);

struct SrvTarget {
  std::uint16_t priority = 0, weight = 0, port = 0;
  std::string name;  ///< as MxHost::name
};

/// SRV records of a service (RFC 2782; of submission: RFC 6186 3.1, RFC 8314 5.1).
struct SrvResult {
  std::string owner;  ///< "_submissions._tcp.x.test"
  DnsState state = DnsState::indeterminate;
  std::optional<Reason> reason = Reason::dns_error;  ///< why there are no targets
  std::vector<SrvTarget> targets;                    ///< by priority, then by weight, the heavier first
  bool turned_down = false;  ///< a record says that there is no such service, also where others say there is
  std::string error;
};
boost::asio::awaitable<SrvResult> lookup_srv(Resolver& resolver, std::string owner);

enum class Family { any, v4, v6 };

struct AddressResult {
  DnsStatus status = DnsStatus::failed;
  /// The weaker of the families that were answered: that one family fails must not turn DANE off.
  DnsState state = DnsState::indeterminate;
  std::optional<Reason> reason = Reason::dns_error;  ///< why there is none
  std::string canonical;
  std::vector<std::string> aliases;    ///< the way from the host to `canonical`; empty if it is no alias
  std::vector<std::string> addresses;  ///< text; IPv6 first
  std::string error;
};
boost::asio::awaitable<AddressResult> lookup_addresses(Resolver& resolver, std::string host, Family family);
/// The same for the target of an MX record. What only looks like a host is not asked for: the text of an
/// address (reference_numeric), and localhost, which is every sender itself (dns_mx_localhost).
boost::asio::awaitable<AddressResult> lookup_mx_addresses(Resolver& resolver, std::string host,
                                                          Family family);

/// Where the TLSA records of a host stand and what they say (RFC 7672 2.2.2, 2.2.3).
struct TlsaResult {
  enum class Kind {
    none,      ///< no secure records: DANE does not apply
    unusable,  ///< secure ones, none usable: TLS is required, nothing is verified
    usable,
    failed,  ///< a lookup failed: the host may not be used
  } kind = Kind::none;
  Reason reason = Reason::dane_none;
  std::string base_domain;
  std::vector<TlsaRecord> records;  ///< all that could be read
  std::vector<TlsaRecord> usable;
  std::string error;
};
/// `addresses` is the host's own result, which decides whether TLSA is asked for at all.
boost::asio::awaitable<TlsaResult> lookup_tlsa(Resolver& resolver, std::string host, std::uint16_t port,
                                               const AddressResult& addresses);

struct TxtResult {
  DnsStatus status = DnsStatus::failed;
  DnsState state = DnsState::indeterminate;
  std::optional<Reason> reason = Reason::dns_error;  ///< why there is none
  std::vector<std::string> texts;  ///< strings of a record joined (RFC 7208 3.3 and RFC 8461 3.1)
  std::string error;
};
boost::asio::awaitable<TxtResult> lookup_txt(Resolver& resolver, std::string name);

}  // namespace mxident::probe
