// What look-ups brought to light about one host, and what that means as published policy. No I/O.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../apply.hpp"
#include "../dns/resolver.hpp"
#include "sts_fetch.hpp"

namespace mxident::probe {

struct HostFacts {
  std::string domain;   ///< recipient domain in A-labels, or an address; empty: not known (a relay was named)
  std::string host;     ///< MX host, or the relay; an address literal's text
  std::string address;  ///< that is dialled; empty: not known yet
  Published::HostSource host_source = Published::HostSource::dns;
  std::vector<std::string> configured;  ///< names that the operator wants proved
  const MxResult* mx = nullptr;         ///< nullptr: no MX lookup was made
  const TlsaResult* tlsa =
      nullptr;  ///< nullptr: DANE does not apply (an address literal), or was not asked for
  const StsFetchResult* sts = nullptr;  ///< nullptr: not looked for
  const TrustStore* trust = nullptr;
  std::int64_t time = 0;
};

/// Views into `facts`, which has to outlive them.
Published published(const HostFacts& facts);

}  // namespace mxident::probe
