// Names as words, automata as sentences; and the proof that what is learned of the built-in verifier lies
// where the oracle says.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "harness/explore/learn/claim.hpp"
#include "harness/explore/learn/drawing.hpp"
#include "harness/explore/learn/memory.hpp"
#include "harness/explore/learn/sentence.hpp"
#include "harness/input/json_input.hpp"
#include "verifier/match.hpp"

namespace mxident::harness::learn {
namespace {

std::string nul_name() {
  return std::string("m.a.test\0.x", 11);
}

TEST(Alphabet, ReadsWhatItSpells) {
  for (const auto spelling : {Spelling::labels, Spelling::letters}) {
    const Alphabet alphabet("mx*.a.test", spelling);
    for (const std::string& name : {std::string("mx1.a.test"), std::string("m_-.a.test "), nul_name(),
                                    std::string("\xc3\xbc.a.test")}) {
      const auto word = alphabet.read(name);
      ASSERT_TRUE(word) << shown(name);
      EXPECT_EQ(alphabet.spell(*word), name);
    }
    EXPECT_FALSE(alphabet.read("q.a.test"));
  }
}

TEST(Alphabet, SymbolsDiffer) {
  for (const char* name : {"*.a.test", "xn--*.a.test", "1-_.x.test", "*", "a", "m..test."}) {
    const Alphabet alphabet(name, Spelling::labels);
    std::set<std::string> octets;
    for (const auto& symbol : alphabet.symbols()) EXPECT_TRUE(octets.insert(symbol.octets).second) << name;
  }
}

TEST(Alphabet, NamesAroundANulCanBeAskedAboutWithoutIt) {
  Alphabet alphabet(std::string("m.a.test\0.b.test", 16), Spelling::labels);
  EXPECT_TRUE(alphabet.read(std::string("m.a.test\0.b.test", 16)));
  alphabet.leave_out(std::string(1, '\0'));
  EXPECT_TRUE(alphabet.read("m.a.test"));
  EXPECT_TRUE(alphabet.read("m.b.test"));
  for (const auto& symbol : alphabet.symbols()) EXPECT_EQ(symbol.octets.find('\0'), std::string::npos);
}

TEST(Alphabet, EscapesAreReadBack) {
  EXPECT_EQ(unescaped("m\\x00.a"), std::string("m\0.a", 4));
  for (const char* broken : {"\\", "\\x", "\\x0", "\\xg0", "\\n"}) EXPECT_FALSE(unescaped(broken)) << broken;
}

/// What the verifier says of names, without servers.
class VerifierTeacher : public Teacher {
 public:
  VerifierTeacher(const Alphabet& alphabet, const Policy& policy, Side side, std::string fixed)
      : alphabet_(alphabet), policy_(policy), side_(side), fixed_(std::move(fixed)) {}
  bool ask_again(const Word& word) override {
    const std::string name = alphabet_.spell(word);
    if (name.empty()) return false;
    const auto made =
        make_reference(side_ == Side::references ? name : fixed_, ReferenceOrigin::mx_host, policy_.rules);
    if (!made.reference) return false;
    PresentedNames names;
    names.san = PresentedNames::San::present;
    names.identifiers = {{PresentedType::dns, side_ == Side::references ? fixed_ : name}};
    return match(names, std::span(&*made.reference, 1), policy_.rules).verdict == MatchVerdict::match;
  }

