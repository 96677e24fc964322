#include "harness/explore/learn/claim.hpp"

#include <map>
#include <utility>

namespace mxident::harness::learn {
namespace {

const Policy& meant_by(const Policy& stated) {
  const bool publishes = stated.id == PolicyId::mta_sts || stated.id == PolicyId::dane;
  return publishes ? policy(PolicyId::opportunistic) : stated;
}

/// The oracle's word, kept.
class Verdicts {
 public:
  Verdicts(const Claim& claim, const Alphabet& alphabet) : claim_(claim), alphabet_(alphabet) {}
  oracle::Verdict of(const Word& word) {
    const auto [at, fresh] = known_.try_emplace(alphabet_.spell(word));
    if (fresh) at->second = at->first.empty() ? oracle::Verdict::mismatch : claim_.of(at->first);
    return at->second;
  }

 private:
  const Claim& claim_;
  const Alphabet& alphabet_;
  std::map<std::string, oracle::Verdict> known_;
};

class OracleTeacher : public Teacher {
 public:
  OracleTeacher(Verdicts& verdicts, oracle::Verdict least) : verdicts_(verdicts), least_(least) {}
  bool ask_again(const Word& word) override {
    const auto verdict = verdicts_.of(word);
    return verdict == oracle::Verdict::match || verdict == least_;
  }
  std::vector<bool> ask(const std::vector<Word>& words) override {
    std::vector<bool> out;
    for (const auto& word : words) out.push_back(ask_again(word));
    return out;
  }

 private:
  Verdicts& verdicts_;
  oracle::Verdict least_;
};

}  // namespace

Claim::Claim(const Policy& policy, Side side, std::string fixed)
    : checks_names_(meant_by(policy).names == NameDemand::required),
      rules_(oracle::rules_for(meant_by(policy))),
      side_(side),
      fixed_(std::move(fixed)) {}

oracle::Verdict Claim::of(const std::string& name) const {
  if (!checks_names_) return oracle::Verdict::match;
  const std::string& reference = side_ == Side::references ? name : fixed_;
  const std::string& presented = side_ == Side::references ? fixed_ : name;
  return oracle::check_names({.has_san = true, .san = {{oracle::Kind::dns, presented}}, .common_names = {}},
                             {{oracle::RefKind::host, reference}}, rules_);
}

Claimed learn_claim(const Claim& claim, const Alphabet& alphabet, const Trial& trial) {
  Verdicts verdicts(claim, alphabet);
  const auto learned = [&](oracle::Verdict least) {
    OracleTeacher teacher(verdicts, least);
    Learner learner;
    return learner.learn(teacher, alphabet.size(), trial);
  };
  return {learned(oracle::Verdict::match), learned(oracle::Verdict::open)};
}

}  // namespace mxident::harness::learn
