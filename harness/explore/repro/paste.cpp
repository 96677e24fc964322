#include <algorithm>
#include <map>
#include <optional>

#include "harness/explore/repro/clue.hpp"
#include "harness/explore/repro/pattern.hpp"
#include "harness/text/ascii.hpp"

namespace mxident::harness::repro {
namespace {

constexpr std::size_t kMaxClues = 1000, kMaxShownLines = 200, kMaxUnknown = 100'000, kMaxShown = 100,
                      kMaxJoined = 4000;

struct Forms {
  std::vector<Form> forms;
  Anchors anchors;
};
const Forms& forms() {
  static const Forms made = [] {
    std::vector<Form> forms;
    for (const auto& pattern : all_patterns()) forms.push_back(parse_form(pattern.form));
    Anchors anchors(forms);
    return Forms{std::move(forms), std::move(anchors)};
  }();
  return made;
}

/// What HTML writes with a name or a number, and how long that is.
std::pair<char, std::size_t> entity_at(std::string_view text) {
  static constexpr std::pair<std::string_view, char> kEntities[] = {
      {"&gt;", '>'},    {"&lt;", '<'},   {"&amp;", '&'},  {"&quot;", '\''},
      {"&apos;", '\''}, {"&nbsp;", ' '}, {"&#34;", '\''}, {"&#39;", '\''},
      {"&#x27;", '\''}, {"&#62;", '>'},  {"&#60;", '<'},  {"&#160;", ' '}};
  for (const auto& [written, meant] : kEntities) {
    if (text.starts_with(written)) return {meant, written.size()};
  }
  return {text.front(), 1};
}

/// How long the sequence is that a terminal would obey: "ESC [ ... m", "ESC ] ... BEL", "ESC ( B". It ends
/// with its line at the latest.
std::size_t escape_at(std::string_view text) {
  if (text.size() < 2 || text[1] == '\n') return 1;
  const auto up_to = [&](auto ends) {
    std::size_t i = 2;
    while (i < text.size() && text[i] != '\n' && !ends(text[i])) ++i;
    return i < text.size() && text[i] != '\n' ? i + 1 : i;
  };
  if (text[1] == '[') return up_to([](char c) { return c >= '@' && c <= '~'; });
  if (std::string_view("]PX^_").find(text[1]) != std::string_view::npos)
    return up_to([](char c) { return c == '\a' || c == '\\'; });
  if (text[1] >= ' ' && text[1] <= '/') return up_to([](char c) { return c >= '0' && c <= '~'; });
  return 2;
}

bool is_control(unsigned char octet) {
  return octet < 0x20 || octet == 0x7f;
}

/// What PowerShell writes into a file, as far as these programs' words go: ASCII, and ? for all else.
std::string from_utf16(std::string_view text) {
  const std::size_t low = text.starts_with("\xff\xfe") ? 0 : 1;
  std::string out;
  for (std::size_t i = 2; i + 1 < text.size(); i += 2) {
    const auto octet = static_cast<unsigned char>(text[i + low]);
    out += text[i + 1 - low] == '\0' && octet < 0x80 ? static_cast<char>(octet) : '?';
  }
  return out;
}

/// One kind of quotation mark, escaped or not, one blank for many, none around the colon behind a quotation
/// mark (JSON), no HTML entities, nothing that a terminal obeys, no carriage returns; lines stay.
std::string plain(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  const auto add = [&out](char c) {
    if (c == '"' || c == '`' || c == '\'') {
      if (out.ends_with('\\')) out.pop_back();
      out += '\'';
    } else if (c == '\t' || c == ' ') {
      if (!out.ends_with(' ') && !out.ends_with("':")) out += ' ';
    } else if (c == ':' && out.ends_with("' ")) {
      out.back() = ':';
    } else if (c != '\r') {
      out += c;
    }
  };
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    if (octet == 0x1b) {
      i += escape_at(text.substr(i)) - 1;
    } else if (is_control(octet) && octet != '\n' && octet != '\r') {
      add(' ');
    } else if (octet == 0xe2 && text.substr(i, 2) == "\xe2\x80" && i + 2 < text.size() &&
               static_cast<unsigned char>(text[i + 2]) >= 0x98 &&
               static_cast<unsigned char>(text[i + 2]) <= 0x9f) {
      add('\'');
      i += 2;
    } else if (text.substr(i, 2) == "\xc2\xa0") {
      add(' ');
      ++i;
    } else if (octet == '&') {
      const auto [meant, length] = entity_at(text.substr(i));
      add(meant);
      i += length - 1;
    } else {
      add(text[i]);
    }
  }
  return out;
}

std::string_view unquoted(std::string_view text) {
  return trimmed(text, " '\"[]");
}

/// The common name in "C = US, CN = x", "/C=US/CN=x" or "CN=x".
std::optional<std::string> common_name_of(std::string_view dn) {
  for (std::size_t at = dn.find("CN"); at != std::string_view::npos; at = dn.find("CN", at + 2)) {
    std::size_t begin = at + 2;
    while (begin < dn.size() && dn[begin] == ' ') ++begin;
    if (begin >= dn.size() || dn[begin] != '=' ||
        (at > 0 && std::string_view(" ,/'=+").find(dn[at - 1]) == std::string_view::npos))
      continue;
    const std::string_view rest = dn.substr(begin + 1);
    const std::string_view name = unquoted(rest.substr(0, rest.find_first_of(",/+\n")));
    if (!name.empty()) return std::string(name);
  }
  return std::nullopt;
}

bool is_mark(char c) {
  return c == '\'' || c == ' ' || c == '[' || c == ']' || c == ')';
}

/// Names with blanks between them: whatever has no dot is a word of the sentence, and a mailbox is a
/// person's.
std::string comma_list(std::string_view blanks) {
  std::string out;
  while (!(blanks = unquoted(blanks)).empty()) {
    const std::string_view word = blanks.substr(0, blanks.find(' '));
    blanks.remove_prefix(word.size());
    if (word.find('.') == std::string_view::npos || word.find('@') != std::string_view::npos) continue;
    const bool address = word.find_first_not_of("0123456789.") == std::string_view::npos;
    out += (address ? "ip:" : "dns:") + std::string(word) + ",";
  }
  return out;
}

/// "DNS:a, DNS:b", "a | DNS:b", "'a', 'b'", "DnsName('a') or IpAddress(b)": each entry as "type:value"; one
/// without a type is of `untyped`.
std::vector<std::string> san_entries(std::string_view list, std::string_view untyped) {
  static constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {"dns:", "dns"},     {"ip address:", "ip"}, {"ip:", "ip"},   {"uri:", "uri"},     {"email:", "email"},
      {"dnsname:", "dns"}, {"ipaddress:", "ip"},  {"dns=", "dns"}, {"dnsname(", "dns"}, {"ipaddress(", "ip"}};
  std::vector<std::string> out;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find_first_of(",|;", at), list.size());
    const std::size_t either = list.substr(at, end - at).find(" or ");
    std::string_view entry = unquoted(list.substr(at, std::min(either, end - at)));
    if (entry.starts_with("and ")) entry = unquoted(entry.substr(4));
    at = either == std::string_view::npos ? end + 1 : at + either + 4;
    if (entry.empty()) continue;
    std::string_view type = untyped;
    const std::string folded = lower(entry.substr(0, 12));
    for (const auto& [word, meant] : kTypes) {
      if (!folded.starts_with(word)) continue;
      type = meant;
      entry = unquoted(entry.substr(word.size()));
      break;
    }
    // Whatever stands behind a name belongs to the sentence.
    entry = entry.substr(
        0, static_cast<std::size_t>(std::find_if(entry.begin(), entry.end(), is_mark) - entry.begin()));
    while (entry.ends_with('.') && type == "dns") entry.remove_suffix(1);
    if (entry.empty() || entry.size() > 253) continue;
    out.push_back(std::string(type) + ":" + std::string(entry));
  }
  return out;
}

