// Writes into the transcript of a world: adds the time, and falls silent when the world ends.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "mocks/transcript.hpp"

namespace mxident::mocks {

/// What all events of one connection have in common.
struct Source {
  std::uint32_t connection = 0;
  std::string host;
  std::string address;
  Role role = Role::mail_server;
};

/// Thread-safe.
class Recorder {
 public:
  void add(const Source& source, EventKind kind, std::string_view text, bool encrypted = false);
  /// `told` is called after every event from now on, under the recorder's lock.
  void on_event(std::function<void()> told);
  /// No event is added, and nobody told, once this has returned.
  void close();
  const Transcript& transcript() const { return transcript_; }

 private:
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  Transcript transcript_;
  std::mutex mutex_;
  bool closed_ = false;
  std::function<void()> told_;
};

}  // namespace mxident::mocks
