// The oracle against the other two: hand-written expectations of the whole catalogue, and the verifier on
// generated pairs.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <set>

#include "harness/catalogue/load.hpp"
#include "harness/oracle/expectation.hpp"
#include "harness/oracle/names.hpp"
#include "verifier/match.hpp"

namespace mxident::harness::oracle {
namespace {

constexpr std::int64_t kNow = 1795305600;  // 2026-11-22: inside every default validity
constexpr std::size_t kPairs = 1'000'000;

/// The domain of the user's address, and an SRVName of it, are references of a mail program that found its
/// server by them (RFC 7817 3); whether it did no scenario says, so that the hand leaves these open.
const std::set<std::string> kOfMailPrograms{"rfc7817/mail-domain-named", "rfc7817/submission-srv-entry-only",
                                            "rfc8314/implicit-mail-domain-named"};

/// Without `expect` a scenario must not demand what its author left open: that would accuse clients wrongly.
TEST(OracleAgreement, WithEveryHandWrittenExpectation) {
  const std::filesystem::path folder = std::filesystem::path(MXIDENT_SOURCE_DIR) / "scenarios";
  const Catalogue catalogue = load_catalogue(std::span(&folder, 1));
  std::size_t agreed = 0, open = 0, not_covered = 0;
  for (const auto& scenario : catalogue.scenarios) {
    for (const auto& policy : all_policies()) {
      if (policy.id == PolicyId::mta_sts || policy.id == PolicyId::dane) continue;
      const auto by_hand = expectation(scenario, policy.id);
      const auto computed = expect(scenario, policy, "", kNow);
      if (!by_hand || !computed) {
        ++not_covered;
      } else if (*by_hand == *computed) {
        ++agreed;
      } else if (*computed == Expected::either ||
                 (policy.id == PolicyId::rfc7817 && kOfMailPrograms.contains(scenario.id))) {
        ++open;
      } else {
        ADD_FAILURE() << scenario.id << " under " << to_string(policy.id) << ": by hand "
                      << to_string(*by_hand) << ", the oracle says " << to_string(*computed);
      }
    }
  }
  std::printf("%zu agree, %zu left open by the oracle alone, %zu not covered by both\n", agreed, open,
              not_covered);
  EXPECT_GT(agreed, 1000u);
}

/// One generated question, in a form that can be made smaller.
struct Pair {
  PolicyId policy = PolicyId::rfc9525;
  bool has_san = true;
  std::vector<Identifier> san;
  std::vector<std::vector<std::string>> common_names;
  std::string reference;
};

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  Pair pair() {
    constexpr PolicyId kPolicies[] = {PolicyId::rfc2818, PolicyId::rfc6125, PolicyId::rfc7817,
                                      PolicyId::rfc9525, PolicyId::dane,    PolicyId::mta_sts};
    Pair out;
    out.policy = kPolicies[below(6)];
    out.reference = below(12) == 0 ? address_text() : reference();
    reference_ = out.reference;
    out.has_san = below(5) != 0;
    if (out.has_san) {
      for (std::size_t n = below(4); n > 0; --n) out.san.push_back(identifier());
    }
    for (std::size_t n = below(3); n > 0; --n) {
      out.common_names.push_back({name()});
      if (below(6) == 0) out.common_names.back().push_back(name());
    }
    return out;
  }

 private:
  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }

  std::string label(bool presented) {
    static const std::vector<std::string> kPlain{"a",  "b",   "mx1",  "MX1", "mx12", "xn--bcher-kva",
                                                 "x1", "com", "test", "a-b", "_t",   "3com"};
    static const std::vector<std::string> kOdd{"*",   "*",     "*",          "mx*", "*1", "m*1", "**",
                                               "*x*", "xn--*", "xn--bcher*", "-a",  "a-", "12",  ""};
    if (presented && below(3) == 0) return kOdd[below(kOdd.size())];
    return kPlain[below(kPlain.size())];
  }

  /// A name made from the reference: it nearly fits, or fits.
  std::string near_name() {
    std::string out = reference_;
    const std::size_t dot = out.find('.');
    if (dot == std::string::npos) return out;
    switch (below(8)) {
      case 0:
        return "*" + out.substr(dot);
      case 1:
        return out.substr(0, below(dot + 1)) + "*" + out.substr(dot);
      case 2:
        return "*" + out.substr(below(dot + 1));
      case 3:
        return out.substr(dot + 1);
      case 4:
        return "a." + out;
      case 5:
        return "*." + out;
      case 6:
        return out.substr(0, dot + 1) + "*" + out.substr(std::min(out.find('.', dot + 1), out.size()));
      default:
        return out;
    }
  }

  std::string name() {
    if (below(2) == 0) return near_name();
    std::string out = label(true);
    for (std::size_t n = below(4); n > 0; --n) out += "." + label(below(4) == 0);
    switch (below(24)) {
      case 0:
        return out + ".";
      case 1:
        return out + std::string("\0.evil.test", 11);
      case 2:
        return out + " ";
      case 3:
        return "b\xc3\xbc"
               "cher." +
               out;
      case 4:
        return address_text();
      case 5:
        return std::string(64, 'a') + "." + out;
      default:
        return out;
    }
  }

