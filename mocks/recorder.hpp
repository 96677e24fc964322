// Writes into the transcript of a world: adds the time, and falls silent when the world ends.
#pragma once

#include <chrono>
#include <cstdint>
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
  /// No event is added once this has returned.
  void close();
  const Transcript& transcript() const { return transcript_; }

 private:
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  Transcript transcript_;
  std::mutex mutex_;
  bool closed_ = false;
};

}  // namespace mxident::mocks
