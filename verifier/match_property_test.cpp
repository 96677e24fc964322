// Properties that hold for all names, and random pairs through X509_check_host.
#include <gtest/gtest.h>
#include <openssl/x509v3.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "certs/mint.hpp"
#include "verifier/dns_name.hpp"
#include "verifier/match.hpp"
#include "verifier/openssl_ptr.hpp"

namespace mxident::test {
namespace {

// Fixed, so that every run tests the same; a longer hunt sets RC_PARAMS itself.
const int kSeeded = setenv("RC_PARAMS", "seed=9525 max_success=1000", 0);

const NameRules& rules(PolicyId id) {
  return policy(id).rules;
}

// Few words, so that names meet often.
rc::Gen<std::string> label() {
  return rc::gen::element<std::string>("mx", "mx1", "a", "example", "test", "mx_1", "xn--bcher-kva", "3com");
}

rc::Gen<std::string> host() {
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(label()), [](const auto& labels) {
    std::string name;
    for (std::size_t i = 0; i < std::min<std::size_t>(labels.size(), 4); ++i) name += labels[i] + ".";
    return name + "test";
  });
}

rc::Gen<std::string> pattern() {
  const auto odd = rc::gen::container<std::string>(rc::gen::elementOf(std::string("*.-_ax1\0 \xc3", 10)));
  const auto wildcard = rc::gen::map(host(), [](const std::string& name) { return "*." + name; });
  const auto partial = rc::gen::map(host(), [](const std::string& name) { return "m*." + name; });
  return rc::gen::weightedOneOf<std::string>({{4, host()}, {4, wildcard}, {1, partial}, {1, odd}});
}

PresentedNames dns_names(const std::vector<std::string>& names) {
  PresentedNames result;
  result.san = names.empty() ? PresentedNames::San::absent : PresentedNames::San::present;
  for (const auto& name : names) result.identifiers.push_back({PresentedType::dns, name});
  return result;
}

bool matches(const std::vector<std::string>& names, const std::string& reference, PolicyId id) {
  const auto made = make_reference(reference, ReferenceOrigin::configured, rules(id));
  return made.reference &&
         match(dns_names(names), {&*made.reference, 1}, rules(id)).verdict == MatchVerdict::match;
}

std::string flip_case(std::string text) {
  for (std::size_t i = 0; i < text.size(); i += 2) {
    if (text[i] >= 'a' && text[i] <= 'z') text[i] = static_cast<char>(text[i] - 'a' + 'A');
  }
  return text;
}

// Words of eight octets are compared at once; what an octet is must not depend on where it stands in them.
TEST(DnsName, AnOctetCountsWhereverItStands) {
  const std::string text = "mx1-host.example.test-and-one-more-label.a";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    const std::string name = text.substr(0, size);
    ASSERT_TRUE(dns_name::equal_fold(name, name));
    ASSERT_EQ(PresentedIdentifier(PresentedType::dns, name).is_plain_dns(), name.back() != '.') << name;
    ASSERT_FALSE(dns_name::equal_fold(name, name + "a"));
    for (std::size_t at = 0; at < size; ++at) {
      for (int octet = 0; octet < 256; ++octet) {
        std::string other = name;
        other[at] = static_cast<char>(octet);
        ASSERT_EQ(dns_name::equal_fold(other, name), dns_name::lower(other[at]) == name[at])
            << size << " octets, " << octet << " at " << at;
        ASSERT_EQ(PresentedIdentifier(PresentedType::dns, other).is_plain_dns(),
                  octet != '*' && octet != 0 && other.back() != '.')
            << size << " octets, " << octet << " at " << at;
      }
    }
  }
}

RC_GTEST_PROP(Properties, AnyUsableNameMatchesItself, ()) {
  const auto name = *host();
  RC_PRE(make_reference(name, ReferenceOrigin::configured, rules(PolicyId::rfc9525)).reference.has_value());
  RC_ASSERT(matches({name}, name, PolicyId::rfc9525));
  RC_ASSERT(matches({flip_case(name)}, name, PolicyId::rfc9525));
  RC_ASSERT(matches({name}, flip_case(name), PolicyId::rfc9525));
  RC_ASSERT(matches({name}, name + ".", PolicyId::rfc9525));
}

RC_GTEST_PROP(Properties, CaseChangesNothing, ()) {
  const auto presented = *pattern();
  const auto reference = *host();
  for (const PolicyId id : {PolicyId::rfc9525, PolicyId::rfc2818}) {
    RC_ASSERT(matches({presented}, reference, id) ==
              matches({flip_case(presented)}, flip_case(reference), id));
  }
}

