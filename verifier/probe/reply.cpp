#include "reply.hpp"

#include <utility>

#include "../dns_name.hpp"
#include "../net/text.hpp"

namespace mxident::probe {
namespace {

constexpr std::size_t kMaxClaimedName = 255;  // RFC 5321 4.5.3.1.2: a domain has at most 255 octets

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view first_word(std::string_view text) {
  return text.substr(0, text.find_first_of(" \t"));
}

}  // namespace

ReplyReader::State ReplyReader::fail(Reason reason) {
  failed_ = true;
  reason_ = reason;
  line_.clear();
  return State::malformed;
}

ReplyReader::State ReplyReader::feed(std::string_view& input) {
  if (failed_) return State::malformed;
  while (!input.empty()) {
    const char c = input.front();
    input.remove_prefix(1);
    if (carriage_return_ && c != '\n') return fail(Reason::smtp_reply_bare_cr);
    if (c == '\n') {
      if (!carriage_return_) return fail(Reason::smtp_reply_bare_lf);
      carriage_return_ = false;
      const State state = end_line();
      if (state != State::need_more) return state;
      continue;
    }
    if (c == '\r') {
      carriage_return_ = true;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    if (octet == 0) return fail(Reason::smtp_reply_nul);
    // textstring is HT and %d32-126 (RFC 5321 4.2); octets above are UTF-8 of RFC 6531 or old habits: shown,
    // not used.
    if ((octet < 0x20 && c != '\t') || octet == 0x7f) return fail(Reason::smtp_reply_control);
    line_ += c;
    if (line_.size() + 2 > limits_.line_octets) return fail(Reason::smtp_reply_too_long);
  }
  return State::need_more;
}

ReplyReader::State ReplyReader::end_line() {
  // Reply-code is %x32-35 %x30-35 %x30-39; a client acts on the first digit (4.3.2), so odd second digits do
  // no harm.
  if (line_.size() < 3 || line_[0] < '2' || line_[0] > '5' || !is_digit(line_[1]) || !is_digit(line_[2])) {
    return fail(Reason::smtp_reply_malformed);
  }
  const bool bare = line_.size() == 3;  // "250" CRLF: clients must take it (4.2)
  if (!bare && line_[3] != ' ' && line_[3] != '-') return fail(Reason::smtp_reply_malformed);
  const int code = (line_[0] - '0') * 100 + (line_[1] - '0') * 10 + (line_[2] - '0');
  // All lines of one reply carry the same code (4.2.1).
  if (!reply_.lines.empty() && code != reply_.code) return fail(Reason::smtp_reply_code_changes);
  if (reply_.lines.size() == limits_.lines) return fail(Reason::smtp_reply_too_long);
  reply_.code = code;
  const bool more = !bare && line_[3] == '-';
  reply_.lines.push_back(bare ? std::string() : line_.substr(4));
  line_.clear();
  return more ? State::need_more : State::complete;
}

Reply ReplyReader::take() {
  return std::exchange(reply_, Reply{});
}

std::string claimed_name(const Reply& reply) {
  if (reply.lines.empty()) return {};
  return printable(first_word(reply.lines.front()), kMaxClaimedName);
}

std::vector<std::string> capabilities(const Reply& reply) {
  std::vector<std::string> out;
  for (std::size_t i = 1; i < reply.lines.size(); ++i) out.push_back(printable(reply.lines[i]));
  return out;
}

Offered offers(const Reply& reply, std::string_view keyword) {
  for (std::size_t i = 1; i < reply.lines.size(); ++i) {
    const std::string_view word = first_word(reply.lines[i]);
    if (word.size() != keyword.size()) continue;
    std::size_t same = 0;
    while (same < word.size() && dns_name::lower(word[same]) == dns_name::lower(keyword[same])) ++same;
    if (same == word.size()) return Offered::yes;
  }
  return Offered::no;
}

}  // namespace mxident::probe
