// The verifier as a client of its own harness: the probe's delivery, on threads of its own, over real
// sockets.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "certs/mint.hpp"
#include "harness/driver/manifest.hpp"
#include "harness/judge/judge.hpp"
#include "mocks/world.hpp"
#include "verifier/probe/session.hpp"

namespace mxident::harness {

struct BuiltinJob {
  const ClientMode* mode = nullptr;
  std::string domain;     ///< or an address literal
  std::string reference;  ///< Scenario::reference
  std::string resolver_address;
  std::uint16_t resolver_port = 53;
  std::uint16_t smtp_port = 25;
  probe::TlsMode tls = probe::TlsMode::starttls;
  std::vector<mocks::Destination> destinations;  ///< of the world: nothing else is dialled
  std::int64_t time = 0;                         ///< seconds since 1970
  std::string sender, recipient, message;
  std::chrono::milliseconds timeout{20000};
};

struct BuiltinReport {
  ClientReport client;
  std::string reason;  ///< reason id
  std::string words;   ///< what `mxident verify` would say, a few lines
};

class BuiltinClient {
 public:
  BuiltinClient(const std::string& root_pem, unsigned threads);
  ~BuiltinClient();
  /// `done` is called once, on a thread of this object. What a job dials beside its destinations is refused
  /// as if nobody listened there.
  void start(BuiltinJob job, std::function<void(BuiltinReport)> done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mxident::harness