/// A line that further lines belong to: a list of strings in JSON, or names that a table wraps.
bool opens_list(std::string_view line) {
  return line.ends_with("':[") || line.find("subjectAltName (SAN) ") != std::string_view::npos;
}
bool continues_list(std::string_view open, std::string_view line) {
  const std::string_view words = trimmed(line, " >");
  if (words.empty()) return false;
  if (open.ends_with('[') || open.ends_with(',')) return words.front() == '\'';
  // Blanks in front tell the wrapped names of a table from a line of prose.
  return open.find("':[") == std::string_view::npos && line.starts_with(' ') == open.starts_with(' ') &&
         words.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_* ") ==
             std::string_view::npos &&
         words.find('.') != std::string_view::npos;
}

/// "250-SIZE" and "250 2.1.0" name no host.
bool is_host(std::string_view text) {
  return text.find('.') != std::string_view::npos && std::any_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
         });
}

class Reader {
 public:
  explicit Reader(std::string_view text)
      : text_(text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff") ? plain(from_utf16(text))
                                                                           : plain(text)) {}

  Reading read() {
    std::size_t number = 0;
    for (std::size_t at = 0; at < text_.size();) {
      std::string_view first = line_at(at);
      at += first.size() + 1;
      ++number;
      if (is_of_certificate(first)) continue;
      if (!opens_list(first)) {
        line(first, number);
        continue;
      }
      std::string joined(first);
      std::size_t more = 0;
      while (at < text_.size() && joined.size() < kMaxJoined && continues_list(joined, line_at(at))) {
        const std::string_view next = line_at(at);
        joined += ' ';
        joined += trimmed(next, " >");
        at += next.size() + 1;
        ++more;
      }
      if (joined.find("':[") != std::string::npos) joined += ']';
      line(joined, number);
      number += more;
    }
    return std::move(reading_);
  }

