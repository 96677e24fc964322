#include "harness/input/host_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "harness/input/json_input.hpp"
#include "verifier/reference.hpp"

namespace mxident::harness {
namespace {

constexpr std::size_t kMaxLabel = 63, kMaxName = 253, kMostShown = 260;

std::string from_word(const std::string& word, const std::string& option, ReferenceOrigin origin,
                      const NameRules& rules, std::string_view wanted) {
  const ReferenceResult made = make_reference(word, origin, rules);
  if (made.reference) return made.reference->text;
  throw InputError(option, "",
                   fmt::format("found \"{}\", wanted {}: {} ({})", word.substr(0, kMostShown), wanted,
                               info(made.reason).sentence, to_string(made.reason)));
}

// RFC 5321 4.1.2: letters and digits, and hyphens between them.
bool is_sub_domain(std::string_view label) {
  const auto is_alnum = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return !label.empty() && label.size() <= kMaxLabel && is_alnum(label.front()) && is_alnum(label.back()) &&
         std::all_of(label.begin(), label.end(), [&](char c) { return is_alnum(c) || c == '-'; });
}

bool is_domain(std::string_view word) {
  if (word.size() > kMaxName) return false;
  for (;;) {
    const std::size_t dot = word.find('.');
    if (!is_sub_domain(word.substr(0, dot))) return false;
    if (dot == word.npos) return true;
    word.remove_prefix(dot + 1);
  }
}

}  // namespace

std::string host_from_word(const std::string& word, const std::string& option, NameRules rules) {
  rules.single_label_references = rules.ip_ids = rules.underscore = Switch::on;
  return from_word(word, option, ReferenceOrigin::configured, rules, "a host name or an address");
}

std::string domain_from_word(const std::string& word, const std::string& option, NameRules rules) {
  rules.ip_ids = rules.underscore = Switch::on;
  return from_word(word, option, ReferenceOrigin::recipient_domain, rules, "a domain or an address literal");
}

void check_hello(const std::string& word, const std::string& option) {
  const ReferenceResult made = make_reference(word, ReferenceOrigin::configured, NameRules{});
  const bool is_address = made.reference && made.reference->type == ReferenceType::ip;
  // An IPv6 address has its tag in a literal; one without brackets is neither.
  const bool tagged = word.find(':') == word.rfind(':') || word.find_first_of("Pp") != word.npos;
  if (is_address ? word.front() == '[' && tagged : is_domain(word)) return;
  throw InputError(option, "",
                   fmt::format("found \"{}\", wanted a domain in ASCII, or an address literal such as "
                               "[192.0.2.1] or [IPv6:2001:db8::1]",
                               word.substr(0, kMostShown)));
}

}  // namespace mxident::harness
