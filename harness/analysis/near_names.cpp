#include "harness/analysis/near_names.hpp"

#include <algorithm>
#include <string>

namespace mxident::harness {
namespace {

constexpr std::string_view kSeveralLabels = "lets a wildcard stand for several labels",
                           kNoLabel = "lets a wildcard stand for no label",
                           kParent = "takes the name of a domain above the host",
                           kNameIsEnd = "takes a name with which the host ends",
                           kNameIsBegin = "takes a name with which the host begins",
                           kEndsWith = "takes a name that ends with the host",
                           kBeginsWith = "takes a name that begins with the host",
                           kHolds = "takes a name that holds the host in its midst";

std::string folded(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

std::string_view mistake(const std::string& name, const std::string& host) {
  if (name == host || name.size() < 3) return "";
  if (name.starts_with("*.")) {
    const std::string_view base = std::string_view(name).substr(1);
    if (host == base.substr(1)) return kNoLabel;
    const bool below = host.size() > base.size() && host.ends_with(base);
    return below && host.find('.') < host.size() - base.size() ? kSeveralLabels : "";
  }
  if (name.find('*') != std::string::npos) return "";
  if (host.ends_with("." + name)) return kParent;
  if (host.ends_with(name)) return kNameIsEnd;
  if (host.starts_with(name)) return kNameIsBegin;
  if (name.ends_with(host)) return kEndsWith;
  if (name.starts_with(host)) return kBeginsWith;
  return name.find(host) != std::string::npos ? kHolds : "";
}

}  // namespace

const std::vector<std::string_view>& near_name_mistakes() {
  static const std::vector<std::string_view> kAll{kSeveralLabels, kNoLabel,  kParent,     kNameIsEnd,
                                                  kNameIsBegin,   kEndsWith, kBeginsWith, kHolds};
  return kAll;
}

std::string_view near_name_mistake(const ScenarioRecord& scenario) {
  constexpr std::string_view kType = "dns:";
  // A chain that fails, or a policy that is not about names, refuses whatever the comparison says.
  const bool about_names = scenario.reason.empty() || scenario.reason.starts_with("no-presented-id") ||
                           scenario.reason.starts_with("wildcard") ||
                           scenario.reason.starts_with("presented");
  if (!scenario.presented || !about_names || scenario.host.empty()) return "";
  std::string_view out;
  for (const auto& name : *scenario.presented) {
    if (!name.starts_with(kType)) continue;
    const auto one = mistake(folded(name.substr(kType.size())), folded(scenario.host));
    if (one.empty() || one == out) continue;
    if (!out.empty()) return "";
    out = one;
  }
  return out;
}

}  // namespace mxident::harness
