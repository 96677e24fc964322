// The MTA-STS policy of a domain: its record, then the policy over verified HTTPS (RFC 8461 3).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "../chain.hpp"
#include "../dns/resolver.hpp"
#include "../sts.hpp"

namespace mxident::probe {

struct StsFetchOptions {
  std::string domain;  ///< A-labels, no final dot
  std::uint16_t port = 443;
  const TrustStore* trust = nullptr;
  std::int64_t time = 0;
  Family family = Family::any;
  std::chrono::milliseconds timeout{60000};  ///< RFC 8461 3.3 suggests one minute
};

struct StsFetchResult {
  std::optional<StsPolicy> policy;   ///< a live, well-formed policy
  Reason reason = Reason::sts_none;  ///< sts_ok or why there is no policy
  std::string id;                    ///< of the record
  std::string body;                  ///< as served, at most kMaxStsPolicy octets
  std::string error;                 ///< a sentence with the details
  /// There is a record, but it or its policy cannot be used: a sender goes on without it (RFC 8461 3.1, 3.3),
  /// and still the domain publishes MTA-STS.
  bool broken() const {
    const bool bad_record = reason == Reason::sts_record_malformed || reason == Reason::sts_record_several;
    return !policy && (bad_record || !id.empty());
  }
};

/// Redirects are not followed, nothing but 200 text/plain counts, at most 64 KiB are read. The policy host's
/// certificate needs a trusted chain and a DNS-ID for mta-sts.DOMAIN.
boost::asio::awaitable<StsFetchResult> fetch_sts_policy(Resolver& resolver, StsFetchOptions options);

}  // namespace mxident::probe
