#include "mocks/smtp/dialogue.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace mxident::mocks {
namespace {

constexpr std::string_view kNotImplemented = "502 command not implemented";

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return out;
}

/// Lines with LF between them become lines that end in CRLF each; no text, no line.
std::string with_line_ends(std::string_view text) {
  std::string out;
  if (text.empty()) return out;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    out.append(text.substr(at, end - at)).append("\r\n");
    at = end + 1;
    if (at == text.size()) break;  // a final LF ends the last line, it does not begin an empty one
  }
  return out;
}

Reply to_reply(const ReplyOverride& override_) {
  Reply out;
  out.wire = override_.raw ? override_.text : with_line_ends(override_.text);
  out.delay = override_.delay;
  out.repeat = override_.repeat;
  out.late = override_.late;
  if (!out.wire.empty())
    out.repeat = std::min(out.repeat, std::max<std::size_t>(1, Dialogue::kMaxReply / out.wire.size()));
  return out;
}

std::string multi_line(std::string_view code, const std::vector<std::string>& lines) {
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    out.append(code).append(i + 1 < lines.size() ? "-" : " ").append(lines[i]).append("\r\n");
  }
  return out;
}

/// "RCPT TO:<x@domain>" of a domain whose mail is taken; also a mailbox without one (RFC 5321 4.1.1.3).
bool is_taken(const std::string& line, const std::vector<std::string>& domains) {
  const std::size_t open = line.find('<'), close = line.rfind('>');
  if (open == std::string::npos || close == std::string::npos || close < open) return false;
  const std::string mailbox = line.substr(open + 1, close - open - 1);
  const std::size_t at = mailbox.rfind('@');
  if (at == std::string::npos) return upper(mailbox) == "POSTMASTER";
  std::string domain = upper(std::string_view(mailbox).substr(at + 1));
  if (domain.ends_with('.')) domain.pop_back();
  return std::any_of(domains.begin(), domains.end(),
                     [&](const std::string& known) { return upper(known) == domain; });
}

}  // namespace

template <class Accepted>
Dialogue::Step Dialogue::say(const std::string& key, std::string usual, Accepted accepted) const {
  Step step;
  const auto override_ = spec_.replies.find(key);
  step.reply = override_ == spec_.replies.end() ? Reply{std::move(usual)} : to_reply(override_->second);
  if (!step.reply->wire.empty() && (step.reply->wire.front() == '2' || step.reply->wire.front() == '3')) {
    accepted(step);
  }
  if (override_ != spec_.replies.end() && override_->second.close_after) step.then = Then::close_abrupt;
  return step;
}

Dialogue::Step Dialogue::say(const std::string& key, std::string usual) const {
  return say(key, std::move(usual), [](Step&) {});
}

Reply Dialogue::greeting() const {
  return *say("CONNECT", "220 " + spec_.banner + " ESMTP\r\n").reply;
}

bool Dialogue::closes_after_greeting() const {
  const auto override_ = spec_.replies.find("CONNECT");
  return override_ != spec_.replies.end() && override_->second.close_after;
}

void Dialogue::tls_established() {
  encrypted_ = true;
  has_sender_ = has_recipient_ = false;
  line_.clear();
  dropped_ = line_size_ = 0;
}

std::optional<Dialogue::Step> Dialogue::next(std::string_view& input) {
  for (;;) {
    const std::size_t end = input.find('\n');
    const std::string_view part = input.substr(0, end);
    const std::size_t kept = std::min(part.size(), kMaxLine - line_.size());
    line_.append(part.substr(0, kept));
    dropped_ += part.size() - kept;
    input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
    line_size_ += part.size() + (end == std::string_view::npos ? 0 : 1);
    if (state_ == State::message && total_size_ + message_size_ + line_size_ > kMaxMessage) {
      return Step{"", Reply{"421 too much mail\r\n"}, std::nullopt, Then::close};
    }
    if (state_ == State::commands && line_size_ > kMaxEndless)
      return Step{std::exchange(line_, {}), Reply{"421 a line without end\r\n"}, std::nullopt, Then::close};
    if (end == std::string_view::npos) return std::nullopt;
    while (dropped_ == 0 && line_.ends_with('\r')) line_.pop_back();  // some send CR CR LF
    const bool too_long = std::exchange(dropped_, 0) != 0;
    const std::size_t line_size = std::exchange(line_size_, 0);
    std::string line = std::exchange(line_, {});
    if (state_ == State::commands) {
      if (++commands_ > kMaxCommands)
        return Step{std::move(line), Reply{"421 too many commands\r\n"}, {}, Then::close};
      if (too_long) return Step{std::move(line), Reply{"500 line too long\r\n"}, {}, Then::go_on};
      return answer(std::move(line));
    }
    if (line == "." && !too_long) return end_of_message();
    message_size_ += line_size;
  }
}

