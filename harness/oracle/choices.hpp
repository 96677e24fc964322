// Open questions, answered both ways: a function of choices is run once for each combination of answers that
// it asks for.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "harness/oracle/names.hpp"

namespace mxident::harness::oracle {

class Choices {
 public:
  /// The answer to `question` under `rules`; the same within one round.
  bool ask(Answer Rules::*question) {
    const Answer fixed = rules_.*question;
    if (fixed != Answer::open) return fixed == Answer::yes;
    for (std::size_t i = 0; i < used_; ++i) {
      if (trail_[i].first == question) return trail_[i].second;
    }
    if (used_ == trail_.size()) trail_.emplace_back(question, false);
    return trail_[used_++].second;
  }

  /// Runs `evaluate` for every combination; match if all match, mismatch if none does, else open.
  template <typename Evaluate>
  static Verdict all(const Rules& rules, Evaluate&& evaluate) {
    Choices choices(rules);
    bool any_match = false, any_mismatch = false;
    do {
      choices.used_ = 0;
      (evaluate(choices) ? any_match : any_mismatch) = true;
      if (any_match && any_mismatch) return Verdict::open;
    } while (choices.next());
    return any_match ? Verdict::match : Verdict::mismatch;
  }

 private:
  explicit Choices(const Rules& rules) : rules_(rules) {}

  /// The next combination, as a counter would do it; questions that were not asked in this round are
  /// forgotten.
  bool next() {
    trail_.resize(used_);
    while (!trail_.empty()) {
      if (!trail_.back().second) {
        trail_.back().second = true;
        return true;
      }
      trail_.pop_back();
    }
    return false;
  }

  const Rules& rules_;
  std::vector<std::pair<Answer Rules::*, bool>> trail_;
  std::size_t used_ = 0;
};

}  // namespace mxident::harness::oracle
