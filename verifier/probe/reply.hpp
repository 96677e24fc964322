// SMTP replies as RFC 5321 4.2 has them, read strictly and within limits. No I/O here: octets in, replies
// out.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "../reasons.hpp"

namespace mxident::probe {

/// Limits of one reply. RFC 5321 4.5.3.1.5 gives 512 octets a line; more is seen in the wild, so we allow
/// some slack.
struct ReplyLimits {
  std::size_t line_octets = 2048;  ///< with CRLF
  std::size_t lines = 128;
};

/// A whole reply. `lines` holds the texts after the code, without CRLF; octets as they came, but never NUL,
/// CR or LF.
struct Reply {
  int code = 0;
  std::vector<std::string> lines;

  bool positive() const { return code >= 200 && code < 300; }
};

/// Reads one reply at a time.
class ReplyReader {
 public:
  enum class State { need_more, complete, malformed };

  explicit ReplyReader(ReplyLimits limits = {}) : limits_(limits) {}

  /// Takes octets from the front of `input` up to the end of the reply and leaves the rest in it. `malformed`
  /// is final: there is no way to find the next reply's start.
  State feed(std::string_view& input);

  /// The finished reply; the reader is ready for the next one.
  Reply take();

  /// After `malformed`: why.
  Reason reason() const { return reason_; }

 private:
  State end_line();
  State fail(Reason reason);

  ReplyLimits limits_;
  std::string line_;  // without CRLF
  bool carriage_return_ = false;
  bool failed_ = false;
  Reply reply_;
  Reason reason_ = Reason::smtp_reply_malformed;
};

/// The name that a server claims in its greeting or EHLO reply: the first word of the first line, printable,
/// at most 255 octets. It never identifies anybody (RFC 3207 4.2, RFC 9525 6.1.1); it is shown to people.
std::string claimed_name(const Reply& reply);

/// EHLO keywords with their parameters, one a line, printable; at most the lines of the reply.
std::vector<std::string> capabilities(const Reply& reply);

/// True if `keyword` is the first word of one of the lines after the first, without regard to case (RFC
/// 5321 4.1.1.1).
enum class Offered { no, yes };
Offered offers(const Reply& reply, std::string_view keyword);

}  // namespace mxident::probe
