#include "mocks/net/gate.hpp"

#include <algorithm>

namespace mxident::mocks {

bool Gate::Bucket::take(Clock::time_point now) {
  if (last_ != Clock::time_point{}) {
    const std::chrono::duration<double> passed = now - last_;
    left_ = std::min(most_, left_ + passed.count() * per_s_);
  }
  last_ = now;
  if (left_ < 1) return false;
  left_ -= 1;
  return true;
}

std::shared_ptr<void> Gate::enter(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (open_ >= limits_.open) {
    ++turned_away_.too_many_open;
    return nullptr;
  }
  if (!connections_.take(now)) {
    ++turned_away_.too_fast;
    return nullptr;
  }
  ++open_;
  return {this, [self = shared_from_this()](void*) { --self->open_; }};
}

bool Gate::question(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const bool answered = questions_.take(now);
  if (!answered) ++turned_away_.questions;
  return answered;
}

TurnedAway Gate::turned_away() const {
  const std::lock_guard lock(mutex_);
  return turned_away_;
}

}  // namespace mxident::mocks
