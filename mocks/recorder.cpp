#include "mocks/recorder.hpp"

#include <utility>

namespace mxident::mocks {

void Recorder::add(const Source& source, EventKind kind, std::string_view text, bool encrypted) {
  using std::chrono::duration_cast;
  using std::chrono::microseconds;
  Event event;
  event.kind = kind;
  event.connection = source.connection;
  event.role = source.role;
  event.host = source.host;
  event.address = source.address;
  event.encrypted = encrypted;
  event.text = text.substr(0, Transcript::kMaxText);
  const std::lock_guard lock(
      mutex_);  // time is read under it, so that times do not go back from event to event
  if (closed_) return;
  event.at_us = duration_cast<microseconds>(std::chrono::steady_clock::now() - start_).count();
  transcript_.add(std::move(event));
  if (told_) told_();
}

void Recorder::on_event(std::function<void()> told) {
  const std::lock_guard lock(mutex_);
  told_ = std::move(told);
}

void Recorder::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

}  // namespace mxident::mocks
