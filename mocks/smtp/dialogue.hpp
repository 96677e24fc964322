// What a mock SMTP server answers: octets of a client in, replies out. No sockets, no TLS, no clock.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "mocks/smtp_spec.hpp"

namespace mxident::mocks {

/// A reply as it goes on the wire.
struct Reply {
  std::string wire;
  std::chrono::milliseconds delay{0};
  std::size_t repeat = 1;
  std::string late{};  ///< follows in a segment of its own
};

/// One side of an SMTP session (RFC 5321), lenient in what it takes: lines may end in LF alone, MAIL may come
/// without EHLO, so that it is TLS and not etiquette on which a client fails.
class Dialogue {
 public:
  static constexpr std::size_t kMaxLine = 4096;  ///< octets kept of a line; the rest is dropped
  static constexpr std::size_t kMaxEndless =
      1U << 20U;  ///< octets of a command without end, then 421 and the end
  static constexpr std::size_t kMaxCommands = 1000;  ///< then 421 and the end
  static constexpr std::size_t kMaxMessage =
      64U << 20U;  ///< octets of all messages of a session, counted, not kept
  static constexpr std::size_t kMaxReply = 16U << 20U;  ///< octets of a reply with all its repetitions

  enum class Then {
    go_on,
    start_tls,     ///< after this reply TLS begins; octets that are left belong to it or are discarded
    close,         ///< in order: the client has said QUIT, or has used up its limits
    close_abrupt,  ///< ReplyOverride::close_after
  };

  /// A line of the client and the answer to it.
  struct Step {
    std::string heard;  ///< without its line end; of a message only the final "."
    std::optional<Reply> reply;
    std::optional<std::size_t> message;  ///< octets of the message that was accepted with this line
    Then then = Then::go_on;
  };

  enum class Offer { starttls, nothing };

  /// `spec` must outlive the dialogue. `offer`: whether the server has a certificate to offer STARTTLS with.
  Dialogue(const SmtpServerSpec& spec, Offer offer) : spec_(spec), offer_(offer) {}

  Reply greeting() const;
  /// Whether the greeting is the last thing said.
  bool closes_after_greeting() const;
  /// Takes octets from the front of `input` up to the end of one line; nothing when the line is not complete
  /// yet, then all of `input` was taken.
  std::optional<Step> next(std::string_view& input);
  /// TLS is established: everything said before is forgotten (RFC 3207 4.2).
  void tls_established();

 private:
  enum class State { commands, message };

  Step answer(std::string line);
  Step answer_command(const std::string& verb, const std::string& line);
  Step recipient(const std::string& line);
  Step end_of_message();
  Step ehlo(bool extended);
  Step starttls();
  /// The override for `key` if there is one, else `usual`. `accepted` is called when the reply begins with 2
  /// or 3.
  template <class Accepted>
  Step say(const std::string& key, std::string usual, Accepted accepted) const;
  Step say(const std::string& key, std::string usual) const;
  bool starttls_is_known() const;

  const SmtpServerSpec& spec_;
  Offer offer_;
  State state_ = State::commands;
  bool encrypted_ = false;
  bool has_sender_ = false, has_recipient_ = false;
  std::string line_;
  std::size_t dropped_ = 0;    // octets of the current line beyond kMaxLine
  std::size_t line_size_ = 0;  // octets of the current line, line end included
  std::size_t commands_ = 0, message_size_ = 0, total_size_ = 0;
};

}  // namespace mxident::mocks
