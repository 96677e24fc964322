#include "harness/input/policy_json.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

namespace mxident::harness {
namespace {

template <typename Value, std::size_t Size>
using Words = std::array<std::pair<const char*, Value>, Size>;

constexpr Words<TlsDemand, 3> kTls{
    {{"never", TlsDemand::never}, {"if-offered", TlsDemand::if_offered}, {"required", TlsDemand::required}}};
constexpr Words<ChainDemand, 2> kChain{
    {{"not-checked", ChainDemand::not_checked}, {"required", ChainDemand::required}}};
constexpr Words<NameDemand, 2> kNames{
    {{"not-checked", NameDemand::not_checked}, {"required", NameDemand::required}}};
constexpr Words<ReferenceSelection, 5> kReferences{
    {{"none", ReferenceSelection::none},
     {"mx-host", ReferenceSelection::mx_host},
     {"recipient-domain", ReferenceSelection::recipient_domain},
     {"configured", ReferenceSelection::configured},
     {"address", ReferenceSelection::address}}};
constexpr Words<CommonNameUse, 3> kCommonName{{{"never", CommonNameUse::never},
                                               {"last-resort", CommonNameUse::last_resort},
                                               {"unless-dns-name", CommonNameUse::unless_dns_name}}};
constexpr Words<CommonNameChoice, 2> kCommonNameChoice{
    {{"most-specific", CommonNameChoice::most_specific},
     {"each-single-valued-rdn", CommonNameChoice::each_single_valued_rdn}}};
constexpr Words<Profile, 3> kProfile{
    {{"mail", Profile::mail}, {"strict", Profile::strict}, {"webpki", Profile::webpki}}};
constexpr Words<Switch, 2> kSwitch{{{"allow", Switch::on}, {"forbid", Switch::off}}};
constexpr Words<Switch, 2> kOnOff{{{"on", Switch::on}, {"off", Switch::off}}};

template <typename Value, std::size_t Size>
void read(const JsonNode& node, const char* key, const Words<Value, Size>& words, Value& target) {
  const auto found = node.find(key);
  if (!found) return;
  const std::string text = found->string();
  std::vector<std::string> known;
  for (const auto& [word, value] : words) {
    if (text == word) {
      target = value;
      return;
    }
    known.emplace_back(word);
  }
  found->fail(fmt::format("found \"{}\", wanted one of {}", text, fmt::join(known, ", ")));
}

struct NamedSwitch {
  const char* key;
  Switch NameRules::*member;
  const Words<Switch, 2>& words;
};
constexpr std::array<NamedSwitch, 12> kSwitches{{
    {"ip_blocks_common_name", &NameRules::ip_blocks_common_name, kOnOff},
    {"wildcards", &NameRules::wildcards, kSwitch},
    {"partial_wildcards", &NameRules::partial_wildcards, kSwitch},
    {"inner_wildcards", &NameRules::inner_wildcards, kSwitch},
    {"multi_label_wildcards", &NameRules::multi_label_wildcards, kSwitch},
    {"public_suffix_guard", &NameRules::public_suffix_guard, kOnOff},
    {"ip_ids", &NameRules::ip_ids, kSwitch},
    {"srv_ids", &NameRules::srv_ids, kSwitch},
    {"uri_ids", &NameRules::uri_ids, kSwitch},
    {"underscore", &NameRules::underscore, kSwitch},
    {"single_label_references", &NameRules::single_label_references, kSwitch},
    {"uts46_mapping", &NameRules::uts46_mapping, kOnOff},
}};

std::string no_policy(const std::string& text) {
  std::vector<std::string> known;
  for (const auto& policy : all_policies()) known.emplace_back(to_string(policy.id));
  const auto near = nearest(text, known);
  return fmt::format("found \"{}\", which is no policy{}; wanted one of {}", text,
                     near ? fmt::format(" (did you mean \"{}\"?)", *near) : "", fmt::join(known, ", "));
}

PolicyId policy_id(const JsonNode& node) {
  const std::string text = node.string();
  if (const auto id = policy_from_string(text)) return *id;
  node.fail(no_policy(text));
}

}  // namespace

Policy policy_from_json(const JsonNode& node) {
  if (node.is_string()) return policy(policy_id(node));
  std::vector<std::string> keys{"base",
                                "tls",
                                "chain",
                                "names",
                                "references",
                                "common_name",
                                "common_name_choice",
                                "labels_after_wildcard",
                                "profile"};
  for (const auto& named : kSwitches) keys.emplace_back(named.key);
  node.object(keys);
  Policy out = policy(policy_id(node.at("base")));
  read(node, "tls", kTls, out.tls);
  read(node, "chain", kChain, out.chain);
  read(node, "names", kNames, out.names);
  read(node, "references", kReferences, out.references);
  read(node, "common_name", kCommonName, out.rules.common_name);
  read(node, "common_name_choice", kCommonNameChoice, out.rules.common_name_choice);
  read(node, "profile", kProfile, out.profile);
  for (const auto& named : kSwitches) read(node, named.key, named.words, out.rules.*(named.member));
  if (const auto n = node.find("labels_after_wildcard"))
    out.rules.labels_after_wildcard = static_cast<std::size_t>(n->integer(0, 10));
  return out;
}

Policy policy_from_word(const std::string& word, const std::string& option) {
  if (word.starts_with('{')) {
    const nlohmann::json value = parse_json(word, option);
    return policy_from_json(JsonNode(value, option));
  }
  if (const auto id = policy_from_string(word)) return policy(*id);
  throw InputError(option, "", no_policy(word));
}

}  // namespace mxident::harness