 private:
  std::string_view line_at(std::size_t at) const {
    return std::string_view(text_).substr(at, std::min(text_.find('\n', at), text_.size()) - at);
  }

  /// Whether the line is within a certificate. One that is not ended, or that prose interrupts, is none.
  bool is_of_certificate(std::string_view line) {
    constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    const std::string_view words = trimmed(line, " >");
    if (words == "-----BEGIN CERTIFICATE-----") {
      pem_ = std::string(words) + "\n";
      return false;
    }
    if (pem_.empty()) return false;
    const bool ends = words == "-----END CERTIFICATE-----";
    if (!ends && words.find_first_not_of(kBase64) != std::string_view::npos) {
      pem_.clear();
      return false;
    }
    pem_ += std::string(words) + "\n";
    if (!ends) return true;
    reading_.certificates += pem_;
    pem_.clear();
    return true;
  }

  struct Found {
    const Pattern* pattern;
    Match match;
    std::size_t begin, at;  ///< of its anchor: first and last octet
    std::uint16_t state;
  };

  /// The pattern whose anchor begins first, and of those the one with the longest: "self-signed certificate"
  /// is not what "self-signed certificate in certificate chain" says.
  void line(std::string_view line, std::size_t number) {
    const auto& anchors = repro::forms().anchors;
    std::uint16_t state = 0;
    bool known = false;
    std::optional<Found> found;
    for (std::size_t i = 0; i < line.size() || found; ++i) {
      if (i < line.size()) {
        state = anchors.next(state, static_cast<unsigned char>(line[i]));
        ++reading_.steps;
      }
      if (found && (i >= line.size() || i + 1 - anchors.depth(state) > found->begin)) {
        take(*found->pattern, found->match, line, number);
        known = true;
        const bool has_fields = found->match.end > found->at + 1;
        i = has_fields ? found->match.end - 1 : found->at;
        state = has_fields ? std::uint16_t{0} : found->state;
        found.reset();
      } else {
        find(line, i, state, found);
      }
    }
    const bool has_words =
        line.find_first_not_of(" >|*-=()[]{}.,:;'#~<+_0123456789") != std::string_view::npos;
    if (known || !has_words) return;
    if (reading_.unknown.size() < kMaxUnknown) reading_.unknown.push_back(number);
    if (reading_.shown.size() < kMaxShownLines) reading_.shown.push_back(cut(trimmed(line, " >")));
  }

