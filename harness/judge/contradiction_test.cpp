#include <gtest/gtest.h>

#include <ostream>

#include "harness/judge/judge.hpp"
#include "harness/judge/script.hpp"

namespace mxident::harness {
namespace {

const std::vector<std::string> kUnderTls{"+mx.test",      "S220 x",  "CEHLO c",  "S250 STARTTLS",
                                         "CSTARTTLS",     "S220 go", "Hmx.test", "T",
                                         "CMAIL FROM:<>", "S250 ok", "M"};
const std::vector<std::string> kInClear{"+mx.test",      "S220 x",  "CEHLO c", "S250 x",
                                        "CMAIL FROM:<>", "S250 ok", "M"};
const std::vector<std::string> kLeft{
    "+mx1.test", "S220 x", "CEHLO c", "S250 STARTTLS", "CSTARTTLS", "S220 go", "Hmx1.test", "T", "X"};
const std::vector<std::string> kNoHandshake{"+mx.test",  "S220 x",  "CEHLO c", "S250 STARTTLS",
                                            "CSTARTTLS", "S220 go", "F"};
std::vector<std::string> after(std::vector<std::string> first, const std::vector<std::string>& then) {
  first.insert(first.end(), then.begin(), then.end());
  return first;
}
const std::vector<std::string> kFirstLeft = after(kLeft, kUnderTls);
const std::vector<std::string> kLeftThenInClear = after(kLeft, kInClear);

struct Row {
  std::string name;
  std::string said;
  std::vector<std::string> script;
  std::string expected;
  PolicyId policy = PolicyId::rfc9525;
  LayerState chain = LayerState::ok, presented = LayerState::ok;
  Delivers delivers = Delivers::yes;
};
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}

const Row kRows[] = {
    {"true_claim", "verified", kUnderTls, ""},
    {"no_words", "", kInClear, ""},
    {"verified_in_clear", "verified", kInClear, "says \"verified\", and the message went in clear"},
    {"verified_nothing", "verified", kNoHandshake, "says \"verified\", and no TLS handshake was completed"},
    {"verified_bad_chain", "verified", kUnderTls, "says \"verified\", and the chain is not valid",
     PolicyId::encrypt, LayerState::failed},
    {"dane_has_its_own_anchors", "verified", kUnderTls, "", PolicyId::dane, LayerState::failed},
    {"verified_wrong_name", "verified", kUnderTls,
     "says \"verified\", and no presented identifier matches the host", PolicyId::rfc9525, LayerState::ok,
     LayerState::failed},
    {"chain_claim_only", "verified", kUnderTls, "", PolicyId::chain_only, LayerState::ok, LayerState::failed},
    {"open_name", "verified", kUnderTls, "", PolicyId::rfc9525, LayerState::ok, LayerState::unknown},
    {"rejected_and_delivered", "rejected", kUnderTls, "says \"rejected\", and the message was delivered"},
    {"rejected_and_delivered_to_the_next", "rejected", kFirstLeft, ""},
    {"rejected_and_delivered_in_clear", "rejected", kLeftThenInClear,
     "says \"rejected\", and the message was delivered"},
    {"rejected_and_left", "rejected", kNoHandshake, ""},
    {"checker_rejects", "rejected", kUnderTls, "", PolicyId::rfc9525, LayerState::ok, LayerState::ok,
     Delivers::no},
};

class Contradiction : public testing::TestWithParam<Row> {};

TEST_P(Contradiction, IsFound) {
  const Row& row = GetParam();
  Observation observation = observe(events_of(row.script), {}, {});
  observation.client.said = row.said;
  observation.true_chain = row.chain;
  observation.true_name = row.presented;
  EXPECT_EQ(judge(Expected::either, observation, {policy(row.policy), row.delivers}).contradiction,
            row.expected);
}

std::string name_of(const testing::TestParamInfo<Row>& row) {
  return row.param.name;
}
INSTANTIATE_TEST_SUITE_P(Rows, Contradiction, testing::ValuesIn(kRows), name_of);

}  // namespace
}  // namespace mxident::harness
