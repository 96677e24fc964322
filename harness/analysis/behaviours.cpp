#include "harness/analysis/behaviours.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <span>

#include "harness/analysis/near_names.hpp"

namespace mxident::harness {
namespace {

/// A rule that is broken in one direction, as a behaviour. Several rules may show the same one. The order
/// breaks ties, so the more telling stand first.
struct Row {
  std::string_view rule;
  Outcome outcome;  ///< lax or strict
  std::string_view phrase;
};

constexpr Row kRows[] = {
    {"rfc2818-3.1-dnsname-first", Outcome::lax, "takes a common name although a dNSName is there"},
    {"rfc6125-6.3-cn-last-resort", Outcome::lax, "takes a common name although a SAN is there"},
    {"rfc2818-3.1-most-specific-cn", Outcome::lax, "takes a common name that is not the last one"},
    {"rfc6125-1.8-cnid-shape", Outcome::lax, "takes common names that are no host names"},
    {"rfc5280-4.1.2.4-cn-encodings", Outcome::lax, "reads the octets of a common name whatever its encoding"},
    {"rfc9525-2-no-cn", Outcome::lax, "takes a common name"},
    {"rfc9525-6.3-wildcard-alabel", Outcome::lax, "takes a wildcard inside an A-label"},
    {"rfc6125-6.4.3-3-not-in-idn", Outcome::lax, "takes a wildcard inside an A-label"},
    {"rfc9525-6.3-wildcard-whole-label", Outcome::lax, "takes a wildcard that is only a part of a label"},
    {"rfc9525-6.3-wildcard-only-one", Outcome::lax, "takes several wildcards in one name"},
    {"rfc9525-6.3-wildcard-leftmost", Outcome::lax, "takes a wildcard that is not in the left-most label"},
    {"rfc6125-6.4.3-1-leftmost", Outcome::lax, "takes a wildcard that is not in the left-most label"},
    {"nul-byte", Outcome::lax, "reads a name only up to its first NUL octet"},
    {"rfc9525-6.1.1-ip-gives-ipid", Outcome::lax, "takes the text of an address for the address"},
    {"rfc9525-3-ipv4-first", Outcome::lax, "takes the text of an address for the address"},
    {"rfc9525-6.2-ip-no-partial", Outcome::lax, "takes addresses that are alike only in part"},
    {"rfc9525-6.4-ip-octets", Outcome::lax, "takes an iPAddress of other octets"},
    {"rfc2818-3.1-ip", Outcome::lax, "takes another identifier than an iPAddress for an address"},
    {"rfc3207-6-banner-untrusted", Outcome::lax, "takes the name that the server says in its banner"},
    {"rfc5321-4.2-greeting-name", Outcome::lax, "takes the name that the server says in its banner"},
    {"rfc5321-4.1.1.1-ehlo-arg", Outcome::lax, "takes the name that the server says in its EHLO reply"},
    {"rfc9525-3-state-srv-uri", Outcome::lax, "takes an SRV-ID or a URI-ID"},
    {"rfc7817-3-no-uri", Outcome::lax, "takes a URI-ID"},
    {"rfc9525-2-no-other-rdn", Outcome::lax, "takes another subject attribute than the common name"},
    {"rfc9525-1.3-four-id-types", Outcome::lax, "takes an identifier of a type that names no service"},
    {"rfc9525-6.1.1-no-intermediate", Outcome::lax, "takes a name that only the DNS gave it"},
    {"rfc5280-4.2.1.6-dns-ia5", Outcome::lax, "takes a dNSName with octets beyond ASCII"},
    {"idn-no-unicode-compare", Outcome::lax, "compares internationalized names otherwise than as A-labels"},
    {"rfc9525-6.3-all-labels", Outcome::lax, "takes names that differ from the host in a label"},
    {"rfc5280-4.2.1.10-wildcard-san", Outcome::lax,
     "lets a wildcard stand for names that a constraint excludes"},
    {"rfc5280-4.2.1.10-cn-uncovered", Outcome::lax, "takes a common name past name constraints"},
    {"rfc5280-4.2.1.10-dns-subtree", Outcome::lax, "passes over name constraints"},
    {"rfc5280-4.2.1.10-ip-cidr", Outcome::lax, "passes over name constraints for addresses"},
    {"rfc5280-4.2.1.10-all-names", Outcome::lax,
     "passes over name constraints for names that it does not compare"},
    {"rfc5280-4.2.1.10-critical-unknown-form", Outcome::lax,
     "passes over critical name constraints of a form that it does not know"},
    {"rfc5280-4.1.2.5-validity", Outcome::lax, "accepts a certificate outside its validity"},
    {"rfc5280-4.2.1.12-eku", Outcome::lax, "does not look at extKeyUsage"},
    {"rfc5280-4.2.1.12-eku-ca", Outcome::lax, "does not look at the extKeyUsage of an authority"},
    {"rfc5280-4.2.1.3-keyusage", Outcome::lax, "does not look at keyUsage"},
    {"rfc5280-4.2.1.9-ca", Outcome::lax, "takes a certificate that is no authority as an issuer"},
    {"rfc5280-4.2.1.9-pathlen", Outcome::lax, "passes over a path length"},
    {"rfc5280-4.2-critical-unknown", Outcome::lax, "passes over critical extensions that it does not know"},
    {"rfc5280-6-order", Outcome::lax, "accepts a chain that does not lead to a trusted root"},
    {"smtp-starttls-no-injection", Outcome::lax, "believes octets that came in clear behind the go-ahead"},
    {"rfc3207-4.2-reset", Outcome::lax, "keeps what it was told before TLS"},
    {"rfc3207-6-downgrade", Outcome::lax, "goes on where TLS was taken away"},
    {"rfc7672-3.1.2-ta-names", Outcome::lax, "checks no name under DANE-TA"},
    {"rfc7672-2.2-usable", Outcome::lax, "does not keep to usable TLSA records"},
    {"rfc7672-2.2-error", Outcome::lax, "delivers although the TLSA lookup fails"},
    {"rfc8461-4.1-mx-mismatch", Outcome::lax, "delivers to hosts that the MTA-STS policy does not list"},
    {"rfc8461-5-enforce", Outcome::lax, "does not enforce MTA-STS"},
    {"rfc9525-6.3-case-insensitive", Outcome::strict, "compares names with their case"},
    {"rfc2818-3.1-wildcard-fragment", Outcome::strict,
     "refuses a wildcard that is a part of a label, which RFC 2818 allows"},
    {"rfc7817-3-wildcard", Outcome::strict, "refuses wildcards"},
    {"rfc9525-6.3-wildcard-one-label", Outcome::strict, "refuses wildcards"},
    {"rfc9525-7.1-public-suffix", Outcome::strict, "refuses wildcards with few labels behind them"},
    {"rfc9525-6.2-any-match", Outcome::strict, "does not look at all names"},
    {"rfc6125-7.4-many-names", Outcome::strict, "gives up on many names"},
    {"rfc2818-3.1-most-specific-cn", Outcome::strict,
     "does not take a common name where no dNSName is there"},
    {"rfc6125-1.8-cnid-shape", Outcome::strict, "does not take a common name where no dNSName is there"},
    {"rfc9525-6.4-ip-octets", Outcome::strict, "refuses a right iPAddress"},
    {"rfc5280-7.2-idn", Outcome::strict, "cannot verify internationalized names"},
    {"idn-no-unicode-compare", Outcome::strict, "cannot verify internationalized names"},
    {"rfc9525-2-dnsid-ascii", Outcome::strict, "stumbles over a name beyond ASCII beside the right one"},
    {"rfc5895-2-mapping", Outcome::strict, "does not map U-labels before it converts them"},
    {"dns-underscore", Outcome::strict, "refuses underscores"},
    {"rfc5280-4.2.1.10-dns-subtree", Outcome::strict, "refuses names that the constraints permit"},
    {"rfc5280-4.2.1.10-ip-cidr", Outcome::strict, "refuses addresses that the constraints permit"},
    {"rfc5280-4.2.1.3-keyusage", Outcome::strict, "wants more of keyUsage than TLS needs"},
    {"rfc3207-4-responses", Outcome::strict,
     "gives up where STARTTLS is refused though it could go on in clear"},
    {"rfc3207-6-downgrade", Outcome::strict,
     "gives up where STARTTLS is missing though it could go on in clear"},
    {"rfc5321-5.1-mx-cname", Outcome::strict, "does not follow aliases of mail hosts"},
    {"rfc8461-5.1-order", Outcome::strict, "does not try the next host"},
    {"rfc7672-2.2.1-mx-order", Outcome::strict, "does not try the next host"},
    {"rfc7672-2.2-usable", Outcome::strict, "refuses usable TLSA records"},
    {"rfc7672-3.1.1-ee-names", Outcome::strict, "checks names or dates under DANE-EE"},
};

constexpr std::string_view kDowngrade = "sends in clear what it must protect";
constexpr std::string_view kHang = "does not end before its deadline";
constexpr std::string_view kCrash = "crashes";

/// What a mode accepts among scenarios of one kind, by the shortest word for each.
struct Habit {
  std::string_view kind;
  struct Item {
    std::string_view word, scenario;
  };
  std::span<const Item> items;
};

constexpr Habit::Item kCommonName[] = {{"without a SAN", "rfc9525/cn-only"},
                                       {"beside an empty SAN", "rfc6125/cn-beside-empty-san"},
                                       {"beside an e-mail entry", "rfc6125/cn-beside-email-entry"},
                                       {"beside an iPAddress", "rfc6125/cn-beside-ip-entry"},
                                       {"beside a URI", "rfc6125/cn-beside-uri-entry"},
                                       {"beside another dNSName", "rfc9525/cn-right-san-wrong"}};
constexpr Habit::Item kWildcards[] = {{"for one label", "rfc9525/wildcard-left-most-label"},
                                      {"for no label", "rfc9525/wildcard-for-no-label"},
                                      {"for two labels", "rfc9525/wildcard-over-two-labels"},
                                      {"in the second label", "rfc9525/wildcard-second-label"},
                                      {"before a top-level domain", "rfc9525/wildcard-top-level"},
                                      {"alone", "rfc9525/wildcard-alone"}};
constexpr Habit::Item kPartial[] = {{"mx*", "rfc9525/wildcard-after-text"},
                                    {"*1", "rfc9525/wildcard-before-text"},
                                    {"m*1", "rfc9525/wildcard-within-text"},
                                    {"xn--*", "idn/wildcard-after-prefix"}};
constexpr Habit::Item kReferences[] = {{"MX host", "rfc9525/exact-name"},
                                       {"recipient domain", "rfc9525/hosted-domain-named"},
                                       {"resolved address", "rfc9525/resolved-address"}};
constexpr Habit kHabits[] = {{"one of these names is enough", kReferences},
                             {"common name", kCommonName},
                             {"wildcards", kWildcards},
                             {"partial wildcards", kPartial}};
constexpr std::string_view kWrongName = "rfc9525/sibling-name";  ///< who takes this one checks no name

bool habit_scenario(const std::string& id) {
  if (id == kWrongName) return true;
  for (const auto& habit : kHabits) {
    if (std::any_of(habit.items.begin(), habit.items.end(),
                    [&](const auto& item) { return item.scenario == id; }))
      return true;
  }
  return false;
}

Outcome fault_of(Expected expected) {
  return expected == Expected::reject ? Outcome::lax : Outcome::strict;
}

}  // namespace

Behaviours::Kind Behaviours::add(const ScenarioRecord& scenario, const CellResult& cell) {
  return add(scenario.rules, near_name_mistake(scenario), cell);
}

Behaviours::Kind Behaviours::add(const std::vector<std::string>& rules, std::string_view near_name,
                                 const CellResult& cell) {
  if (cell.decision && habit_scenario(cell.scenario)) decisions_[cell.scenario] = *cell.decision;
  if (cell.outcome == Outcome::unsupported || cell.outcome == Outcome::either ||
      cell.outcome == Outcome::harness_error)
    return kNoFault;
  std::vector<std::string_view> shown;
  const auto count = [&](std::string_view phrase, Outcome outcome) {
    ++could_[phrase];
    if (cell.outcome == outcome) shown.push_back(phrase);
  };
  count(kDowngrade, Outcome::downgrade);
  count(kHang, Outcome::hang);
  count(kCrash, Outcome::crash);
  std::set<std::string_view> counted;  // two rules of a scenario may show the same behaviour
  for (const auto& row : kRows) {
    const bool cited = std::find(rules.begin(), rules.end(), row.rule) != rules.end();
    if (!cited || fault_of(cell.expected) != row.outcome || !counted.insert(row.phrase).second) continue;
    count(row.phrase, row.outcome);
  }
  if (!near_name.empty() && cell.expected == Expected::reject) count(near_name, Outcome::lax);
  if (!is_fault(cell.outcome)) return kNoFault;
  const auto [at, added] = kinds_by_phrases_.try_emplace(shown, static_cast<Kind>(kinds_.size()));
  if (added) kinds_.push_back({std::move(shown), 0, cell.scenario});
  KindOfFault& kind = kinds_[at->second];
  ++kind.scenarios;
  kind.first = std::min(kind.first, cell.scenario);
  return at->second;
}

bool Behaviours::shows(Kind kind, std::string_view phrase) const {
  const auto& phrases = kinds_[kind].phrases;
  return std::find(phrases.begin(), phrases.end(), phrase) != phrases.end();
}

std::size_t Behaviours::scenarios_of(std::string_view phrase) const {
  std::size_t out = 0;
  for (Kind kind = 0; kind < kinds_.size(); ++kind) {
    if (shows(kind, phrase)) out += kinds_[kind].scenarios;
  }
  return out;
}

std::vector<std::string_view> Behaviours::explaining(std::set<Kind>& unexplained) const {
  std::vector<std::string_view> out, candidates{kDowngrade, kHang, kCrash};
  const auto& near = near_name_mistakes();
  candidates.insert(candidates.end(), near.begin(), near.end());
  for (const auto& row : kRows) candidates.push_back(row.phrase);
  // A rule is shown by scenarios of many kinds, one mistake of comparing by scenarios of one.
  const auto is_claimed = [&](std::string_view phrase, std::size_t shown_by, std::size_t could) {
    if (phrase == kDowngrade || phrase == kHang || phrase == kCrash) return true;
    const bool is_near = std::find(near.begin(), near.end(), phrase) != near.end();
    return is_near ? shown_by == could : 2 * shown_by > could;
  };
  for (Kind kind = 0; kind < kinds_.size(); ++kind) unexplained.insert(kind);
  while (!unexplained.empty()) {
    // The behaviour that explains most of what is left, weighed by how regularly it shows.
    std::string_view best;
    double best_weight = 0;
    for (const auto candidate : candidates) {
      const auto could = could_.find(candidate);
      if (could == could_.end()) continue;
      std::size_t explains = 0;
      for (const Kind kind : unexplained) explains += shows(kind, candidate) ? kinds_[kind].scenarios : 0;
      const std::size_t shown_by = scenarios_of(candidate);
      if (explains == 0 || !is_claimed(candidate, shown_by, could->second)) continue;
      const double share = static_cast<double>(shown_by) / static_cast<double>(could->second);
      const double weight = static_cast<double>(explains) * share;
      if (weight <= best_weight) continue;
      best_weight = weight;
      best = candidate;
    }
    if (best.empty()) break;
    out.push_back(best);
    std::erase_if(unexplained, [&](Kind kind) { return shows(kind, best); });
  }
  return out;
}

std::vector<std::string> Behaviours::faults() const {
  std::set<Kind> open;
  std::vector<std::string> out;
  for (const auto phrase : explaining(open))
    out.push_back(fmt::format("{} ({} of {})", phrase, scenarios_of(phrase), could_.at(phrase)));
  if (open.empty()) return out;
  std::size_t scenarios = 0;
  std::string first = kinds_[*open.begin()].first;
  for (const Kind kind : open) {
    scenarios += kinds_[kind].scenarios;
    first = std::min(first, kinds_[kind].first);
  }
  out.push_back(
      fmt::format("{} other fault{}, the first in {}", scenarios, scenarios == 1 ? "" : "s", first));
  return out;
}

std::vector<std::string> Behaviours::phrases() const {
  std::vector<std::string> out;
  for (const auto& [phrase, kinds] : explained()) out.push_back(phrase);
  return out;
}

std::vector<std::pair<std::string, std::set<Behaviours::Kind>>> Behaviours::explained() const {
  std::set<Kind> open;
  std::vector<std::pair<std::string, std::set<Kind>>> out;
  for (const auto phrase : explaining(open)) {
    std::set<Kind> kinds;
    for (Kind kind = 0; kind < kinds_.size(); ++kind) {
      if (shows(kind, phrase)) kinds.insert(kind);
    }
    out.emplace_back(phrase, std::move(kinds));
  }
  return out;
}

bool Behaviours::shows(std::string_view phrase) const {
  return scenarios_of(phrase) > 0;
}

std::vector<std::string> Behaviours::habits() const {
  const auto wrong = decisions_.find(std::string(kWrongName));
  if (wrong == decisions_.end() || wrong->second != Decision::reject) return {};
  std::vector<std::string> out;
  for (const auto& habit : kHabits) {
    std::vector<std::string_view> yes;
    std::size_t tried = 0;
    for (const auto& item : habit.items) {
      const auto found = decisions_.find(std::string(item.scenario));
      if (found == decisions_.end() || found->second == Decision::none) continue;
      ++tried;
      if (found->second == Decision::accept) yes.push_back(item.word);
    }
    if (tried < 2) continue;
    out.push_back(fmt::format("{}: {}", habit.kind,
                              yes.empty() ? std::string("none") : fmt::format("{}", fmt::join(yes, ", "))));
  }
  return out;
}

const std::vector<BehaviourInfo>& all_behaviours() {
  static const std::vector<BehaviourInfo> kAll = [] {
    std::vector<BehaviourInfo> out{
        {kDowngrade, Outcome::downgrade, {}}, {kHang, Outcome::hang, {}}, {kCrash, Outcome::crash, {}}};
    for (const auto phrase : near_name_mistakes()) out.push_back({phrase, Outcome::lax, {}});
    for (const auto& row : kRows) {
      const auto known =
          std::find_if(out.begin(), out.end(), [&](const auto& info) { return info.phrase == row.phrase; });
      if (known == out.end()) {
        out.push_back({row.phrase, row.outcome, {row.rule}});
      } else {
        known->rules.push_back(row.rule);
      }
    }
    return out;
  }();
  return kAll;
}

std::string behaviour_id(std::string_view phrase) {
  std::string out;
  for (const char c : phrase) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool plain = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
    if (plain) {
      out += lower;
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out;
}

std::set<std::string_view> rules_of_behaviours() {
  std::set<std::string_view> out;
  for (const auto& row : kRows) out.insert(row.rule);
  return out;
}

std::set<std::string_view> scenarios_of_habits() {
  std::set<std::string_view> out{kWrongName};
  for (const auto& habit : kHabits) {
    for (const auto& item : habit.items) out.insert(item.scenario);
  }
  return out;
}

}  // namespace mxident::harness
