#include "harness/analysis/senders.hpp"

#include <algorithm>
#include <vector>

#include "harness/text/ascii.hpp"

namespace mxident::harness {
namespace {

constexpr std::size_t kLongestWord = 160;

template <std::size_t N>
bool says_any(const std::string& words, const std::array<std::string_view, N>& marks) {
  return std::any_of(marks.begin(), marks.end(),
                     [&](std::string_view mark) { return words.find(mark) != std::string::npos; });
}

// As the agents' logs write it: Postfix and Sendmail, Exim, OpenSMTPD, Courier, chasquid, Haraka.
constexpr std::array<std::string_view, 7> kDefers{"status=deferred",   "stat=deferred",    "defer (",
                                                  "result=\"tempfail", "status: deferred", "temporary",
                                                  "tempfail"};
constexpr std::array<std::string_view, 6> kBounces{"status=bounced", "dsn=5.",          "result=\"permfail",
                                                   "status: failed", "permanent error", "bounced"};

bool tried_tls(const CellResult& result) {
  return std::any_of(result.events.begin(), result.events.end(), [](const WireEvent& event) {
    return event.kind == WireKind::client_hello || event.kind == WireKind::handshake ||
           event.kind == WireKind::handshake_failed ||
           (event.kind == WireKind::received && lower(event.text) == "starttls");
  });
}

/// Marks of a log and where what follows them ends.
struct Mark {
  std::string_view begin;
  std::string_view ends;  ///< first of these; a newline always
};
constexpr std::array<Mark, 13> kMarks{{{"Verified TLS connection", " "},
                                       {"Trusted TLS connection", " "},
                                       {"Untrusted TLS connection", " "},
                                       {"Anonymous TLS connection", " "},
                                       {"verify=", ", "},
                                       {"CV=", " "},
                                       {"server-cert-check=", " "},
                                       {"status=", ""},
                                       {"stat=", ""},
                                       {"result=", " "},
                                       {"status: ", ""},
                                       {"certificate_verified=", " "},
                                       {"level=", " "}}};

std::string cut(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), '\r'), text.end());
  while (!text.empty() && (text.back() == ' ' || text.back() == ',' || text.back() == '\n')) text.pop_back();
  if (text.size() <= kLongestWord) return text;
  std::size_t end = kLongestWord;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;  // not within a character
  return text.substr(0, end) + "...";
}

std::string last_line(const std::string& words) {
  const std::size_t end = words.find_last_not_of("\r\n \t");
  if (end == std::string::npos) return "";
  const std::size_t begin = words.rfind('\n', end);
  return words.substr(begin == std::string::npos ? 0 : begin + 1,
                      end + 1 - (begin == std::string::npos ? 0 : begin + 1));
}

}  // namespace

Conduct conduct_of(const CellResult& result) {
  if (!result.decision || result.outcome == Outcome::unsupported || result.outcome == Outcome::harness_error)
    return Conduct::not_judged;
  if (*result.decision == Decision::plaintext)
    return tried_tls(result) ? Conduct::falls_back : Conduct::in_clear;
  if (*result.decision == Decision::accept) {
    if (result.said == "verified") return Conduct::delivers_as_verified;
    return result.said == "unverified" || result.said == "rejected" ? Conduct::delivers_with_warning
                                                                    : Conduct::delivers_silently;
  }
  if (result.outcome == Outcome::hang || result.outcome == Outcome::crash) return Conduct::not_judged;
  const std::string words = lower(result.words);
  if (says_any(words, kDefers)) return Conduct::defers;
  return says_any(words, kBounces) ? Conduct::bounces : Conduct::refuses;
}

std::string log_word(const CellResult& result) {
  struct Found {
    std::size_t at;
    std::string text;
  };
  std::vector<Found> found;
  for (const auto& mark : kMarks) {
    for (std::size_t at = 0; (at = result.words.find(mark.begin, at)) != std::string::npos; ++at) {
      const bool begins = at == 0 || std::isalnum(static_cast<unsigned char>(result.words[at - 1])) == 0;
      if (!begins) continue;  // "status=" is no "stat="
      const std::size_t value = at + mark.begin.size();
      const std::string ends = std::string(mark.ends) + "\n";
      found.push_back({at, cut(result.words.substr(at, result.words.find_first_of(ends, value) - at))});
      break;
    }
  }
  if (found.empty()) return cut(last_line(result.words));
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.at < b.at; });
  std::string out;
  for (const auto& one : found) out += (out.empty() ? "" : " ") + one.text;
  return cut(out);
}

}  // namespace mxident::harness
