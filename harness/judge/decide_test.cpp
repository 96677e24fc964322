#include <gtest/gtest.h>

#include <ostream>

#include "harness/judge/judge.hpp"
#include "harness/judge/script.hpp"

namespace mxident::harness {
namespace {

using Script = std::vector<std::string>;

Script operator+(Script a, const Script& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const Script kGreeting{"+mx.test", "S220 mx.test ESMTP", "CEHLO client.test"};
const Script kOffer = kGreeting + Script{"S250-mx.test", "S250-PIPELINING", "S250 STARTTLS"};
const Script kNoOffer = kGreeting + Script{"S250-mx.test", "S250 PIPELINING"};
const Script kUpgrade = kOffer + Script{"CSTARTTLS", "S220 go ahead", "Hmx.test"};
const Script kTls = kUpgrade + Script{"TTLSv1.3 TLS_AES_256_GCM_SHA384"};
const Script kMail{"CMAIL FROM:<a@client.test>",
                   "S250 ok",
                   "CRCPT TO:<b@mx.test>",
                   "S250 ok",
                   "CDATA",
                   "S354 go",
                   "C.",
                   "M",
                   "S250 queued"};
const Script kQuit{"CQUIT", "S221 bye", "Xby client"};

struct DecideRow {
  std::string name;
  Script script;
  Decision decision;
  Delivers delivers = Delivers::yes;
  std::string said = {};
  int exit_code = 0;
  PolicyId policy = PolicyId::rfc9525;
  mocks::Starttls starttls = mocks::Starttls::offered;
};
void PrintTo(const DecideRow& row, std::ostream* out) {
  *out << row.name;
}

class Decide : public testing::TestWithParam<DecideRow> {};

TEST_P(Decide, LooksAtTheWireOfAllConnections) {
  const DecideRow& row = GetParam();
  Observation observation = observe(events_of(row.script), {{"mx.test", row.starttls}}, {});
  observation.client.said = row.said;
  observation.client.code = row.exit_code;
  EXPECT_EQ(to_string(decide(observation, {policy(row.policy), row.delivers, WaitsWithoutStarttls::no})),
            to_string(row.decision));
}

const DecideRow kDecideRows[] = {
    {"nothing_at_all", {}, Decision::none},
    {"only_dns", {"Dmx.test. A NOERROR"}, Decision::none},
    {"delivered_under_tls", kTls + Script{"CEHLO client.test", "S250 mx.test"} + kMail + kQuit,
     Decision::accept},
    {"mail_under_tls_is_going_on", kTls + Script{"CMAIL FROM:<>", "S550 no"} + kQuit, Decision::accept},
    {"rset_and_quit_after_tls", kTls + Script{"CRSET", "S250 ok"} + kQuit, Decision::reject},
    {"quit_after_tls", kTls + Script{"CEHLO client.test", "S250 mx.test"} + kQuit, Decision::reject},
    {"late_alert", kTls + Script{"Abad certificate", "Xby client"}, Decision::reject},
    {"early_alert", kUpgrade + Script{"Aunknown CA", "F", "Xby client"}, Decision::reject},
    {"gone_without_a_word_after_tls", kTls + Script{"Xreset"}, Decision::reject},
    {"gone_after_client_hello", kUpgrade + Script{"Xby client"}, Decision::reject},
    {"delivered_in_clear", kNoOffer + kMail + kQuit, Decision::plaintext},
    {"in_clear_though_offered", kOffer + kMail + kQuit, Decision::plaintext},
    {"in_clear_after_a_refused_certificate", kTls + Script{"Aunknown CA", "Xby client"} + kNoOffer + kMail,
     Decision::plaintext},
    {"in_clear_before_tls_elsewhere", kNoOffer + kMail + kTls + kMail, Decision::plaintext},
    {"in_clear_in_the_same_session",
     kOffer + Script{"CMAIL FROM:<>", "S250 ok", "CRSET", "S250 ok", "CSTARTTLS", "S220 go", "H", "T"} +
         kMail,
     Decision::plaintext},
    {"unverified_second_try", kTls + Script{"Abad certificate", "Xby client"} + kTls + kMail,
     Decision::accept},
    {"password_in_clear_before_tls",
     kOffer + Script{"CAUTH PLAIN AGEAYg==", "S502 what", "CSTARTTLS", "S220 go", "H", "T"} + kMail,
     Decision::plaintext},
    {"password_in_clear_after_a_question",
     kOffer +
         Script{"Cauth login", "S334 VXNlcm5hbWU6", "CYQ==", "S500 what", "CSTARTTLS", "S220 go", "H", "T"} +
         kMail,
     Decision::plaintext},
    {"no_password_in_clear_where_auth_is_refused",
     kOffer + Script{"CAUTH LOGIN", "S502 what", "CSTARTTLS", "S220 go", "H", "T"} + kMail, Decision::accept},
    {"question_in_clear_that_is_cancelled",
     kOffer + Script{"CAUTH PLAIN", "S334 ", "C*", "S501 ok", "CSTARTTLS", "S220 go", "H", "T"} + kMail,
     Decision::accept},
    {"answer_in_clear_that_is_no_password",
     kOffer +
         Script{"CAUTH CRAM-MD5", "S334 PDFAeD4=", "CYSBi", "S535 no", "CSTARTTLS", "S220 go", "H", "T"} +
         kMail,
     Decision::accept},
    {"password_under_tls", kTls + Script{"CAUTH PLAIN AGEAYg==", "S502 what"} + kMail, Decision::accept},
    {"mail_in_clear_refused", kNoOffer + Script{"CMAIL FROM:<>", "S530 STARTTLS first"} + kQuit,
     Decision::reject},
    {"mail_in_clear_refused_then_tls",
     kOffer + Script{"CMAIL FROM:<>", "S530 STARTTLS first", "CSTARTTLS", "S220 go", "H", "T"} + kMail,
     Decision::accept},
    {"pipelined_mail_in_clear",
     kNoOffer + Script{"CMAIL FROM:<>", "CRCPT TO:<b@mx.test>", "CDATA", "S250 ok", "S250 ok", "S354 go",
                       "Xby client"},
     Decision::plaintext},
    {"content_of_a_message_is_no_command", kTls + Script{"CDATA", "S354 go", "CMAIL FROM", "C."} + kQuit,
     Decision::reject},
    {"left_without_starttls", kNoOffer + kQuit, Decision::reject},
    {"left_with_starttls_offered", kOffer + kQuit, Decision::none},
    {"starttls_refused", kOffer + Script{"CSTARTTLS", "S454 not now"} + kQuit, Decision::reject},
    {"starttls_unasked_and_refused", kNoOffer + Script{"CSTARTTLS", "S502 what"} + kQuit, Decision::reject},
    {"left_after_220", kOffer + Script{"CSTARTTLS", "S220 go", "Xby client"}, Decision::none},
    {"garbage_after_220", kOffer + Script{"CSTARTTLS", "S220 go", "Xby client"}, Decision::reject,
     Delivers::yes, "", 0, PolicyId::rfc9525, mocks::Starttls::garbage},
    {"closed_after_220", kOffer + Script{"CSTARTTLS", "S220 go", "Xby server"}, Decision::reject,
     Delivers::yes, "", 0, PolicyId::rfc9525, mocks::Starttls::closed},
    {"left_before_ehlo", {"+mx.test", "S220 mx.test", "Xby client"}, Decision::none},
    {"greeted_with_554", {"+mx.test", "S554 no", "Xby client"}, Decision::reject},
    {"ehlo_refused", kGreeting + Script{"S502 no", "Xby client"}, Decision::reject},
    {"lower_case_commands",
     {"+mx.test", "S220 x", "Cehlo c", "S250-x", "S250 starttls", "Cstarttls", "S220 go", "H", "T",
      "Cmail from:<>"},
     Decision::accept},
    {"keyword_in_one_event",
     {"+mx.test", "S220 x", "CEHLO c", "S250-x\r\n250-STARTTLS\r\n250 SIZE 1\r\n", "CQUIT"},
     Decision::none},
    {"keyword_only_inside_a_word",
     {"+mx.test", "S220 x", "CEHLO c", "S250-x", "S250 XSTARTTLS", "CQUIT"},
     Decision::reject},
    {"implicit_tls",
     {"+mx.test", "Hmx.test", "T", "S220 x", "CEHLO c", "S250 x", "CMAIL FROM:<>"},
     Decision::accept,
     Delivers::yes,
     "",
     0,
     PolicyId::rfc9525,
     mocks::Starttls::implicit},
    {"implicit_tls_met_in_clear",
     {"+mx.test", "Xby client"},
     Decision::reject,
     Delivers::yes,
     "",
     0,
     PolicyId::rfc9525,
     mocks::Starttls::implicit},
    {"policy_host_is_no_mail_server", {"Pmta-sts", "Hmta-sts.x.test", "T", "Xby client"}, Decision::none},

    {"tool_says_rejected", kTls + kQuit, Decision::reject, Delivers::no, "rejected"},
    {"tool_says_verified", kTls + kQuit, Decision::accept, Delivers::no, "verified", 1},
    {"tool_says_unverified_and_stays", kTls + kQuit, Decision::accept, Delivers::no, "unverified"},
    {"tool_exits_0", kTls + kQuit, Decision::accept, Delivers::no},
    {"tool_exits_1", kTls + kQuit, Decision::reject, Delivers::no, "", 1},
    {"tool_sends_an_alert_and_exits_0", kTls + Script{"Abad certificate"}, Decision::reject, Delivers::no},
    {"tool_sends_an_alert_and_claims", kTls + Script{"Abad certificate"}, Decision::reject, Delivers::no,
     "verified"},
    {"tool_tries_again", kTls + Script{"Abad certificate"} + kTls + kQuit, Decision::accept, Delivers::no,
     "unverified"},
    {"tool_closes_in_good_order", kTls + Script{"Auser canceled", "Aclose notify"}, Decision::accept,
     Delivers::no, "verified"},
    {"keyword_in_the_greeting_line",
     kGreeting + Script{"S250-STARTTLS welcomes client.test", "S250 PIPELINING"} + kQuit, Decision::reject},
    {"keyword_in_the_second_line", kGreeting + Script{"S250-x\n250 STARTTLS"} + kQuit, Decision::none},
    {"tool_without_starttls", kNoOffer + kQuit, Decision::reject, Delivers::no},
    {"tool_without_starttls_may", kNoOffer + kQuit, Decision::plaintext, Delivers::no, "", 0,
     PolicyId::opportunistic},
    {"tool_without_starttls_goes_on", kNoOffer + kQuit, Decision::plaintext, Delivers::no, "unverified"},
    {"tool_without_starttls_fails", kNoOffer + kQuit, Decision::reject, Delivers::no, "", 1,
     PolicyId::opportunistic},
    {"tool_without_connection", {"Dx. A NXDOMAIN"}, Decision::none, Delivers::no, "rejected", 1},
    {"tool_left_before_starttls", kOffer + kQuit, Decision::none, Delivers::no, "rejected", 1},
    {"tool_that_mails_in_clear", kNoOffer + kMail, Decision::plaintext, Delivers::no, "rejected", 1},
};
INSTANTIATE_TEST_SUITE_P(Table, Decide, testing::ValuesIn(kDecideRows),
                         [](const auto& i) { return i.param.name; });

}  // namespace
}  // namespace mxident::harness