Dialogue::Step Dialogue::answer(std::string line) {
  const std::size_t space = line.find_first_of(" \t");
  const std::string verb = upper(std::string_view(line).substr(0, space));
  Step step = answer_command(verb, line);
  step.heard = std::move(line);
  return step;
}

Dialogue::Step Dialogue::recipient(const std::string& line) {
  std::string usual = "250 ok\r\n";
  if (!has_sender_) usual = "503 MAIL first\r\n";
  if (has_sender_ && !spec_.recipients.empty() && !is_taken(line, spec_.recipients))
    usual = std::string(kNoRecipient) + ", which relays no mail\r\n";
  return say("RCPT", std::move(usual), [this](Step&) { has_recipient_ = true; });
}

Dialogue::Step Dialogue::answer_command(const std::string& verb, const std::string& line) {
  if (verb == "EHLO" || verb == "HELO") return ehlo(verb == "EHLO");
  if (verb == "STARTTLS") return starttls();
  if (verb == "MAIL") {
    return say(verb, "250 ok\r\n", [this](Step&) {
      has_sender_ = true;
      has_recipient_ = false;
    });
  }
  if (verb == "RCPT") return recipient(line);
  if (verb == "DATA") {
    return say(verb, has_recipient_ ? "354 end with a dot on a line of its own\r\n" : "503 RCPT first\r\n",
               [this](Step&) {
                 state_ = State::message;
                 message_size_ = 0;
               });
  }
  if (verb == "RSET") return say(verb, "250 ok\r\n", [this](Step&) { has_sender_ = has_recipient_ = false; });
  if (verb == "NOOP") return say(verb, "250 ok\r\n");
  if (verb == "VRFY") return say(verb, "252 send mail and see\r\n");
  if (verb == "HELP") return say(verb, "214 RFC 5321\r\n");
  if (verb == "QUIT") {
    Step step = say(verb, "221 " + spec_.banner + " bye\r\n");
    if (step.then == Then::go_on) step.then = Then::close;
    return step;
  }
  return say(verb, std::string(kNotImplemented) + "\r\n");
}

/// A reply to EHLO in clear and one under TLS are overridden apart: the first may be odd, so that the second
/// must not.
Dialogue::Step Dialogue::ehlo(bool extended) {
  has_sender_ = has_recipient_ = false;
  const std::string& name = encrypted_ && spec_.ehlo_after_tls ? *spec_.ehlo_after_tls : spec_.ehlo;
  if (!extended) return say("HELO", "250 " + name + "\r\n");
  std::vector<std::string> lines = {name};
  lines.insert(lines.end(), spec_.capabilities.begin(), spec_.capabilities.end());
  if (starttls_is_known() && !encrypted_) lines.emplace_back("STARTTLS");
  return say(encrypted_ ? "EHLO-TLS" : "EHLO", multi_line("250", lines));
}

/// To refuse TLS or to spoil it, a server needs no certificate.
bool Dialogue::starttls_is_known() const {
  switch (spec_.starttls) {
    case Starttls::hidden:
    case Starttls::implicit:
      return false;
    case Starttls::offered:
    case Starttls::injected:
      return offer_ == Offer::starttls;
    default:
      return true;
  }
}

Dialogue::Step Dialogue::starttls() {
  const std::string key = "STARTTLS";
  const auto begin = [this](Step& step) {
    const bool ready = step.reply->wire.starts_with("220");  // the only such code of RFC 3207 4
    if (ready && starttls_is_known() && !encrypted_) step.then = Then::start_tls;
  };
  if (encrypted_) return say(key, "503 TLS is there already\r\n", begin);
  if (!starttls_is_known()) return say(key, std::string(kNotImplemented) + "\r\n", begin);
  switch (spec_.starttls) {
    case Starttls::refused_454:
      return say(key, "454 TLS not available for the moment\r\n", begin);
    case Starttls::refused_502:
      return say(key, std::string(kNotImplemented) + "\r\n", begin);
    case Starttls::refused_554:
      return say(key, "554 no TLS here\r\n", begin);
    case Starttls::injected:
      // As if a man in the middle had put it there: a client that keeps its buffer takes it for the answer to
      // the EHLO under TLS (CVE-2011-0411).
      return say(key, "220 begin TLS\r\n250-" + spec_.ehlo + "\r\n250 INJECTED\r\n", begin);
    default:
      return say(key, "220 begin TLS\r\n", begin);
  }
}

Dialogue::Step Dialogue::end_of_message() {
  state_ = State::commands;
  has_sender_ = has_recipient_ = false;
  total_size_ += message_size_;
  Step step = say(".", "250 message taken\r\n", [this](Step& taken) { taken.message = message_size_; });
  step.heard = ".";
  return step;
}

}  // namespace mxident::mocks
