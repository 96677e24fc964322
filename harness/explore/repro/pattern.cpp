#include "harness/explore/repro/pattern.hpp"

#include <algorithm>
#include <array>
#include <deque>

namespace mxident::harness::repro {
namespace {

constexpr auto kPatterns = std::to_array<Pattern>({
#define MXIDENT_PATTERN(form, signs, within, enters, note) \
  {MXIDENT_PROGRAM, form, signs, within, enters, note},
#include "harness/explore/repro/patterns/all.def"
#undef MXIDENT_PATTERN
});

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Octets that host names and wildcards are written with; those of other alphabets too.
bool is_name(char c) {
  return is_word(c) || c == '.' || c == '-' || c == '_' || c == '*' || static_cast<unsigned char>(c) >= 0x80;
}

/// Fields that end with the first octet that cannot be theirs; the others go on to the literal behind them.
bool is_name_field(std::string_view field) {
  return field == "mx" || field == "cn" || field == "ehlo" || field == "banner" || field == "domain" ||
         field == "dns" || field == "any_name" || field == "cn_host";
}
bool is_number_field(std::string_view field) {
  return field == "number";
}

constexpr std::size_t kMaxField = 400, kMaxList = 4000;

/// A list that began without a quotation mark ends at one (it is a string of JSON or of a program), unless a
/// name is quoted in it: "DNS:'a'", "DnsName('a')". It ends at "\\n" as well.
std::size_t list_end(std::string_view list) {
  const bool quoted = list.starts_with('\'');
  bool open = false;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] == '\\') return i;
    if (quoted || list[i] != '\'') continue;
    if (!open && (i == 0 || (list[i - 1] != ':' && list[i - 1] != '('))) return i;
    open = !open;
  }
  return list.size();
}

}  // namespace

std::span<const Pattern> all_patterns() {
  return kPatterns;
}

Form parse_form(std::string_view form) {
  Form out;
  for (std::size_t at = 0; at < form.size();) {
    if (form[at] == '{') {
      const std::size_t end = form.find('}', at);
      out.parts.push_back({"", form.substr(at + 1, end - at - 1)});
      at = end + 1;
    } else {
      const std::size_t end = std::min(form.find('{', at), form.size());
      out.parts.push_back({std::string(form.substr(at, end - at)), {}});
      at = end;
    }
  }
  while (out.anchor < out.parts.size() && out.parts[out.anchor].literal.empty()) ++out.anchor;
  return out;
}

Anchors::Anchors(std::span<const Form> forms) {
  struct Node {
    std::array<std::uint16_t, 256> to{};
    std::uint16_t fail = 0;
  };
  std::vector<Node> nodes(1);
  depth_.resize(1);
  ending_.resize(1);
  for (std::size_t i = 0; i < forms.size(); ++i) {
    std::uint16_t state = 0;
    for (const char c : forms[i].parts[forms[i].anchor].literal) {
      std::uint16_t to = nodes[state].to[static_cast<unsigned char>(c)];
      if (to == 0) {
        to = static_cast<std::uint16_t>(nodes.size());
        nodes[state].to[static_cast<unsigned char>(c)] = to;
        nodes.emplace_back();
        depth_.push_back(static_cast<std::uint16_t>(depth_[state] + 1));
        ending_.emplace_back();
      }
      state = to;
    }
    ending_[state].push_back(static_cast<std::uint16_t>(i));
  }
  std::deque<std::uint16_t> queue;
  for (const std::uint16_t child : nodes[0].to) {
    if (child != 0) queue.push_back(child);
  }
  while (!queue.empty()) {
    const std::uint16_t state = queue.front();
    queue.pop_front();
    for (std::size_t c = 0; c < 256; ++c) {
      const std::uint16_t child = nodes[state].to[c], other = nodes[nodes[state].fail].to[c];
      if (child == 0) {
        nodes[state].to[c] = other;
        continue;
      }
      nodes[child].fail = other;
      ending_[child].insert(ending_[child].end(), ending_[other].begin(), ending_[other].end());
      queue.push_back(child);
    }
  }
  goto_.reserve(nodes.size() * 256);
  for (const auto& node : nodes) goto_.insert(goto_.end(), node.to.begin(), node.to.end());
}

bool match_at(const Form& form, std::string_view line, std::size_t at, Match& match, std::size_t& steps) {
  match.fields.clear();
  const std::string& anchor = form.parts[form.anchor].literal;
  std::size_t begin = at - anchor.size();
  if (form.anchor == 1) {  // a field before it: a name, read backwards
    std::size_t first = begin;
    while (first > 0 && begin - first < kMaxField && is_name(line[first - 1])) --first;
    steps += begin - first;
    if (first == begin) return false;
    match.fields.emplace_back(form.parts[0].field, line.substr(first, begin - first));
    begin = first;
  } else if (begin > 0 && is_word(anchor[0]) && (is_word(line[begin - 1]) || line[begin - 1] == '.')) {
    return false;  // in the middle of a word
  }
  for (std::size_t i = form.anchor + 1; i < form.parts.size(); ++i) {
    const auto& part = form.parts[i];
    if (!part.literal.empty()) {
      if (line.substr(at, part.literal.size()) != part.literal) return false;
      at += part.literal.size();
      continue;
    }
    std::size_t end = at;
    if (is_name_field(part.field)) {
      while (end < line.size() && end - at < kMaxField && is_name(line[end])) ++end;
      // The stop behind a name at the end of a sentence is not the name's.
      while (end > at + 1 && line[end - 1] == '.') --end;
    } else if (is_number_field(part.field)) {
      while (end < line.size() && end - at < 20 && line[end] >= '0' && line[end] <= '9') ++end;
    } else {
      const std::size_t limit = part.field.ends_with("sans") ? kMaxList : kMaxField;
      const std::string_view rest = line.substr(at, limit);
      if (i + 1 < form.parts.size()) {
        const std::size_t found = rest.find(form.parts[i + 1].literal);
        steps += std::min(found, rest.size());
        if (found == std::string_view::npos) return false;
        end = at + found;
      } else {
        end = at + (part.field.ends_with("sans") ? list_end(rest) : rest.size());
      }
    }
    steps += end - at;
    if (end == at) return false;
    if (part.field == "cn_host" && line.substr(at, end - at).find('.') == std::string_view::npos)
      return false;
    match.fields.emplace_back(part.field, line.substr(at, end - at));
    at = end;
    // "host." before ", ..." in a literal: the final dot of a name, as Node writes it.
    if (i + 1 < form.parts.size() && is_name_field(part.field) && line.substr(at, 1) == "." &&
        form.parts[i + 1].literal[0] != '.')
      ++at;
  }
  match.begin = begin;
  match.end = at;
  return true;
}

}  // namespace mxident::harness::repro
