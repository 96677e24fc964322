// Learning finds the bugs of the zoo that lie in how names are compared, without a scenario that shows them:
// the automaton of a client with a bug differs from that of the correct one.
#include <gtest/gtest.h>

#include <map>

#include "harness/adequacy/certificate.hpp"
#include "harness/explore/learn/claim.hpp"
#include "harness/scenario/scenario.hpp"

namespace mxident::harness::zoo {
namespace {

using learn::Alphabet;
using learn::Dfa;
using learn::Side;
using learn::Word;

struct Question {
  Side side;
  std::string fixed;
};
const Question kQuestions[] = {{Side::presented, "m.a.test"}, {Side::references, "*.a.test"}};

bool accepts(BugId bug, const Question& question, const std::string& name) {
  // The zoo looks for hosts that the DNS named: none has a star or a NUL.
  const std::string_view none("*\0", 2);
  if (question.side == Side::references && name.find_first_of(none) != std::string::npos) return false;
  const std::string& presented = question.side == Side::presented ? name : question.fixed;
  Names names;
  names.dns = {presented};
  names.as_text = {"DNS:" + presented};
  Situation situation;
  situation.host = fold_host(question.side == Side::presented ? question.fixed : name);
  situation.domain = "recipient.example";
  return !name.empty() && names_agree(bug, names, situation) == Answer::yes;
}

class ZooTeacher : public learn::Teacher {
 public:
  ZooTeacher(BugId bug, const Question& question, const Alphabet& alphabet)
      : bug_(bug), question_(question), alphabet_(alphabet) {}
  bool ask_again(const Word& word) override { return accepts(bug_, question_, alphabet_.spell(word)); }

 private:
  BugId bug_;
  const Question& question_;
  const Alphabet& alphabet_;
};

learn::Trial trial_of(const Alphabet& alphabet, const Question& question) {
  return {.hints = hints_around(alphabet, question.fixed), .depth = 0, .walks = 800, .seed = 1};
}

Dfa learned(BugId bug, const Question& question, const Alphabet& alphabet) {
  ZooTeacher teacher(bug, question, alphabet);
  learn::Learner learner;
  return learner.learn(teacher, alphabet.size(), trial_of(alphabet, question));
}

const Dfa& correct(const Question& question, const Alphabet& alphabet) {
  static std::map<std::string, Dfa> known;
  const auto [at, fresh] = known.try_emplace(question.fixed);
  if (fresh) at->second = learned(BugId::none, question, alphabet);
  return at->second;
}

class LearnedZoo : public testing::TestWithParam<BugId> {};

TEST_P(LearnedZoo, DiffersFromTheCorrectClient) {
  std::string shown_by;
  for (const auto& question : kQuestions) {
    const Alphabet alphabet(question.fixed, learn::Spelling::labels);
    const auto word = difference(learned(GetParam(), question, alphabet), correct(question, alphabet));
    if (!word) continue;
    const std::string name = alphabet.spell(*word);
    EXPECT_NE(accepts(GetParam(), question, name), accepts(BugId::none, question, name))
        << learn::shown(name);
    shown_by += " " + learn::shown(name);
  }
  EXPECT_FALSE(shown_by.empty());
  std::printf("found by%s\n", shown_by.c_str());
}

std::string name_of(const testing::TestParamInfo<BugId>& row) {
  std::string out(bugs()[static_cast<std::size_t>(row.param)].id);
  for (char& c : out) {
    if (c == '-') c = '_';
  }
  return out;
}

INSTANTIATE_TEST_SUITE_P(
    Learn, LearnedZoo,
    testing::Values(BugId::no_name_check, BugId::partial_wildcard_after_text,
                    BugId::partial_wildcard_before_text, BugId::multi_label_wildcard,
                    BugId::bare_domain_wildcard, BugId::inner_wildcard, BugId::lonely_wildcard, BugId::glob,
                    BugId::regular_expression, BugId::database_pattern, BugId::nul_ends_dns_name,
                    BugId::presented_begins_with_reference, BugId::reference_begins_with_presented,
                    BugId::reference_ends_with_presented, BugId::presented_ends_with_reference,
                    BugId::substring, BugId::parent_domain, BugId::first_label, BugId::last_labels,
                    BugId::trims_blanks, BugId::splits_at_blanks, BugId::case_sensitive,
                    BugId::refuses_wildcards),
    name_of);

/// Otherwise a learner that sees differences everywhere would pass.
TEST(LearnedZoo, OfTheCorrectClientIsWhatRfc9525Says) {
  const Question& question = kQuestions[0];  // the zoo is handed hosts of the DNS, the oracle any reference
  {
    const Alphabet alphabet(question.fixed, learn::Spelling::labels);
    const learn::Claim claim(policy(PolicyId::rfc9525), question.side, question.fixed);
    const auto claimed = learn_claim(claim, alphabet, trial_of(alphabet, question));
    const Dfa& own = correct(question, alphabet);
    for (const auto& word : shortest_words(
             own, claimed.may, [](bool a, bool b) { return a && !b; }, 3))
      ADD_FAILURE() << "accepts " << learn::shown(alphabet.spell(word));
    for (const auto& word : shortest_words(
             own, claimed.must, [](bool a, bool b) { return !a && b; }, 3))
      ADD_FAILURE() << "refuses " << learn::shown(alphabet.spell(word));
  }
}

}  // namespace
}  // namespace mxident::harness::zoo
