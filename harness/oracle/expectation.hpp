// Expected decisions computed from a scenario: for policies that it does not name, for refined ones and for
// stated references.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/scenario/scenario.hpp"
#include "harness/text/words.hpp"
#include "verifier/policy.hpp"

namespace mxident::harness::oracle {

/// What a client of this policy ought to do; nullopt where the scenario does something that the model does
/// not cover (overridden replies, raw DER, DNS trouble, MTA-STS and DANE). `host`: the one host that the
/// client is given; empty: it delivers to the domain. `now`: seconds since 1970, used where the scenario has
/// no clock.
std::optional<Expected> expect(const Scenario& scenario, const Policy& policy, const std::string& host,
                               std::int64_t now);

}  // namespace mxident::harness::oracle
