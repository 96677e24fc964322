// Lines of a scenario's `dns` list, read.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "mocks/dns/name.hpp"

namespace mxident::mocks::dns {

/// Numbers of record types that the look-up itself must know (RFC 1035 3.2.2, RFC 3596, RFC 4034).
enum RecordType : std::uint16_t {
  kTypeA = 1,
  kTypeNs = 2,
  kTypeCname = 5,
  kTypeSoa = 6,
  kTypePtr = 12,
  kTypeTxt = 16,
  kTypeAaaa = 28,
  kTypeDs = 43,
  kTypeRrsig = 46,
  kTypeNsec = 47,
  kTypeDnskey = 48,
  kTypeAny = 255,
};

inline constexpr std::uint32_t kDefaultTtl = 300;

/// All records of one owner and type (RFC 2181 5).
struct RrSet {
  std::uint16_t type = 0;
  std::uint32_t ttl = kDefaultTtl;
  std::vector<std::string> rdata;  ///< wire form, names in it uncompressed and in the case they were written
};

/// What a server does in place of an answer.
enum class Misbehaviour {
  servfail,
  nxdomain,
  timeout,   ///< says nothing at all
  truncate,  ///< says TC over UDP, and the truth over TCP
};

struct RecordLine {
  WireName owner;
  std::uint16_t type = 0;
  std::uint32_t ttl = kDefaultTtl;
  std::string rdata;
};

struct MisbehaviourLine {
  WireName owner;
  std::uint16_t type = kTypeAny;  ///< kTypeAny: whatever is asked
  Misbehaviour what = Misbehaviour::servfail;
};

/// Reads "OWNER [TTL] [IN] TYPE RDATA" or "OWNER [TTL] [IN] [TYPE] SERVFAIL|NXDOMAIN|TIMEOUT|TRUNCATE". The
/// owner must end in a dot. Types that have no name here are written as RFC 3597 says (TYPE65280 \# 2 abcd).
/// Of control octets only tabs may occur. Throws WorldError that quotes the line.
std::variant<RecordLine, MisbehaviourLine> read_zone_line(const std::string& line);

/// RDATA of a TXT record: `octets` in character-strings of at most 255 octets.
std::string txt_rdata(const std::string& octets);

/// "MX", or "TYPE65280" for a type without a name.
std::string type_name(std::uint16_t type);

}  // namespace mxident::mocks::dns
