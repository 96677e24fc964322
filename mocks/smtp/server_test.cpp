// Sessions over real sockets: what a client gets, and what the transcript says about it.
#include "mocks/smtp/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "mocks/test_client.hpp"

namespace mxident::mocks {
namespace {

using test::Bench;
using test::Client;
using test::events;
using test::texts;
using test::wait_idle;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class ServerTest : public testing::Test {
 protected:
  /// A server mx.x.test that was changed by `change`, and a client connected to it.
  template <class Change>
  Client& start(Change change) {
    auto server = bench_.server("mx.x.test");
    change(server);
    bench_.open({server});
    client_ = std::make_unique<Client>(bench_.world->port("mx.x.test"));
    return *client_;
  }
  Client& start(Starttls behaviour) {
    return start([&](SmtpServerSpec& server) { server.starttls = behaviour; });
  }
  World& world() { return *bench_.world; }
  void leave() {
    client_.reset();
    ASSERT_TRUE(wait_idle(world()));
  }

  Bench bench_;
  std::unique_ptr<Client> client_;
};

TEST_F(ServerTest, DeliversUnderTls) {
  auto& client = start(Starttls::offered);
  ASSERT_TRUE(client.secure({.sni = "MX.x.test", .ca_der = test::authority().root.der}));
  EXPECT_TRUE(client.deliver());
  EXPECT_EQ(client.rest(), "");
  EXPECT_TRUE(client.close_notify_received());
  leave();
  EXPECT_THAT(texts(world(), EventKind::client_hello), ElementsAre("MX.x.test"));
  EXPECT_THAT(texts(world(), EventKind::handshake), ElementsAre(StartsWith("TLSv1.3 TLS_")));
  const auto messages = events(world(), EventKind::message);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_TRUE(messages[0].encrypted);
  EXPECT_EQ(messages[0].host, "mx.x.test");
  EXPECT_EQ(messages[0].address, "127.0.0.1");
  EXPECT_EQ(messages[0].connection, 1U);
  EXPECT_THAT(texts(world(), EventKind::closed), ElementsAre("by server"));
  EXPECT_THAT(texts(world(), EventKind::alert_received), IsEmpty());
  EXPECT_THAT(texts(world(), EventKind::alert_sent), IsEmpty());
}

TEST_F(ServerTest, DeliversInClear) {
  auto& client = start(Starttls::offered);
  client.reply();
  client.ask("HELO client.test");
  EXPECT_TRUE(client.deliver());
  leave();
  const auto messages = events(world(), EventKind::message);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_FALSE(messages[0].encrypted);
  EXPECT_THAT(texts(world(), EventKind::client_hello), IsEmpty());
}

TEST_F(ServerTest, TranscriptHasEachLineInItsOrder) {
  auto& client = start([](SmtpServerSpec& server) {
    server.banner = "banner.x.test";
    server.ehlo = "ehlo.x.test";
    server.ehlo_after_tls = "inside.x.test";
    server.capabilities = {"8BITMIME"};
  });
  ASSERT_TRUE(client.secure());
  client.ask("QUIT");
  leave();
  std::string all;
  for (const auto& event : world().transcript().events()) {
    if (event.kind != EventKind::sent && event.kind != EventKind::received) continue;
    all += (event.encrypted ? "*" : "") + std::string(event.kind == EventKind::sent ? "S:" : "C:") +
           event.text + "\n";
  }
  EXPECT_EQ(
      all,
      "S:220 banner.x.test ESMTP\nC:EHLO client.test\nS:250-ehlo.x.test\nS:250-8BITMIME\nS:250 STARTTLS\n"
      "C:STARTTLS\nS:220 begin TLS\n*C:EHLO client.test\n*S:250-inside.x.test\n*S:250 8BITMIME\n*C:QUIT\n"
      "*S:221 banner.x.test bye\n");
}

TEST_F(ServerTest, IsAnotherOnItsSecondConnection) {
  bench_.add_certificate("other", test::request_for("other.x.test"));
  auto server = bench_.server("mx.x.test");
  server.starttls = Starttls::alert;
  server.then = {server};
  server.then[0].starttls = Starttls::offered;
  server.then[0].certificate = "other";
  bench_.open({server});
  EXPECT_FALSE(Client(bench_.world->port("mx.x.test")).secure());
  for (int i = 0; i < 2; ++i) {
    Client later(bench_.world->port("mx.x.test"));
    ASSERT_TRUE(later.secure());
    EXPECT_TRUE(later.deliver());
  }
  ASSERT_TRUE(wait_idle(world()));
}

TEST_F(ServerTest, SendsAReplyInTwoSegments) {
  auto& client = start([](SmtpServerSpec& server) {
    server.replies["CONNECT"] = {.text = "220 mx", .raw = true, .late = ".x.test ESMTP\r\n"};
  });
  EXPECT_EQ(client.reply(), "220 mx.x.test ESMTP\r\n");
}

TEST_F(ServerTest, WantsANameThatItKnows) {
  const auto change = [](SmtpServerSpec& server) {
    server.sni = Sni::required;
    server.certificates_by_sni = {{"mx.x.test", server.certificate}};
  };
  EXPECT_FALSE(start(change).secure());
  EXPECT_TRUE(Client(bench_.world->port("mx.x.test")).secure({.sni = "mx.x.test"}));
}

class TicketTest : public ServerTest, public testing::WithParamInterface<Resumption> {};

TEST_P(TicketTest, IsThereOnlyWhereTheServerOffersIt) {
  auto& client = start([&](SmtpServerSpec& server) { server.resumption = GetParam(); });
  ASSERT_TRUE(client.secure());
  EXPECT_TRUE(client.deliver());
  client.rest();
  EXPECT_EQ(SSL_SESSION_is_resumable(SSL_get0_session(client.ssl())) == 1, GetParam() == Resumption::offered);
  leave();
}

INSTANTIATE_TEST_SUITE_P(Rfc8446, TicketTest, testing::Values(Resumption::offered, Resumption::none),
                         [](const auto& row) {
                           return row.param == Resumption::offered ? "offered" : "none";
                         });

struct RefusalRow {
  const char* name;
  Starttls behaviour;
  const char* offered;  // what EHLO says about it
  const char* answer;
};
void PrintTo(const RefusalRow& row, std::ostream* out) {
  *out << row.name;
}

class RefusalTest : public ServerTest, public testing::WithParamInterface<RefusalRow> {};

TEST_P(RefusalTest, AnswersAndGoesOnInClear) {
  auto& client = start(GetParam().behaviour);
  client.reply();
  const std::string ehlo = client.ask("EHLO client.test");
  EXPECT_EQ(ehlo.find("STARTTLS") != std::string::npos, std::string_view(GetParam().offered) == "offered")
      << ehlo;
  EXPECT_THAT(client.ask("STARTTLS"), StartsWith(GetParam().answer));
  EXPECT_TRUE(client.deliver());
  leave();
  EXPECT_EQ(events(world(), EventKind::message).size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Rfc3207, RefusalTest,
                         testing::Values(RefusalRow{"hidden", Starttls::hidden, "not", "502"},
                                         RefusalRow{"refused_454", Starttls::refused_454, "offered", "454"},
                                         RefusalRow{"refused_502", Starttls::refused_502, "offered", "502"},
                                         RefusalRow{"refused_554", Starttls::refused_554, "offered", "554"}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(ServerTest, GarbageComesAfterTheClientHello) {
  auto& client = start(Starttls::garbage);
  EXPECT_FALSE(client.secure({.sni = "mx.x.test"}));
  leave();
  EXPECT_THAT(texts(world(), EventKind::client_hello), ElementsAre("mx.x.test"));
  EXPECT_THAT(texts(world(), EventKind::sent), Contains(HasSubstr("no TLS record")));
  EXPECT_THAT(texts(world(), EventKind::handshake), IsEmpty());
  EXPECT_THAT(texts(world(), EventKind::alert_sent), IsEmpty());
}

TEST_F(ServerTest, SilenceLastsUntilTheIdleLimit) {
  bench_.spec.idle_limit = std::chrono::milliseconds(200);
  auto& client = start(Starttls::silent);
  EXPECT_FALSE(client.secure({.sni = "mx.x.test"}));
  leave();
  EXPECT_THAT(texts(world(), EventKind::client_hello), ElementsAre("mx.x.test"));
  EXPECT_THAT(texts(world(), EventKind::closed), ElementsAre("idle limit"));
  EXPECT_THAT(texts(world(), EventKind::alert_sent), IsEmpty());
}

TEST_F(ServerTest, ClosedEndsWithoutTls) {
  auto& client = start(Starttls::closed);
  EXPECT_FALSE(client.secure({.sni = "mx.x.test"}));
  leave();
  EXPECT_THAT(texts(world(), EventKind::client_hello), ElementsAre("mx.x.test"));
  EXPECT_THAT(texts(world(), EventKind::closed), ElementsAre("by server"));
  EXPECT_THAT(texts(world(), EventKind::sent), Not(Contains(HasSubstr("no TLS record"))));
}

TEST_F(ServerTest, AlertIsHandshakeFailure) {
  auto& client = start(Starttls::alert);
  EXPECT_FALSE(client.secure({.sni = "mx.x.test"}));
  leave();
  EXPECT_THAT(texts(world(), EventKind::client_hello), ElementsAre("mx.x.test"));
  EXPECT_THAT(texts(world(), EventKind::alert_sent), ElementsAre("handshake failure"));
  EXPECT_EQ(events(world(), EventKind::handshake_failed).size(), 1U);
}

TEST_F(ServerTest, InjectedReplyIsInTheSegmentOfThe220) {
  auto& client = start(Starttls::injected);
  client.reply();
  client.ask("EHLO client.test");
  EXPECT_THAT(client.ask("STARTTLS"), StartsWith("220"));
  EXPECT_EQ(client.raw(), "250-mx.x.test\r\n250 INJECTED\r\n");
  EXPECT_TRUE(client.start_tls());
  EXPECT_THAT(client.ask("EHLO client.test"), Not(HasSubstr("INJECTED")));
  EXPECT_TRUE(client.deliver());
}

TEST_F(ServerTest, ImplicitTlsBeginsWithTheFirstOctet) {
  auto& client = start(Starttls::implicit);
  ASSERT_TRUE(client.start_tls({.sni = "mx.x.test"}));
  EXPECT_THAT(client.reply(), StartsWith("220"));
  EXPECT_THAT(client.ask("EHLO client.test"), Not(HasSubstr("STARTTLS")));
  EXPECT_TRUE(client.deliver());
  leave();
  EXPECT_TRUE(events(world(), EventKind::sent).front().encrypted);
  EXPECT_TRUE(events(world(), EventKind::message).front().encrypted);
}

TEST_F(ServerTest, WithoutCertificateNothingIsOffered) {
  auto& client = start([](SmtpServerSpec& server) { server.certificate.clear(); });
  client.reply();
  EXPECT_THAT(client.ask("EHLO client.test"), Not(HasSubstr("STARTTLS")));
  EXPECT_THAT(client.ask("STARTTLS"), StartsWith("502"));
}

TEST_F(ServerTest, ToRefuseTlsNeedsNoCertificate) {
  auto& client = start([](SmtpServerSpec& server) {
    server.certificate.clear();
    server.starttls = Starttls::refused_454;
  });
  client.reply();
  EXPECT_THAT(client.ask("EHLO client.test"), HasSubstr("STARTTLS"));
  EXPECT_THAT(client.ask("STARTTLS"), StartsWith("454"));
}

TEST_F(ServerTest, RefusalDuringTheHandshakeIsAnAlert) {
  auto& client = start(Starttls::offered);
  EXPECT_FALSE(client.secure({.sni = "mx.x.test", .ca_der = test::authority().unknown_root.der}));
  leave();
  EXPECT_THAT(texts(world(), EventKind::alert_received), ElementsAre("unknown CA"));
  EXPECT_EQ(events(world(), EventKind::handshake_failed).size(), 1U);
  EXPECT_THAT(texts(world(), EventKind::closed), ElementsAre("by client"));
}

TEST_F(ServerTest, LateAlertIsRecorded) {
  auto& client = start(Starttls::offered);
  ASSERT_TRUE(client.secure());
  client.send_late_alert();
  leave();
  EXPECT_EQ(events(world(), EventKind::handshake).size(), 1U);
  EXPECT_THAT(texts(world(), EventKind::handshake_failed), IsEmpty());
  EXPECT_THAT(texts(world(), EventKind::alert_received), ElementsAre("bad record mac"));
  EXPECT_TRUE(events(world(), EventKind::alert_received).front().encrypted);
  EXPECT_THAT(texts(world(), EventKind::closed), ElementsAre("by client"));
}

TEST_F(ServerTest, AlertBehindAnAbruptCloseIsRecorded) {
  auto& client = start(
      [](SmtpServerSpec& server) { server.replies["MAIL"] = {.text = "421 go away", .close_after = true}; });
  ASSERT_TRUE(client.secure());
  EXPECT_THAT(client.ask("MAIL FROM:<>"), StartsWith("421"));
  EXPECT_EQ(client.rest(), "");
  EXPECT_FALSE(client.close_notify_received());
  client.send_late_alert();
  leave();
  EXPECT_THAT(texts(world(), EventKind::alert_received), ElementsAre("bad record mac"));
  EXPECT_THAT(texts(world(), EventKind::closed), ElementsAre("by server"));
}

TEST_F(ServerTest, ResetAfterTheHandshakeIsRecorded) {
  auto& client = start(Starttls::offered);
  ASSERT_TRUE(client.secure());
  client.reset();
  leave();
  EXPECT_THAT(texts(world(), EventKind::closed), ElementsAre("reset"));
}

TEST_F(ServerTest, CloseInTheMiddleIsTheClients) {
  auto& client = start(Starttls::offered);
  ASSERT_TRUE(client.secure());
  client.close_in_order();
  leave();
  EXPECT_THAT(texts(world(), EventKind::closed), ElementsAre("by client"));
  EXPECT_THAT(texts(world(), EventKind::alert_received), IsEmpty());
}

TEST_F(ServerTest, CloseDuringTheHandshakeFailsIt) {
  auto& client = start(Starttls::offered);
  client.reply();
  client.ask("STARTTLS");
  client.send(std::string("\x16\x03\x01\x02\x00\x01", 6));
  leave();
  EXPECT_EQ(events(world(), EventKind::handshake_failed).size(), 1U);
  EXPECT_THAT(texts(world(), EventKind::client_hello), IsEmpty());
}

TEST_F(ServerTest, ClearTextWhereTlsWasAgreedIsSeenAndNotAnswered) {
  auto& client = start(Starttls::offered);
  client.reply();
  client.send("EHLO client.test\r\nSTARTTLS\r\nMAIL FROM:<a@client.test>\r\n");
  client.reply();
  EXPECT_THAT(client.reply(), StartsWith("220"));
  EXPECT_TRUE(client.start_tls());
  EXPECT_TRUE(client.deliver());
  leave();
  EXPECT_THAT(texts(world(), EventKind::received), Contains("MAIL FROM:<a@client.test>").Times(2));
}

TEST_F(ServerTest, NoTlsRecordWhereTlsWasAgreed) {
  auto& client = start(Starttls::offered);
  client.reply();
  client.ask("STARTTLS");
  client.send("MAIL FROM:<a@client.test>\r\n");
  client.rest();
  leave();
  EXPECT_THAT(texts(world(), EventKind::received), Contains("MAIL FROM:<a@client.test>"));
  EXPECT_EQ(events(world(), EventKind::handshake_failed).size(), 1U);
}

TEST_F(ServerTest, PipelinedCommandsAreAnsweredTogether) {
  auto& client = start(Starttls::offered);
  ASSERT_TRUE(client.secure());
  client.send("MAIL FROM:<>\r\nRCPT TO:<b@x.test>\r\nDATA\r\n");
  EXPECT_THAT(client.reply(), StartsWith("250"));
  EXPECT_THAT(client.reply(), StartsWith("250"));
  EXPECT_THAT(client.reply(), StartsWith("354"));
  client.send("a\r\n.\r\nQUIT\r\n");
  EXPECT_THAT(client.reply(), StartsWith("250"));
  EXPECT_THAT(client.reply(), StartsWith("221"));
  leave();
  EXPECT_THAT(texts(world(), EventKind::message), ElementsAre("3 octets"));
}

TEST_F(ServerTest, LongLinesAreCut) {
  auto& client = start(Starttls::offered);
  client.reply();
  EXPECT_THAT(client.ask("NOOP " + std::string(100000, 'x')), StartsWith("500"));
  EXPECT_THAT(client.ask("NOOP"), StartsWith("250"));
  leave();
  EXPECT_EQ(texts(world(), EventKind::received).front().size(), Transcript::kMaxText);
}

TEST_F(ServerTest, EventsBeyondTheLimitAreCounted) {
  auto& client = start([](SmtpServerSpec& server) {
    for (int i = 0; i < 50; ++i) server.capabilities.push_back("X" + std::to_string(i));
  });
  client.reply();
  for (int i = 0; i < 50; ++i) client.ask("EHLO client.test");
  leave();
  EXPECT_EQ(world().transcript().events().size(), Transcript::kMaxEvents);
  EXPECT_GT(world().transcript().dropped(), 500U);
}

TEST_F(ServerTest, TooManyCommandsEndTheSession) {
  auto& client = start(Starttls::offered);
  std::string many;
  for (int i = 0; i < 1500; ++i) many += "NOOP\r\n";
  client.send(many);
  EXPECT_THAT(client.rest(), HasSubstr("421 too many commands"));
}

TEST_F(ServerTest, DelayedAndRepeatedReply) {
  auto& client = start([](SmtpServerSpec& server) {
    server.replies["CONNECT"] = {.text = "220-a", .delay = std::chrono::milliseconds(50), .repeat = 3};
    server.replies["NOOP"] = {.text = "\x01\x02no reply", .raw = true};
  });
  const auto begin = std::chrono::steady_clock::now();
  client.send("HELP\r\n");
  EXPECT_EQ(client.reply(), "220-a\r\n220-a\r\n220-a\r\n214 RFC 5321\r\n");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(49));
  client.send("NOOP\r\n");
  EXPECT_EQ(client.raw(), "\x01\x02no reply");
}

TEST_F(ServerTest, OverlongReplyReachesAClientThatReadsLate) {
  auto& client = start([](SmtpServerSpec& server) {
    server.replies["EHLO"] = {
        .text = std::string(1000, 'x'), .raw = true, .close_after = true, .repeat = 20000};
  });
  client.reply();
  client.send("EHLO client.test\r\n");
  EXPECT_EQ(client.rest().size(), 16777000U);  // cut to Dialogue::kMaxReply
}

TEST_F(ServerTest, CloseWithoutGreeting) {
  auto& client =
      start([](SmtpServerSpec& server) { server.replies["CONNECT"] = {.text = "", .close_after = true}; });
  EXPECT_EQ(client.rest(), "");
  leave();
  EXPECT_THAT(texts(world(), EventKind::sent), IsEmpty());
  EXPECT_THAT(texts(world(), EventKind::closed), ElementsAre("by server"));
}

TEST_F(ServerTest, IdleClientIsSentAway) {
  bench_.spec.idle_limit = std::chrono::milliseconds(100);
  auto& client = start(Starttls::offered);
  client.reply();
  EXPECT_EQ(client.reply(), "");
  leave();
  EXPECT_THAT(texts(world(), EventKind::closed), ElementsAre("idle limit"));
}

}  // namespace
}  // namespace mxident::mocks
