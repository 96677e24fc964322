#include "verifier/profile.hpp"

#include <set>

#include "verifier/chain_test_support.hpp"

namespace mxident::test {
namespace {

struct ProfileRow {
  const char* rule;
  int depth;
  std::function<void(R&)> change;
  const char* variant = "";
};
void PrintTo(const ProfileRow& row, std::ostream* out) {
  *out << row.rule << row.variant;
}

/// A certificate that even webpki takes.
void faultless(R& r) {
  own_root(r);
}

const std::vector<ProfileRow>& profile_rows() {
  static const std::vector<ProfileRow> made{
      {"constraint-leading-dot", 1, [](R& r) { constrain(r, {dns(".example.test")}, {}); }},
      {"constraint-leading-dot", 1, [](R& r) { constrain(r, {}, {dns(".example.net")}); }, "-excluded"},
      {"constraints-outside-authority", 0,
       [](R& r) {
         r["mx"].spec.name_constraints = {{dns("example.test")}, {}, true};
       }},
      {"constraints-outside-authority", 0,
       [](R& r) {
         r["mx"].spec.name_constraints = {{dns("example.test")}, {}, false};
       },
       "-not-critical"},
      {"san-not-critical", 0, [](R& r) { r["mx"].spec.subject.clear(); }},
      {"dns-name-syntax", 0, [](R& r) { r["mx"].spec.san->push_back(dns("mx_1.example.test")); },
       "-underscore"},
      {"dns-name-syntax", 0, [](R& r) { r["mx"].spec.san->push_back(dns("-mx.example.test")); }, "-hyphen"},
      {"dns-name-syntax", 0, [](R& r) { r["mx"].spec.san->push_back(dns("mx.example.test.")); },
       "-final-dot"},
      {"dns-name-syntax", 0, [](R& r) { r["mx"].spec.san->push_back(dns("m*.example.test")); }, "-fragment"},
      {"issuer-without-name", 1, [](R& r) { r["ca"].spec.subject.clear(); }},
      {"issuer-basic-constraints", 2, [](R& r) { r["own"].spec.without = {"2.5.29.19"}; }, "-missing"},
      {"issuer-basic-constraints", 2,
       [](R& r) {
         r["own"].spec.extensions = {{"2.5.29.19", false, "\x30\x03\x01\x01\xff"}};
       },
       "-not-critical"},
      {"signs-without-authority", 0, [](R& r) { r["mx"].spec.key_usage = 1 << 0 | 1 << 5; }},
      {"common-name-outside-san", 0, [](R& r) { r["mx"].spec.subject = cn("other.example.test"); }},
      {"common-name-outside-san", 0, [](R& r) { r["mx"].spec.subject = cn("MX.example.test"); }, "-case"},
      {"common-name-outside-san", 0,
       [](R& r) { r["mx"].spec.subject.push_back(r["mx"].spec.subject.front()); }, "-twice"},
      {"common-name-outside-san", 0,
       [](R& r) {
         r["mx"].spec.subject = cn("192.0.2.001");
         r["mx"].spec.san->push_back({NameType::ip, std::string("\xc0\x00\x02\x01", 4), {}});
       },
       "-address"},
      {"san-critical", 0, [](R& r) { r["mx"].spec.san_critical = true; }},
      {"authority-as-server", 0,
       [](R& r) {
         r["mx"].spec.ca = true;
         r["mx"].spec.key_usage = 1 << 0;
       }},
      {"version-other-than-three", 0,
       [](R& r) {
         r["mx"].spec.san.reset();
         r["mx"].spec.subject = {{{"2.5.4.10", {"Example", certs::StringType::utf8}}}};
         bare(r["mx"].spec);
         r["mx"].spec.version = 1;
       }},
  };
  return made;
}

const ProfileRule& rule_of(std::string_view id) {
  for (const auto& rule : profile_rules()) {
    if (rule.id == id) return rule;
  }
  ADD_FAILURE() << "no rule " << id;
  return profile_rules().front();
}

class ProfileTest : public testing::TestWithParam<ProfileRow> {};

// From its own profile on a rule rejects; a milder one does not know it.
TEST_P(ProfileTest, HoldsFromItsProfileOn) {
  const ProfileRow& row = GetParam();
  const ChainRow chain{row.rule,
                       "",
                       [&](R& r) {
                         faultless(r);
                         row.change(r);
                       },
                       Reason::chain_ok,
                       0,
                       {},
                       {"own"}};
  for (const Profile profile : {Profile::mail, Profile::strict, Profile::webpki}) {
    const ChainResult result = result_of(chain, profile);
    const bool holds = rule_of(row.rule).from <= profile;
    EXPECT_EQ(to_string(result.reason), to_string(holds ? Reason::chain_profile : Reason::chain_ok))
        << to_string(profile) << " " << result.library_text;
    if (!holds) continue;
    EXPECT_EQ(result.depth, row.depth);
    EXPECT_TRUE(result.library_text.starts_with(std::string(row.rule) + ": ")) << result.library_text;
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, ProfileTest, testing::ValuesIn(profile_rows()), [](const auto& row) {
  std::string name = std::string(row.param.rule) + row.param.variant;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(Profile, FaultlessChainPassesAll) {
  const ChainRow row{"faultless", "", faultless, Reason::chain_ok, 0, {}, {"own"}};
  EXPECT_EQ(result_of(row, Profile::webpki).reason, Reason::chain_ok);
}

TEST(Profile, CommonNamesThatNeedNoCopy) {
  for (const char* text : {"example.test", "Mail Server"}) {
    const ChainRow row{text,
                       "",
                       [text](R& r) {
                         faultless(r);
                         r["mx"].spec.subject = cn(text);
                       },
                       Reason::chain_ok,
                       0,
                       {},
                       {"own"}};
    EXPECT_EQ(result_of(row, Profile::webpki).reason, Reason::chain_ok) << text;
  }
}

TEST(Profile, EachRuleHasARow) {
  std::set<std::string_view> tried;
  for (const auto& row : profile_rows()) tried.insert(row.rule);
  for (const auto& rule : profile_rules()) EXPECT_TRUE(tried.contains(rule.id)) << rule.id;
}

}  // namespace
}  // namespace mxident::test