  std::string reference() {
    std::string out = label(false);
    for (std::size_t n = 1 + below(3); n > 0; --n) out += "." + label(false);
    switch (below(24)) {
      case 0:
        return out + ".";
      case 1:
        return "b\xc3\xbc"
               "cher." +
               out;
      case 2:
        return label(false);
      case 3:
        return out + ".12";
      case 4:
        return out + "..";
      default:
        return out;
    }
  }

  std::string address_text() {
    static const std::vector<std::string> kTexts{"192.0.2.25", "192.0.2.26", "2001:db8::25",
                                                 "::ffff:192.0.2.25"};
    return kTexts[below(kTexts.size())];
  }

  Identifier identifier() {
    switch (below(10)) {
      case 0:
        return {Kind::ip, *address_octets(address_text())};
      case 1:
        return {Kind::ip, std::string(5, '\1')};
      case 2:
        return {Kind::uri, "smtp://" + reference()};
      case 3:
        return {Kind::srv, "_smtp." + reference()};
      case 4:
        return {Kind::email, "a@" + reference()};
      default:
        return {Kind::dns, name()};
    }
  }

  std::mt19937 random_;
  std::string reference_;  ///< of the pair that is being made
};

PresentedNames presented_of(const Pair& pair) {
  PresentedNames out;
  out.san = !pair.has_san      ? PresentedNames::San::absent
            : pair.san.empty() ? PresentedNames::San::empty
                               : PresentedNames::San::present;
  for (const auto& id : pair.san) {
    PresentedType type = PresentedType::other;
    switch (id.kind) {
      case Kind::dns:
        type = PresentedType::dns;
        break;
      case Kind::ip:
        type = PresentedType::ip;
        break;
      case Kind::uri:
        type = PresentedType::uri;
        break;
      case Kind::srv:
        type = PresentedType::srv;
        break;
      case Kind::email:
        type = PresentedType::email;
        break;
      case Kind::other:
        break;
    }
    out.identifiers.push_back({type, id.octets});
  }
  for (const auto& rdn : pair.common_names) {
    for (const auto& value : rdn) {
      PresentedCommonName cn;
      cn.octets = value;
      cn.only_one_in_rdn = rdn.size() == 1;
      out.common_names.push_back(std::move(cn));
    }
  }
  return out;
}

bool verifier_matches(const Pair& pair) {
  const NameRules& rules = policy(pair.policy).rules;
  const auto made = make_reference(pair.reference, ReferenceOrigin::configured, rules);
  if (!made.reference) return false;
  return match(presented_of(pair), std::span(&*made.reference, 1), rules).verdict == MatchVerdict::match;
}

bool disagree(const Pair& pair) {
  const Names names{pair.has_san, pair.san, pair.common_names};
  const Reference reference{address_octets(pair.reference) ? RefKind::address : RefKind::host,
                            pair.reference};
  const Verdict verdict = check_names(names, {reference}, rules_for(policy(pair.policy)));
  return verdict != Verdict::open && (verdict == Verdict::match) != verifier_matches(pair);
}

/// Leaves out what the disagreement does not need.
Pair shrink(Pair pair) {
  const auto try_without = [&](auto member) {
    for (std::size_t i = 0; i < (pair.*member).size();) {
      Pair smaller = pair;
      (smaller.*member).erase((smaller.*member).begin() + static_cast<std::ptrdiff_t>(i));
      if (disagree(smaller)) {
        pair = std::move(smaller);
      } else {
        ++i;
      }
    }
  };
  try_without(&Pair::san);
  try_without(&Pair::common_names);
  return pair;
}

std::string visible(const std::string& octets) {
  std::string out;
  for (const char c : octets) {
    const auto octet = static_cast<unsigned char>(c);
    out += octet < 0x20 || octet >= 0x7f ? fmt::format("\\x{:02x}", octet) : std::string(1, c);
  }
  return out;
}

std::string describe(const Pair& pair) {
  static const char* const kKinds[] = {"dns", "ip", "uri", "srv", "email", "other"};
  std::string out = fmt::format("{}: ", to_string(pair.policy));
  out += pair.has_san ? "SAN [" : "no SAN [";
  for (const auto& id : pair.san)
    out += fmt::format(" {}:{}", kKinds[static_cast<int>(id.kind)], visible(id.octets));
  for (const auto& rdn : pair.common_names) {
    for (const auto& cn : rdn) out += fmt::format(" {}:{}", rdn.size() > 1 ? "cn+" : "cn", visible(cn));
  }
  return out + fmt::format(" ] ~ {}: the verifier says {}", visible(pair.reference),
                           verifier_matches(pair) ? "match" : "mismatch");
}

TEST(OracleAgreement, WithTheVerifierOnAMillionPairs) {
  Generator generator(20261122);
  std::size_t disagreements = 0, matches = 0;
  for (std::size_t i = 0; i < kPairs && disagreements < 20; ++i) {
    const Pair pair = generator.pair();
    matches += verifier_matches(pair) ? 1 : 0;
    if (!disagree(pair)) continue;
    ++disagreements;
    ADD_FAILURE() << describe(shrink(pair));
  }
  // A generator whose pairs hardly ever match would prove nothing.
  EXPECT_GT(matches, kPairs / 100);
  std::printf("%zu pairs, %zu of them match\n", kPairs, matches);
}

}  // namespace
}  // namespace mxident::harness::oracle