RC_GTEST_PROP(Properties, AnotherNameNeverUndoesAMatch, ()) {
  const auto names = *rc::gen::container<std::vector<std::string>>(pattern());
  const auto more = *pattern();
  const auto reference = *host();
  auto before = names, after = names;
  before.insert(before.begin(), more);
  after.push_back(more);
  if (!matches(names, reference, PolicyId::rfc9525)) return;
  RC_ASSERT(matches(before, reference, PolicyId::rfc9525));
  RC_ASSERT(matches(after, reference, PolicyId::rfc9525));
}

RC_GTEST_PROP(Properties, OlderRulesAcceptMore, ()) {
  const auto names = *rc::gen::container<std::vector<std::string>>(pattern());
  const auto reference = *host();
  if (!matches(names, reference, PolicyId::rfc9525)) return;
  RC_ASSERT(matches(names, reference, PolicyId::rfc6125));
  RC_ASSERT(matches(names, reference, PolicyId::rfc2818));
  RC_ASSERT(matches(names, reference, PolicyId::dane));
}

RC_GTEST_PROP(Properties, AMatchIsOneOfThePairs, ()) {
  const auto names = *rc::gen::container<std::vector<std::string>>(pattern());
  const auto reference = *host();
  bool any = false;
  for (const auto& name : names) any = any || matches({name}, reference, PolicyId::rfc9525);
  RC_ASSERT(matches(names, reference, PolicyId::rfc9525) == any);
}

RC_GTEST_PROP(Properties, ReferencesAreNormalisedOnce, ()) {
  const auto text = *rc::gen::oneOf(host(), pattern(), rc::gen::arbitrary<std::string>());
  const auto once = make_reference(text, ReferenceOrigin::configured, rules(PolicyId::rfc9525));
  if (!once.reference) {
    RC_ASSERT(to_string(once.reason).substr(0, 10) == "reference-");
    return;
  }
  const auto twice =
      make_reference(once.reference->text, ReferenceOrigin::configured, rules(PolicyId::rfc9525));
  RC_ASSERT(twice.reference.has_value());
  RC_ASSERT(twice.reference->text == once.reference->text);
  RC_ASSERT(twice.reference->octets == once.reference->octets);
}

const certs::Authority& authority(certs::KeyPool& keys) {
  static const certs::Authority made = certs::Authority::make(keys);
  return made;
}

std::string mint(const std::vector<std::string>& names) {
  static certs::KeyPool keys;
  certs::CertificateRequest request;
  request.spec.san.emplace();
  for (const auto& name : names) request.spec.san->push_back({certs::NameType::dns, name, {}});
  return certs::mint({{"mx", request}}, authority(keys), keys).at("mx").leaf.der;
}

RC_GTEST_PROP(Properties, NamesSurviveACertificate, ()) {
  const auto names = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(pattern()));
  const auto read = read_presented_names(mint(names));
  RC_ASSERT(read.has_value());
  RC_ASSERT(read->identifiers.size() == names.size());
  for (std::size_t i = 0; i < names.size(); ++i) RC_ASSERT(read->identifiers[i].octets() == names[i]);
}

// Where libcrypto differs from rfc9525 on purpose: D9 (it wants no underscore in or under a wildcard) and D10
// (it lets a wildcard stand for a label with a hyphen at its edge, but wants none beside one).
bool is_intended_difference(const std::string& presented, const std::string& reference) {
  const bool wildcard = presented.find('*') != std::string::npos;
  const auto edge = [](const std::string& name) {
    return name.front() == '-' || name.find(".-") != std::string::npos ||
           name.find("-.") != std::string::npos || name.back() == '-';
  };
  const bool underscore = (presented + reference).find('_') != std::string::npos;
  return wildcard && (underscore || edge(presented) || edge(reference));
}

RC_GTEST_PROP(Differential, SameAsCheckHost, ()) {
  const auto presented = *pattern();
  const auto reference = *host();
  const auto made = make_reference(reference, ReferenceOrigin::configured, rules(PolicyId::rfc9525));
  RC_PRE(made.reference.has_value());
  const X509Ptr certificate = parse_x509(mint({presented}));
  const bool parsed = certificate != nullptr;
  RC_ASSERT(parsed);
  const std::string& domain = made.reference->domain;
  const int status =
      X509_check_host(certificate.get(), domain.data(), domain.size(),
                      X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, nullptr);
  if (is_intended_difference(presented, domain)) return;
  RC_ASSERT((status == 1) == matches({presented}, reference, PolicyId::rfc9525));
}

}  // namespace
}  // namespace mxident::test
