#include "harness/judge/judge.hpp"

#include <gtest/gtest.h>

#include <ostream>

#include "harness/judge/script.hpp"

namespace mxident::harness {
namespace {

using End = ClientReport::End;

struct OutcomeRow {
  std::string name;
  Expected expected;
  Decision decision;
  Outcome outcome;
  PolicyId policy = PolicyId::rfc9525;
  std::vector<std::string> script = {"+mx.test"};
  End end = End::exited;
  WaitsWithoutStarttls waits = WaitsWithoutStarttls::no;
};
void PrintTo(const OutcomeRow& row, std::ostream* out) {
  *out << row.name;
}

class OutcomeOf : public testing::TestWithParam<OutcomeRow> {};

TEST_P(OutcomeOf, FollowsTheTable) {
  const OutcomeRow& row = GetParam();
  Observation observation = observe(events_of(row.script), {}, {});
  observation.client.end = row.end;
  const auto got =
      outcome_of(row.expected, row.decision, observation, {policy(row.policy), Delivers::yes, row.waits});
  EXPECT_EQ(to_string(got.outcome), to_string(row.outcome)) << got.note;
  const bool explained = row.outcome == Outcome::unsupported || row.outcome == Outcome::hang ||
                         row.outcome == Outcome::crash || row.outcome == Outcome::harness_error;
  if (explained) {
    EXPECT_FALSE(got.note.empty());
  }
}

const std::vector<std::string> kDns{"Dmx.test. A NOERROR"};
const std::vector<std::string> kMailInClear{"+mx.test", "S220 x",        "CEHLO c",
                                            "S250 x",   "CMAIL FROM:<>", "S451 no"};

const OutcomeRow kOutcomes[] = {
    {"accept_accept", Expected::accept, Decision::accept, Outcome::pass},
    {"accept_reject", Expected::accept, Decision::reject, Outcome::strict},
    {"accept_plaintext", Expected::accept, Decision::plaintext, Outcome::downgrade},
    {"accept_none", Expected::accept, Decision::none, Outcome::unsupported},
    {"reject_accept", Expected::reject, Decision::accept, Outcome::lax},
    {"reject_reject", Expected::reject, Decision::reject, Outcome::pass},
    {"reject_plaintext", Expected::reject, Decision::plaintext, Outcome::downgrade},
    {"reject_none", Expected::reject, Decision::none, Outcome::unsupported},
    {"plaintext_accept", Expected::plaintext, Decision::accept, Outcome::harness_error},
    {"plaintext_accept_by_a_keyword_that_is_no_offer",
     Expected::plaintext,
     Decision::accept,
     Outcome::either,
     PolicyId::opportunistic,
     {"+mx.test", "S220 x", "CEHLO c", "S250-STARTTLS welcomes you", "S250 SIZE", "CSTARTTLS", "S220 go", "H",
      "T"}},
    {"plaintext_reject", Expected::plaintext, Decision::reject, Outcome::strict},
    {"plaintext_plaintext", Expected::plaintext, Decision::plaintext, Outcome::pass},
    {"plaintext_none", Expected::plaintext, Decision::none, Outcome::unsupported},
    {"none_accept", Expected::none, Decision::accept, Outcome::lax},
    {"none_reject", Expected::none, Decision::reject, Outcome::strict},
    {"none_plaintext", Expected::none, Decision::plaintext, Outcome::downgrade},
    {"none_none_after_a_query", Expected::none, Decision::none, Outcome::pass, PolicyId::rfc9525, kDns},
    {"none_none_without_a_query",
     Expected::none,
     Decision::none,
     Outcome::unsupported,
     PolicyId::rfc9525,
     {}},
    {"either_accept", Expected::either, Decision::accept, Outcome::either},
    {"either_reject", Expected::either, Decision::reject, Outcome::either},
    {"either_plaintext", Expected::either, Decision::plaintext, Outcome::downgrade},
    {"either_plaintext_opportunistic", Expected::either, Decision::plaintext, Outcome::either,
     PolicyId::opportunistic},
    {"either_plaintext_no_tls", Expected::either, Decision::plaintext, Outcome::either, PolicyId::no_tls},
    {"either_plaintext_dane", Expected::either, Decision::plaintext, Outcome::downgrade, PolicyId::dane},
    {"either_none", Expected::either, Decision::none, Outcome::unsupported},
    {"deadline",
     Expected::reject,
     Decision::reject,
     Outcome::hang,
     PolicyId::rfc9525,
     {"+mx.test"},
     End::deadline},
    {"deadline_after_accept",
     Expected::accept,
     Decision::accept,
     Outcome::hang,
     PolicyId::rfc9525,
     {"+mx.test"},
     End::deadline},
    {"waits",
     Expected::reject,
     Decision::reject,
     Outcome::pass,
     PolicyId::rfc9525,
     {"+mx.test"},
     End::deadline,
     WaitsWithoutStarttls::yes},
    {"waits_and_sees_nothing",
     Expected::reject,
     Decision::none,
     Outcome::pass,
     PolicyId::rfc9525,
     {"+mx.test"},
     End::deadline,
     WaitsWithoutStarttls::yes},
    {"waits_but_was_to_accept",
     Expected::accept,
     Decision::reject,
     Outcome::hang,
     PolicyId::rfc9525,
     {"+mx.test"},
     End::deadline,
     WaitsWithoutStarttls::yes},
    {"waits_but_accepted",
     Expected::reject,
     Decision::accept,
     Outcome::hang,
     PolicyId::rfc9525,
     {"+mx.test"},
     End::deadline,
     WaitsWithoutStarttls::yes},
    {"waits_but_sent_in_clear", Expected::reject, Decision::reject, Outcome::hang, PolicyId::rfc9525,
     kMailInClear, End::deadline, WaitsWithoutStarttls::yes},
    {"floods",
     Expected::reject,
     Decision::reject,
     Outcome::hang,
     PolicyId::rfc9525,
     {"+mx.test"},
     End::output_limit},
    {"crash",
     Expected::reject,
     Decision::reject,
     Outcome::crash,
     PolicyId::rfc9525,
     {"+mx.test"},
     End::signalled},
    {"not_started",
     Expected::reject,
     Decision::none,
     Outcome::harness_error,
     PolicyId::rfc9525,
     {},
     End::not_started},
};
INSTANTIATE_TEST_SUITE_P(Table, OutcomeOf, testing::ValuesIn(kOutcomes),
                         [](const auto& i) { return i.param.name; });

// A tool that delivers nothing looks at a host that no sender may turn to: its words decide.
TEST(OutcomeOfAChecker, MayLookAtAHostThatNoMailGoesTo) {
  const auto outcome = [](Delivers delivers, const char* said) {
    Observation observation = observe(events_of({"+mx.test"}), {}, {});
    observation.client.said = said;
    return to_string(
        outcome_of(Expected::none, Decision::reject, observation, {policy(PolicyId::dane), delivers})
            .outcome);
  };
  EXPECT_EQ(outcome(Delivers::no, "rejected"), to_string(Outcome::pass));
  EXPECT_EQ(outcome(Delivers::no, ""), to_string(Outcome::strict));
  EXPECT_EQ(outcome(Delivers::yes, "rejected"), to_string(Outcome::strict));
}

using L = LayerState;

struct LayerRow {
  std::string name;
  std::vector<std::string> script;
  std::string layers;  ///< connect smtp starttls handshake chain name policy delivery; o f - . ?
  std::string said = {};
  std::string said_layers = {};  ///< of chain and name, and of the handshake
  PolicyId policy = PolicyId::rfc9525;
};
void PrintTo(const LayerRow& row, std::ostream* out) {
  *out << row.name;
}

L layer_of(char c) {
  return c == 'o'   ? L::ok
         : c == 'f' ? L::failed
         : c == '-' ? L::not_checked
         : c == '.' ? L::not_reached
                    : L::unknown;
}

class FindLayers : public testing::TestWithParam<LayerRow> {};

TEST_P(FindLayers, ComeFromTheWireAndTheWords) {
  const LayerRow& row = GetParam();
  Observation observation = observe(events_of(row.script), {}, {});
  observation.client.said = row.said;
  if (!row.said_layers.empty()) {
    observation.client.said_layers.chain = layer_of(row.said_layers[0]);
    observation.client.said_layers.name = layer_of(row.said_layers[1]);
    if (row.said_layers.size() > 2) observation.client.said_layers.handshake = layer_of(row.said_layers[2]);
  }
  const ModeFacts mode{policy(row.policy)};
  const Layers got = find_layers(observation, mode, decide(observation, mode));
  for (std::size_t i = 0; i < kLayers.size(); ++i) {
    EXPECT_EQ(to_string(got.*kLayers[i].second), to_string(layer_of(row.layers[i]))) << kLayers[i].first;
  }
}

const std::vector<std::string> kHello{"+mx.test",      "S220 x",    "CEHLO c", "S250-x",
                                      "S250 STARTTLS", "CSTARTTLS", "S220 go", "Hmx.test"};
std::vector<std::string> with(std::vector<std::string> a, std::initializer_list<std::string> b) {
  a.insert(a.end(), b);
  return a;
}

const LayerRow kLayerRows[] = {
    {"nothing", {}, "........"},
    {"no_ehlo", {"+mx.test", "S220 x"}, "of......"},
    {"no_starttls", {"+mx.test", "S220 x", "CEHLO c", "S250 x", "CQUIT"}, "oof...f."},
    {"starttls_left_alone",
     {"+mx.test", "S220 x", "CEHLO c", "S250-x", "S250 STARTTLS", "CQUIT"},
     "oo-....."},
    {"no_tls_client",
     {"+mx.test", "S220 x", "CEHLO c", "S250-x", "S250 STARTTLS", "CMAIL FROM:<>", "S250 ok", "CDATA",
      "S354 go", "C.", "M"},
     "oo-...oo",
     "",
     "",
     PolicyId::no_tls},
    {"downgraded", {"+mx.test", "S220 x", "CEHLO c", "S250 x", "CMAIL FROM:<>", "S250 ok"}, "oof...ff"},
    {"refused", with(kHello, {"T", "CQUIT"}), "oooo??f."},
    {"refused_chain", with(kHello, {"T", "Aunknown CA"}), "oooof?f."},
    {"refused_chain_tls_1_2", with(kHello, {"Aunknown CA", "F"}), "oooof?f."},
    {"refused_by_bad_certificate", with(kHello, {"Abad certificate", "F"}), "oooo??f."},
    {"handshake_failed", with(kHello, {"Ahandshake failure", "F"}), "ooof..f."},
    {"delivered", with(kHello, {"T", "CMAIL FROM:<>", "M"}), "oooo??oo"},
    {"delivered_and_verified", with(kHello, {"T", "CMAIL FROM:<>", "M"}), "oooooooo", "verified"},
    {"verified_means_the_chain_alone", with(kHello, {"T", "CMAIL FROM:<>", "M"}), "ooooo?oo", "verified", "",
     PolicyId::chain_only},
    {"words_about_layers", with(kHello, {"T", "CQUIT"}), "oooooff.", "", "of"},
    {"words_that_say_not_checked", with(kHello, {"T", "CMAIL FROM:<>", "M"}), "oooo--oo", "", "--"},
    {"words_without_a_handshake", {"+mx.test", "S220 x", "CEHLO c", "S250 x", "CQUIT"}, "oof...f.", "", "oo"},
    {"refused_by_words_alone", with(kHello, {"F"}), "oooo?ff.", "", "?f"},
    {"refused_by_words_on_certificates_at_large", with(kHello, {"F"}), "oooo??f.", "", "??o"},
    {"refused_after_a_broken_handshake", with(kHello, {"F"}), "ooof..f.", "", "oo"},
    {"message_not_taken", with(kHello, {"T", "CMAIL FROM:<>", "S550 no"}), "oooo??of"},
};
INSTANTIATE_TEST_SUITE_P(Table, FindLayers, testing::ValuesIn(kLayerRows),
                         [](const auto& i) { return i.param.name; });

TEST(Judge, TakesSniAndAlertFromTheWire) {
  Observation observation =
      observe(events_of(with(kHello, {"T", "Aclose notify", "Abad certificate"})), {}, {});
  const Judgement got = judge(Expected::reject, observation, {policy(PolicyId::rfc9525)});
  EXPECT_EQ(got.outcome, Outcome::pass);
  EXPECT_EQ(got.sni, "mx.test");
  EXPECT_EQ(got.alert, "bad certificate");
}

TEST(Judge, CallsWhoTakesTheBaitLax) {
  Observation observation =
      observe(events_of(with(kHello, {"T", "CEHLO c", "S250 x", "CMAIL FROM:<> size=9", "S250 ok"})), {}, {});
  observation.bait = {"SIZE="};
  const Judgement got = judge(Expected::either, observation, {policy(PolicyId::rfc9525)});
  EXPECT_EQ(got.outcome, Outcome::lax);
  EXPECT_NE(got.note.find("SIZE="), std::string::npos) << got.note;
  observation =
      observe(events_of(with(kHello, {"T", "CEHLO c", "S250 x", "CMAIL FROM:<>", "S250 ok"})), {}, {});
  observation.bait = {"SIZE="};
  EXPECT_EQ(judge(Expected::either, observation, {policy(PolicyId::rfc9525)}).outcome, Outcome::either);
  observation = observe(
      events_of(with(kHello, {"T", "CEHLO c", "S250 x", "CMAIL FROM:<a@size=9.test>", "S250 ok"})), {}, {});
  observation.bait = {"SIZE="};
  EXPECT_EQ(judge(Expected::either, observation, {policy(PolicyId::rfc9525)}).outcome, Outcome::either);
}

TEST(Judge, TakesLeavingAnOddDialogueForARefusal) {
  Observation observation =
      observe(events_of({"+mx.test", "S220 x", "CEHLO c", "S250-x", "S250 starttls", "CQUIT"}), {}, {});
  EXPECT_EQ(judge(Expected::accept, observation, {policy(PolicyId::rfc9525)}).outcome, Outcome::unsupported);
  observation.odd_dialogue = {"mx.test"};
  EXPECT_EQ(judge(Expected::accept, observation, {policy(PolicyId::rfc9525)}).outcome, Outcome::strict);
}

struct StayedAwayRow {
  const char* name;
  PolicyId policy;
  const char* query;
  Expected expected;
  int code;
  Outcome outcome;
  bool settled = false;
};
void PrintTo(const StayedAwayRow& row, std::ostream* out) {
  *out << row.name;
}

class StayedAway : public testing::TestWithParam<StayedAwayRow> {};

TEST_P(StayedAway, IsARefusalOnceThePolicyWasAskedFor) {
  const StayedAwayRow& row = GetParam();
  ClientReport client;
  client.code = row.code;
  client.settled = row.settled;
  const Observation observation = observe(events_of({row.query}), {}, client);
  EXPECT_EQ(to_string(judge(row.expected, observation, {policy(row.policy)}).outcome),
            to_string(row.outcome));
}

constexpr const char* kSts = "D_mta-sts.x.test. TXT NOERROR";
constexpr const char* kTlsa = "D_25._tcp.mx.x.test. TLSA NOERROR";
const StayedAwayRow kStayedAway[] = {
    {"sts_forbids", PolicyId::mta_sts, kSts, Expected::reject, 1, Outcome::pass},
    {"sts_allows", PolicyId::mta_sts, kSts, Expected::accept, 1, Outcome::strict},
    {"sts_absent", PolicyId::mta_sts, kSts, Expected::plaintext, 1, Outcome::strict},
    {"sts_open", PolicyId::mta_sts, kSts, Expected::either, 1, Outcome::either},
    {"sts_may_be_queued", PolicyId::mta_sts, kSts, Expected::accept, 0, Outcome::unsupported},
    {"sts_not_asked_for", PolicyId::mta_sts, "Dx.test. MX NOERROR", Expected::accept, 1,
     Outcome::unsupported},
    {"dane_forbids", PolicyId::dane, kTlsa, Expected::reject, 1, Outcome::pass},
    {"dane_wants_no_connection", PolicyId::dane, kTlsa, Expected::none, 1, Outcome::pass},
    {"dane_allows", PolicyId::dane, kTlsa, Expected::accept, 1, Outcome::strict},
    {"of_another_policy", PolicyId::rfc9525, kSts, Expected::accept, 1, Outcome::unsupported},
    {"sts_is_not_queued", PolicyId::mta_sts, kSts, Expected::accept, 0, Outcome::strict, true},
    {"of_another_policy_and_done", PolicyId::opportunistic, kSts, Expected::accept, 0, Outcome::strict, true},
    {"of_another_policy_and_right", PolicyId::encrypt, kSts, Expected::reject, 0, Outcome::pass, true},
    {"done_without_a_policy", PolicyId::opportunistic, "Dx.test. MX NOERROR", Expected::accept, 0,
     Outcome::unsupported, true},
};
INSTANTIATE_TEST_SUITE_P(Judge, StayedAway, testing::ValuesIn(kStayedAway),
                         [](const auto& row) { return row.param.name; });

TEST(Judge, HasNoDecisionForAClientThatDidNotRun) {
  Observation observation;
  observation.client.end = End::not_started;
  observation.client.error = "no such file";
  const Judgement got = judge(Expected::reject, observation, {policy(PolicyId::rfc9525)});
  EXPECT_FALSE(got.decision);
  EXPECT_EQ(got.outcome, Outcome::harness_error);
  EXPECT_NE(got.note.find("no such file"), std::string::npos);
}

TEST(Judge, CallsACrashWhatAClientSurvivesAndTells) {
  ClientReport client;
  client.said_crashed = true;
  const Observation observation = observe(events_of(with(kHello, {"F"})), {}, client);
  EXPECT_EQ(judge(Expected::reject, observation, {policy(PolicyId::rfc9525)}).outcome, Outcome::crash);
}

TEST(Judge, SaysOfASilentLayerWhatSanitySaw) {
  ModeFacts mode{policy(PolicyId::encrypt)};
  mode.silent_chain = LayerState::not_checked;
  const Observation observation = observe(events_of(with(kHello, {"T", "CMAIL FROM:<>", "M"})), {}, {});
  const Layers layers = judge(Expected::accept, observation, mode).layers;
  EXPECT_EQ(layers.chain, LayerState::not_checked);
  EXPECT_EQ(layers.name, LayerState::unknown);
}

TEST(Judge, TellsAClientThatQueuesToWait) {
  const Judgement got = judge(Expected::accept, observe({}, {}, {}), {policy(PolicyId::rfc9525)});
  EXPECT_EQ(got.outcome, Outcome::unsupported);
  EXPECT_NE(got.note.find("has to wait for its delivery"), std::string::npos) << got.note;
}

TEST(Judge, TellsTheStatusOfAClientThatConnectsToNobody) {
  ClientReport client;
  client.code = 75;
  const Judgement got = judge(Expected::accept, observe({}, {}, client), {policy(PolicyId::rfc9525)});
  EXPECT_EQ(got.outcome, Outcome::unsupported);
  EXPECT_EQ(got.note, "the client made no connection, and ended with status 75");
}

TEST(Judge, CallsItStrictToStayAwayForWantOfAPolicy) {
  Observation observation = observe(events_of(kDns), {}, {});
  observation.client.said = "rejected";
  EXPECT_EQ(judge(Expected::accept, observation, {policy(PolicyId::dane)}).outcome, Outcome::strict);
  EXPECT_EQ(judge(Expected::accept, observation, {policy(PolicyId::rfc9525)}).outcome, Outcome::unsupported);
  observation.client.said = "";
  EXPECT_EQ(judge(Expected::accept, observation, {policy(PolicyId::dane)}).outcome, Outcome::unsupported);
}

TEST(Judge, TakesNoServerForAnotherByItsName) {
  auto events = events_of({"+dns", "S220 x", "CEHLO c", "S250 x", "CMAIL FROM:<>", "S250 ok"});
  EXPECT_EQ(observe(events, {}, {}).sessions.size(), 1u);
  for (auto& event : events) event.role = mocks::Role::name_server;
  EXPECT_TRUE(observe(events, {}, {}).sessions.empty());
}

TEST(WireEvents, AreTheTranscript) {
  const auto events = wire_events(events_of({"Dx.test. MX NOERROR", "+mx.test", "S220 x\r\n", "H", "M"}));
  ASSERT_EQ(events.size(), 5u);
  EXPECT_EQ(events[0].kind, WireKind::dns_query);
  EXPECT_EQ(events[1].host, "mx.test");
  EXPECT_EQ(events[2].text, "220 x\r\n");
  EXPECT_EQ(events[3].kind, WireKind::client_hello);
  EXPECT_EQ(events[4].kind, WireKind::message);
}

}  // namespace
}  // namespace mxident::harness