  void find(std::string_view line, std::size_t at, std::uint16_t state, std::optional<Found>& found) {
    const auto& [forms, anchors] = repro::forms();
    for (const std::uint16_t index : anchors.ending(state)) {
      const std::size_t begin = at + 1 - forms[index].parts[forms[index].anchor].literal.size();
      if (found && begin > found->begin) return;
      const Pattern& pattern = all_patterns()[index];
      const auto section = section_.find(pattern.program);
      if (!pattern.within.empty() && (section == section_.end() || section->second != pattern.within))
        continue;
      Match match;
      if (!match_at(forms[index], line, at + 1, match, reading_.steps)) continue;
      found = Found{&pattern, std::move(match), begin, at, state};
      return;
    }
  }

  static std::string cut(std::string_view text) {
    std::string out;
    std::size_t end = std::min(text.size(), kMaxShown);
    while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    for (const char c : text.substr(0, end))
      out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    return text.size() > end ? out + "..." : out;
  }

  void take(const Pattern& pattern, const Match& match, std::string_view line, std::size_t number) {
    if (!pattern.enters.empty()) section_[pattern.program] = pattern.enters == "-" ? "" : pattern.enters;
    if (reading_.recognised.size() >= kMaxClues || reading_.clues.size() >= kMaxClues) {
      reading_.cut = true;
      return;
    }
    reading_.recognised.push_back(
        {number, pattern.program, cut(line.substr(match.begin, match.end - match.begin)), pattern.note});
    const bool compared = pattern.signs.find("name-") != std::string_view::npos;
    const auto clue = [&](ClueKind kind, std::string value) {
      if (reading_.clues.size() < kMaxClues)
        reading_.clues.push_back({kind, std::move(value), number, pattern.program, compared});
    };
    for (const auto& [field, raw] : match.fields) {
      std::string_view value = unquoted(raw);
      while (value.ends_with('.')) value.remove_suffix(1);
      if (value.empty()) continue;
      if (field == "mx") clue(ClueKind::mx_host, std::string(value));
      if (field == "cn" || field == "cn_host") clue(ClueKind::common_name, std::string(value));
      if (field == "ehlo" && is_host(value)) clue(ClueKind::ehlo, std::string(value));
      if (field == "banner" && is_host(value)) clue(ClueKind::banner, std::string(value));
      if (field == "domain") clue(ClueKind::domain, std::string(value));
      if (field == "dns") clue(ClueKind::san, "dns:" + std::string(value));
      // Only what stands behind the @: the mailbox is a person's.
      if (field == "mailbox" && value.find('@') != std::string_view::npos)
        clue(ClueKind::domain, std::string(trimmed(value.substr(value.rfind('@') + 1), "<>,;. ")));
      if (field == "dn") {
        if (auto name = common_name_of(raw)) clue(ClueKind::common_name, std::move(*name));
      }
      if (field.ends_with("sans")) {
        const std::string prefix = field == "dns_sans" ? "DNS:" : field == "ip_sans" ? "IP Address:" : "";
        const std::string list = field == "blank_sans" ? comma_list(raw) : prefix + std::string(raw);
        for (auto& entry : san_entries(list, field == "cn_sans" ? "cn" : "dns")) {
          if (entry.starts_with("cn:")) {
            clue(ClueKind::common_name, entry.substr(3));
          } else {
            clue(ClueKind::san, std::move(entry));
          }
        }
      }
    }
    for (std::size_t at = 0; at < pattern.signs.size();) {
      const std::size_t end = std::min(pattern.signs.find(' ', at), pattern.signs.size());
      clue(ClueKind::sign, std::string(pattern.signs.substr(at, end - at)));
      at = end + 1;
    }
  }

  std::string text_, pem_;
  Reading reading_;
  std::map<std::string_view, std::string_view> section_;  ///< by program: where in its output we are
};

}  // namespace

Reading read_paste(std::string_view text) {
  return Reader(text).read();
}

}  // namespace mxident::harness::repro
