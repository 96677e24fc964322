// Hands messages to an SMTP server of this machine, as the programs of a host do to the transfer agent beside
// them: in clear and without a question about who it is, or logged in under TLS.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "harness/sandbox/sandbox.hpp"
#include "verifier/probe/login.hpp"

namespace mxident::harness {

struct Submission {
  std::uint16_t port = 0;  ///< of 127.0.0.1
  std::string sender, recipient, message;
  std::chrono::milliseconds timeout{15000};
  std::optional<probe::Login>
      login;  ///< after STARTTLS, whatever the certificate: it never leaves the machine
};

struct SubmissionEnd {
  /// What a program would have ended with that hands over one message: exit code 0, or 1 and the server's
  /// words.
  sandbox::ProcessResult result;
  /// The server refused by a reply, and stays: not by 421, with which it leaves (RFC 5321 3.8).
  bool refused_by_reply = false;
};

class LocalSubmissions {
 public:
  LocalSubmissions();
  /// Gives up what is under way; nobody is told of that.
  ~LocalSubmissions();

  /// `done` is called once, on a thread of this object. A few are under way at once, others wait.
  void start(Submission submission, std::function<void(SubmissionEnd)> done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mxident::harness