 private:
  const Alphabet& alphabet_;
  const Policy& policy_;
  Side side_;
  std::string fixed_;
};

struct Row {
  const char* name;
  Side side;
  const char* fixed;
};
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}
class VerifierAndOracle : public testing::TestWithParam<Row> {};

TEST_P(VerifierAndOracle, HaveTheSameAutomata) {
  const auto& [id, side, fixed] = GetParam();
  const Alphabet alphabet(fixed, Spelling::labels);
  const Trial usual{.hints = hints_around(alphabet, fixed), .depth = 0, .walks = 1500, .seed = 1};
  for (const auto policy_id : {PolicyId::rfc2818, PolicyId::rfc6125, PolicyId::rfc9525}) {
    const Policy& rules = policy(policy_id);
    const Claim claim(rules, side, fixed);
    const Claimed claimed = learn_claim(claim, alphabet, usual);
    VerifierTeacher teacher(alphabet, rules, side, fixed);
    Learner learner;
    Trial trial = usual;
    std::vector<Word> words;
    // A difference of the automata may be a fault of one of them: then it is a counterexample.
    for (bool settled = false; !settled;) {
      const Dfa& now = learner.learn(teacher, alphabet.size(), trial);
      words = shortest_words(
          now, claimed.may, [](bool own, bool may) { return own && !may; }, 9);
      for (auto& word : shortest_words(
               now, claimed.must, [](bool own, bool must) { return !own && must; }, 9))
        words.push_back(std::move(word));
      settled = true;
      for (const auto& word : words) {
        if (teacher.ask_again(word) == now.accepts(word)) continue;
        settled = false;
        trial.hints.push_back(word);
      }
    }
    for (const auto& word : words) {
      const std::string name = alphabet.spell(word);
      EXPECT_NE(claim.of(name), teacher.ask_again(word) ? oracle::Verdict::mismatch : oracle::Verdict::match)
          << to_string(policy_id) << ": " << shown(name);
    }
    const Dfa& dfa = *learner.hypothesis;
    EXPECT_TRUE(difference(dfa, constant(alphabet.size(), 0)) || std::string_view(fixed).find('*') > 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Learn, VerifierAndOracle,
                         testing::Values(Row{"Star", Side::references, "*.a.test"},
                                         Row{"Fragment", Side::references, "m*.a.test"},
                                         Row{"Literal", Side::references, "m.a.test"},
                                         Row{"Ace", Side::references, "xn--*.a.test"},
                                         Row{"Presented", Side::presented, "m.a.test"}),
                         [](const auto& row) { return std::string(row.param.name); });

/// Learned from a predicate over names.
std::string told(Side side, const std::string& name, bool (*accepts)(const std::string&)) {
  class Predicate : public Teacher {
   public:
    Predicate(const Alphabet& alphabet, bool (*accepts)(const std::string&))
        : alphabet_(alphabet), accepts_(accepts) {}
    bool ask_again(const Word& word) override { return accepts_(alphabet_.spell(word)); }

   private:
    const Alphabet& alphabet_;
    bool (*accepts_)(const std::string&);
  };
  const Alphabet alphabet(name, Spelling::labels);
  Predicate teacher(alphabet, accepts);
  Learner learner;
  learner.learn(teacher, alphabet.size(),
                {.hints = hints_around(alphabet, name), .depth = 0, .walks = 300, .seed = 1});
  return sentence_of(*learner.hypothesis, alphabet, side, name);
}

TEST(Sentence, OneLabelOfLettersButNoAce) {
  const std::string text = told(Side::references, "*.a.test", [](const std::string& name) {
    const std::size_t end = name.find(".a.test");
    return end != std::string::npos && end > 0 && end + 7 == name.size() && !name.starts_with("xn--") &&
           name.substr(0, end).find_first_not_of("xa") == std::string::npos;
  });
  EXPECT_EQ(text,
            "accepts one label of letters before .a.test, but no stars, hyphens, digits, upper case, "
            "underscores, NULs, "
            "letters beyond ASCII or blanks and no label that begins with xn--");
}

TEST(Sentence, ManyLabelsAndTheBareDomain) {
  const std::string text = told(Side::references, "*.a.test", [](const std::string& name) {
    return name == "a.test" || (name.ends_with(".a.test") && name.size() > 7);
  });
  EXPECT_NE(text.find("also more labels and a.test"), std::string::npos) << text;
}

TEST(Sentence, EverythingAndNothing) {
  EXPECT_EQ(told(Side::references, "*.a.test", [](const std::string&) { return false; }), "accepts no name");
  EXPECT_EQ(told(Side::references, "*.a.test", [](const std::string& name) { return !name.empty(); }),
            "accepts every name");
}

TEST(Sentence, AFewNamesAreToldOneByOne) {
  EXPECT_EQ(told(Side::presented, "m.a.test",
                 [](const std::string& name) { return name == "m.a.test" || name == "*.a.test"; }),
            "accepts m.a.test and *.a.test and nothing else");
}

TEST(MemoryFile, KeepsAnswersOfOneIdentity) {
  const auto folder = std::filesystem::temp_directory_path() / ("mxident-learn-" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  const Identity identity{"curl", "7.88", "default", "abc", "", Side::references, "*.a.test"};
  Identity newer = identity;
  newer.version = "8.0";
  {
    MemoryFile file(folder, identity);
    file.answers = {{"m.a.test", true}, {std::string("m\0 \\", 4), false}, {"-x", false}};
    file.unreached = {"-x"};
    file.save();
  }
  const MemoryFile again(folder, identity);
  EXPECT_EQ(again.answers.size(), 3u);
  EXPECT_TRUE(again.answers.at("m.a.test"));
  EXPECT_FALSE(again.answers.at(std::string("m\0 \\", 4)));
  EXPECT_EQ(again.unreached, std::set<std::string>{"-x"});
  EXPECT_TRUE(MemoryFile(folder, newer).answers.empty());
  for (const auto& entry : std::filesystem::directory_iterator(folder)) std::ofstream(entry.path()) << "[\n";
  EXPECT_THROW(MemoryFile(folder, identity), InputError);
  std::filesystem::remove_all(folder);
}

/// The picture is well formed, shows each state once, and nothing of a name is markup.
TEST(Drawing, ShowsStatesAndSteps) {
  const Alphabet alphabet("<b>.a.test", Spelling::labels);
  const auto tail = alphabet.read("<b>.a.test");
  ASSERT_TRUE(tail);
  const Dfa dfa = minimal(ends_with(alphabet.size(), *tail));
  const std::string svg = svg_of(dfa, alphabet, "a < b");
  const auto count = [&](std::string_view what) {
    std::size_t out = 0;
    for (std::size_t at = svg.find(what); at != std::string::npos; at = svg.find(what, at + 1)) ++out;
    return out;
  };
  EXPECT_EQ(count("<circle"), dfa.size() + 1) << "the accepting one has two";
  EXPECT_EQ(count("<text"), count("</text>"));
  EXPECT_EQ(count("<b>"), 0u);
  EXPECT_NE(svg.find("a &lt; b"), std::string::npos);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
}

}  // namespace
}  // namespace mxident::harness::learn
