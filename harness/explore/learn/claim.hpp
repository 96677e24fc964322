// What a mode's policy says of names, by the oracle: what the automaton of a client is held against.
#pragma once

#include <string>

#include "harness/explore/learn/alphabet.hpp"
#include "harness/explore/learn/cells.hpp"
#include "harness/explore/learn/learner.hpp"
#include "harness/oracle/names.hpp"
#include "verifier/policy.hpp"

namespace mxident::harness::learn {

class Claim {
 public:
  /// `fixed`: as for Cells. What lives on published records (MTA-STS, DANE) finds none here, and is an
  /// opportunistic policy then (RFC 8461 2, RFC 7672 2.2).
  Claim(const Policy& policy, Side side, std::string fixed);

  oracle::Verdict of(const std::string& name) const;
  bool checks_names() const { return checks_names_; }

 private:
  bool checks_names_;
  oracle::Rules rules_;
  Side side_;
  std::string fixed_;
};

/// Which names a policy certainly accepts, and which it does not certainly refuse: two automata, for what the
/// standards leave open lies between them.
struct Claimed {
  Dfa must, may;
};
Claimed learn_claim(const Claim& claim, const Alphabet& alphabet, const Trial& trial);

}  // namespace mxident::harness::learn
