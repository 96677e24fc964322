// From an id that mxident printed to a page about it: what it means, causes, what to change, who behaves so.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/analysis/baseline.hpp"
#include "harness/driver/manifest.hpp"
#include "harness/guide/page.hpp"
#include "harness/scenario/scenario.hpp"
#include "verifier/policy.hpp"
#include "verifier/reasons.hpp"

namespace mxident::harness {

/// What pages refer to. All of it may be empty: then pages say less.
struct GuideSources {
  std::span<const Scenario> scenarios;
  std::span<const Baseline> baselines;
  std::span<const Manifest> clients;
  std::int64_t now = 0;  ///< for scenarios without a clock
};

/// A reason, a policy, a rule, a decision ("D7"), a result type of RFC 8460, a word of a run ("lax"), a
/// client
/// ("curl", "curl:default") or a section ("RFC 8461 3.1", also "rfc8461-3.1"); in any case of letters, with
/// blanks or '_' for '-', and with the kind in front that the page begins with. nullopt: none of these.
std::optional<Page> find_page(std::string_view word, const GuideSources& sources);

/// The same for a list as other pages print it ("RFC 3207 4.1, RFC 7435", "D1, D2"): a page each. Empty if
/// one of them has none.
std::vector<Page> find_pages(std::string_view words, const GuideSources& sources);

/// Every baseline of a folder; none if there is no such folder. Throws InputError.
std::vector<Baseline> load_all_baselines(const std::filesystem::path& folder);

/// All ids that have a page, for "did you mean".
std::vector<std::string> guide_ids();

/// Releases that are recorded with another outcome than pass in these scenarios, the most deviating first:
/// "curl 7.88.1 (ssl-reqd): lax in 3 of 9: takes partial wildcards".
std::vector<std::string> who_deviates(std::span<const std::string> scenarios,
                                      std::span<const Baseline> baselines);

}  // namespace mxident::harness
