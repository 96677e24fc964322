// References and presented names as text. First octet: switches; first line: the reference; other lines:
// dNSName, or another type after its first octet.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "verifier/match.hpp"

namespace {

using namespace mxident;

NameRules rules_from(unsigned char bits) {
  NameRules rules = policy(static_cast<PolicyId>(bits % kPolicyCount)).rules;
  const auto on = [bits](unsigned bit) { return (bits >> bit & 1U) != 0 ? Switch::on : Switch::off; };
  rules.partial_wildcards = on(4);
  rules.inner_wildcards = on(5);
  rules.multi_label_wildcards = on(6);
  rules.srv_ids = rules.uri_ids = rules.uts46_mapping = on(7);
  return rules;
}

PresentedNames names_from(std::string_view lines) {
  PresentedNames names;
  names.san = PresentedNames::San::present;
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    const std::string_view line = lines.substr(0, end);
    lines = end == std::string_view::npos ? std::string_view{} : lines.substr(end + 1);
    if (line.substr(0, 1) == "=") {
      names.common_names.push_back({std::string(line.substr(1)), true, true});
    } else if (!line.empty() && static_cast<unsigned char>(line[0]) < 7) {
      names.identifiers.push_back({static_cast<PresentedType>(line[0]), std::string(line.substr(1))});
    } else {
      names.identifiers.push_back({PresentedType::dns, std::string(line)});
    }
  }
  return names;
}

void expect(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const NameRules rules = rules_from(data[0]);
  const std::size_t end = input.find('\n', 1);
  const auto made = make_reference(input.substr(1, end - 1), ReferenceOrigin::configured, rules);
  expect(made.reference.has_value() == (made.reason == Reason::reference_ok));
  if (!made.reference) return 0;
  const auto again = make_reference(made.reference->text, ReferenceOrigin::configured, rules);
  expect(again.reference && again.reference->text == made.reference->text);
  const PresentedNames names = names_from(end == std::string_view::npos ? "" : input.substr(end + 1));
  const auto brief = match(names, {&*made.reference, 1}, rules);
  const auto explained = match(names, {&*made.reference, 1}, rules, Explain::yes);
  expect(brief.verdict == explained.verdict && brief.reason == explained.reason);
  if (made.reference->type != ReferenceType::dns) return 0;
  PresentedNames itself;
  itself.san = PresentedNames::San::present;
  itself.identifiers.push_back({PresentedType::dns, made.reference->domain});
  expect(match(itself, {&*made.reference, 1}, rules).verdict == MatchVerdict::match);
  return 0;
}
