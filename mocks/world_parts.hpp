// The seam between the world, which owns all sockets, TLS and the transcript, and the name server and policy
// host behind them, which own their protocols. Both sides exchange octets only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mocks/world.hpp"

namespace mxident::mocks {

enum class Transport { udp, tcp };

/// Which of a world's two name servers was asked: `resolver` (.53, recursion available, validates) or
/// `authority`
/// (.54, root, TLDs and zones for a library that validates itself).
enum class DnsRole { resolver, authority };

/// What a name server must know beyond its spec.
struct DnsContext {
  /// By host name without final dot, in lower case: the servers and the policy hosts ("mta-sts.DOMAIN"). They
  /// become A and AAAA records, unless a zone line gives that owner an address.
  std::map<std::string, std::vector<std::string>> addresses;
  /// By owner name without final dot: TXT data of any length ("_mta-sts.DOMAIN"), unless a zone line gives
  /// that owner a TXT record. Octets go in as they stand, in character-strings of at most 255 octets (RFC
  /// 1035 3.3.14).
  std::map<std::string, std::string> texts;
  std::string authority_address;  ///< address of all name servers ("127.1.2.54")
  std::int64_t clock = 0;         ///< seconds since 1970, never 0: time of DNSSEC signatures
};

struct DnsReply {
  std::optional<std::vector<std::uint8_t>>
      octets;  ///< without the length prefix of TCP; missing: say nothing
  /// For the transcript: "mx.example.test. A NOERROR", "... TIMEOUT" when nothing is said; empty: nothing to
  /// record.
  std::string said;
};

/// The name servers of one world: a function from query to reply. Safe to call from several threads at once.
class DnsService {
 public:
  virtual ~DnsService() = default;
  /// Throws WorldError for a zone line that cannot be read.
  static std::unique_ptr<DnsService> make(const DnsSpec& spec, const DnsContext& context);
  /// `query` is one message of at most 65535 octets, untrusted.
  virtual DnsReply answer(std::span<const std::uint8_t> query, Transport transport, DnsRole role) const = 0;
  /// See World::trust_anchors.
  virtual std::vector<std::string> trust_anchors() const = 0;
};

/// One connection to a policy host, inside TLS: octets in, octets out.
class StsSession {
 public:
  struct Output {
    std::string octets;  ///< to send, in the order of the requests
    bool close = false;  ///< end the connection after sending
    std::vector<std::string>
        requests;  ///< for the transcript: "GET mta-sts.x.test /.well-known/mta-sts.txt 200"
  };
  virtual ~StsSession() = default;
  /// Untrusted octets as they come, any part of a request or several of them. Not called again after `close`.
  virtual Output feed(std::string_view octets) = 0;
};

/// The policy host of one domain. Safe to call from several threads at once; a session is used by one at a
/// time and does not outlive its service.
class StsService {
 public:
  virtual ~StsService() = default;
  static std::unique_ptr<StsService> make(const StsSpec& spec);
  virtual std::unique_ptr<StsSession> open() const = 0;
};

}  // namespace mxident::mocks
