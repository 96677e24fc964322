#include "mocks/transcript.hpp"

#include <utility>

namespace mxident::mocks {

void Transcript::add(Event event) {
  if (event.text.size() > kMaxText) event.text.resize(kMaxText);
  const std::lock_guard lock(mutex_);
  if (events_.size() < kMaxEvents) {
    events_.push_back(std::move(event));
  } else {
    ++dropped_;
  }
}

std::vector<Event> Transcript::events() const {
  const std::lock_guard lock(mutex_);
  return events_;
}

std::size_t Transcript::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

}  // namespace mxident::mocks
