// The learner against automata that are known: what it learns is proven equal by the product of the two.
#include "harness/explore/learn/learner.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <stdexcept>

#include "harness/explore/learn/questions.hpp"

namespace mxident::harness::learn {
namespace {

class Known : public Teacher {
 public:
  explicit Known(Dfa dfa) : dfa_(std::move(dfa)) {}
  bool ask_again(const Word& word) override { return dfa_.accepts(word); }

 private:
  Dfa dfa_;
};

Dfa random_dfa(std::mt19937& random, std::size_t states, std::size_t letters) {
  Dfa out{letters, {}, {}};
  for (std::size_t q = 0; q < states; ++q) {
    out.accepting.push_back(random() % 3 == 0);
    for (std::size_t a = 0; a < letters; ++a)
      out.next.push_back(static_cast<std::uint32_t>(random() % states));
  }
  return minimal(out);
}

struct Size {
  const char* name;
  std::size_t states, letters;
};
void PrintTo(const Size& size, std::ostream* out) {
  *out << size.name;
}
class RandomAutomata : public testing::TestWithParam<Size> {};

TEST_P(RandomAutomata, AreLearned) {
  std::mt19937 random(7);
  for (int i = 0; i < 40; ++i) {
    const Dfa target = random_dfa(random, GetParam().states, GetParam().letters);
    Known teacher(target);
    Trial trial{.hints = {}, .depth = 1, .walks = 50, .seed = 3};
    Learner learner;
    // What a trial of this depth misses is told as a hint: the test is of learning, not of trying.
    for (int round = 0; round < 30; ++round) {
      const auto word = difference(learner.learn(teacher, target.letters, trial), target);
      if (!word) break;
      trial.hints.push_back(*word);
    }
    EXPECT_FALSE(difference(*learner.hypothesis, target)) << i;
    EXPECT_EQ(learner.hypothesis->size(), target.size()) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Learner, RandomAutomata,
                         testing::Values(Size{"OneLetter", 6, 1}, Size{"Two", 12, 2}, Size{"Five", 9, 5},
                                         Size{"Fourteen", 7, 14}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Trial, FindsEveryAutomatonWithinItsDepth) {
  std::mt19937 random(11);
  for (int i = 0; i < 60; ++i) {
    const Dfa target = random_dfa(random, 4, 2);
    Known teacher(target);
    Learner learner;
    // A first hypothesis has one state or more, so that three more are all.
    learner.learn(teacher, 2, {.hints = {}, .depth = 3, .walks = 0, .seed = 1});
    EXPECT_FALSE(difference(*learner.hypothesis, target)) << i;
  }
}

TEST(Trial, WithoutDepthMissesWhatLiesDeep) {
  // Accepts exactly the word of seven letters: no trial of depth 0 gets there, so the test above can fail.
  Dfa deep{2, {}, {}};
  for (std::uint32_t q = 0; q < 9; ++q) {
    deep.accepting.push_back(q == 7);
    for (std::uint32_t a = 0; a < 2; ++a) deep.next.push_back(a == 0 && q < 7 ? q + 1 : 8);
  }
  Known teacher(deep);
  Learner learner;
  learner.learn(teacher, 2, {.hints = {}, .depth = 0, .walks = 0, .seed = 1});
  EXPECT_EQ(difference(*learner.hypothesis, deep), Word(7, 0));
  learner.learn(teacher, 2, {.hints = {Word(7, 0)}, .depth = 0, .walks = 0, .seed = 1});
  EXPECT_FALSE(difference(*learner.hypothesis, deep));
}

TEST(Dfa, MinimalKeepsTheLanguage) {
  std::mt19937 random(5);
  for (int i = 0; i < 50; ++i) {
    Dfa big = random_dfa(random, 10, 3);
    const Dfa small = minimal(big);
    // A copy of every state, used by half of the steps.
    const auto n = static_cast<std::uint32_t>(big.size());
    Dfa twice{3, {}, {}};
    for (std::uint32_t q = 0; q < 2 * n; ++q) {
      twice.accepting.push_back(big.accepting[q % n]);
      for (Letter a = 0; a < 3; ++a) twice.next.push_back(big.step(q % n, a) + (random() % 2 ? n : 0));
    }
    EXPECT_FALSE(difference(big, twice)) << i;
    EXPECT_EQ(minimal(twice).size(), small.size()) << i;
  }
}

TEST(Dfa, EndsWith) {
  const Dfa dfa = ends_with(2, {0, 1, 0});
  EXPECT_TRUE(dfa.accepts({0, 1, 0}));
  EXPECT_TRUE(dfa.accepts({0, 1, 0, 1, 0}));
  EXPECT_FALSE(dfa.accepts({0, 1, 1, 0}));
  EXPECT_FALSE(dfa.accepts({}));
}

TEST(Dfa, AcceptedWordsOfAFiniteLanguageAreAll) {
  Dfa dfa{2, {1, 2, 2, 2, 2, 2}, {false, true, false}};
  EXPECT_EQ(accepted_words(dfa, 10), std::vector<Word>{{0}});
  EXPECT_TRUE(accepted_words(constant(2, 0), 10).empty());
  EXPECT_EQ(accepted_words(constant(2, 1), 3), (std::vector<Word>{{}, {0}, {1}}));
}

Limits quick() {
  return {.questions = 5000, .time = std::chrono::minutes(5), .repeat_every = 10};
}

bool has_no_dot(const std::string& name) {
  return name.find('.') == std::string::npos;
}

std::vector<bool> have_no_dot(const std::vector<std::string>& names) {
  std::vector<bool> out;
  for (const auto& name : names) out.push_back(has_no_dot(name));
  return out;
}

TEST(Questions, AskOnceAndSomeTwice) {
  const Alphabet alphabet("m.test", Spelling::labels);
  Memory memory;
  std::size_t put = 0;
  Questions questions(
      alphabet, memory,
      [&](const auto& names) {
        put += names.size();
        return have_no_dot(names);
      },
      quick());
  Learner learner;
  learner.learn(questions, alphabet.size(),
                {.hints = hints_around(alphabet, "m.test"), .depth = 0, .walks = 100, .seed = 1});
  EXPECT_EQ(put, questions.asked());
  EXPECT_GT(questions.repeated(), 0u);
  EXPECT_EQ(questions.asked() - questions.repeated(),
            memory.size() - 1);  // the empty name is never asked about
  const std::size_t before = put;
  questions.ask({*alphabet.read("m.test")});
  EXPECT_EQ(put, before);
}

/// A client that has more than one answer: what it says to a name that it was asked about so many times
/// before, as its question of that number.
struct Fickle {
  const char* name;
  bool (*says)(const std::string& name, std::size_t before, std::size_t number);
};
void PrintTo(const Fickle& row, std::ostream* out) {
  *out << row.name;
}
/// The same in each run, and evenly spread.
bool by_chance(std::size_t number, std::uint64_t of_thousand) {
  std::mt19937_64 random(number);
  return random() % 1000 < of_thousand;
}

class FickleClient : public testing::TestWithParam<Fickle> {};

TEST_P(FickleClient, IsNeverLearned) {
  const Alphabet alphabet("m.test", Spelling::labels);
  Memory memory;
  std::map<std::string, std::size_t> before;
  std::size_t number = 0;
  Questions questions(
      alphabet, memory,
      [&](const std::vector<std::string>& names) {
        std::vector<bool> out;
        for (const auto& name : names) out.push_back(GetParam().says(name, before[name]++, number++));
        return out;
      },
      quick());
  Learner learner;
  const Trial trial{.hints = hints_around(alphabet, "m.test"), .depth = 1, .walks = 100, .seed = 1};
  EXPECT_THROW(learner.learn(questions, alphabet.size(), trial), AnswersDiffer);
}

INSTANTIATE_TEST_SUITE_P(
    Questions, FickleClient,
    testing::Values(
        Fickle{"HalfOfAllByChance",
               [](const auto&, std::size_t, std::size_t number) { return by_chance(number, 500); }},
        Fickle{"TheTenthByChance",
               [](const auto& name, std::size_t, std::size_t number) {
                 return has_no_dot(name) != by_chance(number, 100);
               }},
        Fickle{"TheHundredthByChance",
               [](const auto& name, std::size_t, std::size_t number) {
                 return has_no_dot(name) != by_chance(number, 10);
               }},
        Fickle{"EachSecond", [](const auto&, std::size_t, std::size_t number) { return number % 2 == 0; }},
        Fickle{"EachFortieth", [](const auto& name, std::size_t,
                                  std::size_t number) { return has_no_dot(name) != (number % 40 == 39); }},
        Fickle{"ByChanceAfterAWhile",
               [](const auto& name, std::size_t, std::size_t number) {
                 return number < 120 ? has_no_dot(name) : by_chance(number, 500);
               }},
        Fickle{"RefusesAllAfterAWhile", [](const auto& name, std::size_t,
                                           std::size_t number) { return number < 120 && has_no_dot(name); }},
        Fickle{"AcceptsAllAfterAWhile", [](const auto& name, std::size_t,
                                           std::size_t number) { return number >= 120 || has_no_dot(name); }},
        Fickle{"RefusesAllForAWhile",
               [](const auto& name, std::size_t, std::size_t number) {
                 return (number < 60 || number > 100) && has_no_dot(name);
               }},
        Fickle{"OtherwiseTheSecondTime", [](const auto& name, std::size_t before,
                                            std::size_t) { return has_no_dot(name) != (before == 1); }},
        Fickle{"RefusesTheSecondTime", [](const auto& name, std::size_t before,
                                          std::size_t) { return before == 0 && has_no_dot(name); }}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(Questions, StopAtTheLimitWithTheHypothesisSoFar) {
  const Alphabet alphabet("m.test", Spelling::labels);
  Memory memory;
  Limits limits = quick();
  limits.questions = 300;
  Questions questions(alphabet, memory, have_no_dot, limits);
  Learner learner;
  const Trial trial{.hints = hints_around(alphabet, "m.test"), .depth = 3, .walks = 100, .seed = 1};
  EXPECT_THROW(learner.learn(questions, alphabet.size(), trial), Stopped);
  EXPECT_LE(questions.asked(), 300u);
  EXPECT_TRUE(learner.hypothesis);
}

TEST(Questions, StopWhenTheTimeIsOver) {
  const Alphabet alphabet("m.test", Spelling::labels);
  Memory memory;
  Limits limits = quick();
  limits.time = std::chrono::seconds(-1);
  Questions questions(alphabet, memory, have_no_dot, limits);
  EXPECT_THROW(questions.ask({{0}}), Stopped);
}

}  // namespace
}  // namespace mxident::harness::learn
