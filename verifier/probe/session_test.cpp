#include "session.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <mutex>
#include <ostream>

#include "test_support.hpp"

namespace mxident::probe {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;
using test::Peer;
using test::Server;

SessionOptions options_for(const Server& server, PolicyId id) {
  SessionOptions options;
  options.address = "127.0.0.1";
  options.port = server.port();
  options.policy = policy(id);
  options.trust = &test::trust();
  options.time = test::kNow;
  options.sni = "mx.test";
  auto reference = make_reference("mx.test", ReferenceOrigin::mx_host, options.policy.rules);
  options.references.push_back(std::move(*reference.reference));
  options.timeout = 10s;
  return options;
}

SessionReport run(SessionOptions options) {
  boost::asio::io_context context(1);
  SessionReport report;
  boost::asio::co_spawn(context, run_session(std::move(options)),
                        [&](std::exception_ptr failed, SessionReport result) {
                          EXPECT_FALSE(failed);
                          report = std::move(result);
                        });
  context.run();
  return report;
}

// Lines that one well-behaved server got.
struct Log {
  std::mutex mutex;
  std::vector<std::string> lines;
  std::string sni;
  void serve(Peer& peer, const std::vector<std::string>& capabilities = {"STARTTLS"}) {
    peer.serve(capabilities);
    const std::lock_guard lock(mutex);
    lines = peer.log;
    sni = peer.sni();
  }
};

TEST(Session, AcceptsTheRightNameAndStopsAfterTheSecondEhlo) {
  Log log;
  SessionReport report;
  {
    Server server([&](Peer& peer) { log.serve(peer); });
    report = run(options_for(server, PolicyId::rfc9525));
  }
  EXPECT_EQ(report.decision, SessionDecision::accept);
  EXPECT_EQ(to_string(report.reason), "match-exact");
  EXPECT_EQ(report.layers.name, LayerState::ok);
  EXPECT_EQ(report.layers.chain, LayerState::ok);
  EXPECT_EQ(report.layers.delivery, LayerState::not_checked);
  EXPECT_EQ(report.banner_name, "banner.test");
  EXPECT_EQ(report.ehlo_name, "ehlo.test");
  EXPECT_EQ(report.ehlo_name_after_tls, "ehlo.test");
  EXPECT_EQ(report.tls_version, "TLSv1.3");
  ASSERT_EQ(report.certificates.size(), 1u);
  EXPECT_EQ(report.certificates.front(), Server::default_identity().leaf_der());
  EXPECT_EQ(log.lines,
            (std::vector<std::string>{"EHLO client.test", "STARTTLS", "EHLO client.test", "QUIT"}));
  EXPECT_EQ(log.sni, "mx.test");
}

TEST(Session, DeliversUnderTlsWithDotsStuffed) {
  Log log;
  SessionReport report;
  {
    Server server([&](Peer& peer) { log.serve(peer); });
    SessionOptions options = options_for(server, PolicyId::rfc9525);
    options.deliver = Deliver::yes;
    options.sender = "a@client.test";
    options.recipient = "b@mx.test";
    options.message = "Subject: x\n\n.dot\r\nlast";
    report = run(std::move(options));
  }
  EXPECT_EQ(report.decision, SessionDecision::accept);
  EXPECT_EQ(report.layers.delivery, LayerState::ok);
  EXPECT_EQ(log.lines, (std::vector<std::string>{"EHLO client.test", "STARTTLS", "EHLO client.test",
                                                 "MAIL FROM:<a@client.test>", "RCPT TO:<b@mx.test>", "DATA",
                                                 "> Subject: x", "> ", "> ..dot", "> last", "QUIT"}));
}

struct LoginRow {
  const char* name;
  const char* reply;
  PolicyId policy;
  std::vector<std::string> lines;
  const char* error;  // "": delivered
};
std::ostream& operator<<(std::ostream& out, const LoginRow& row) {
  return out << row.name;
}

class LoginUnderTls : public testing::TestWithParam<LoginRow> {};

TEST_P(LoginUnderTls, IsSaidBeforeTheMessageAndNeverInClear) {
  const LoginRow& row = GetParam();
  Log log;
  SessionReport report;
  {
    Server server([&](Peer& peer) {
      peer.auth_reply = row.reply;
      log.serve(peer);
    });
    SessionOptions options = options_for(server, row.policy);
    options.deliver = Deliver::yes;
    options.sender = "a@client.test";
    options.recipient = "b@mx.test";
    options.message = "x";
    options.login = Login{"tim", "tanstaaftanstaaf"};  // RFC 4616 4
    report = run(std::move(options));
  }
  EXPECT_EQ(log.lines, row.lines);
  EXPECT_EQ(report.error, row.error);
  EXPECT_EQ(report.layers.delivery, *row.error == '\0' ? LayerState::ok : LayerState::failed);
  for (const auto& line : report.transcript)
    EXPECT_EQ(line.find("AHRpbQB0YW5zdGFhZnRhbnN0YWFm"), std::string::npos) << line;
}

INSTANTIATE_TEST_SUITE_P(Table, LoginUnderTls,
                         testing::Values(LoginRow{"welcome",
                                                  "235 welcome",
                                                  PolicyId::encrypt,
                                                  {"EHLO client.test", "STARTTLS", "EHLO client.test",
                                                   "AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm",
                                                   "MAIL FROM:<a@client.test>", "RCPT TO:<b@mx.test>", "DATA",
                                                   "> x", "QUIT"},
                                                  ""},
                                         LoginRow{"refused",
                                                  "535 5.7.8 no",
                                                  PolicyId::encrypt,
                                                  {"EHLO client.test", "STARTTLS", "EHLO client.test",
                                                   "AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm", "QUIT"},
                                                  "the server answers AUTH with 535 5.7.8 no"},
                                         LoginRow{"asked_on",
                                                  "334 more",
                                                  PolicyId::encrypt,
                                                  {"EHLO client.test", "STARTTLS", "EHLO client.test",
                                                   "AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm", "QUIT"},
                                                  "the server answers AUTH with 334 more"},
                                         LoginRow{"in_clear",
                                                  "235 welcome",
                                                  PolicyId::no_tls,
                                                  {"EHLO client.test", "QUIT"},
                                                  "there is no TLS to say a password under"}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Session, RefusesTheWrongNameWithQuitAndNoMail) {
  Log log;
  SessionReport report;
  {
    Server server([&](Peer& peer) { log.serve(peer); }, test::make_identity("DNS:other.test"));
    SessionOptions options = options_for(server, PolicyId::rfc9525);
    options.deliver = Deliver::yes;
    options.recipient = "b@mx.test";
    report = run(std::move(options));
  }
  EXPECT_EQ(report.decision, SessionDecision::reject);
  EXPECT_EQ(report.layers.chain, LayerState::ok);
  EXPECT_EQ(report.layers.name, LayerState::failed);
  EXPECT_EQ(report.layers.policy, LayerState::failed);
  EXPECT_EQ(log.lines, (std::vector<std::string>{"EHLO client.test", "STARTTLS", "QUIT"}));
}

TEST(Session, ChainOnlyLeavesTheNameUnchecked) {
  Server server([](Peer& peer) { peer.serve(); }, test::make_identity("DNS:other.test"));
  const SessionReport report = run(options_for(server, PolicyId::chain_only));
  EXPECT_EQ(report.decision, SessionDecision::accept);
  EXPECT_EQ(report.layers.chain, LayerState::ok);
  EXPECT_EQ(report.layers.name, LayerState::not_checked);
  EXPECT_EQ(to_string(report.reason), "names-not-checked");
}

TEST(Session, UnknownAuthorityFailsTheChainAndTheNameIsStillTold) {
  const TrustStore empty;
  Server server([](Peer& peer) { peer.serve(); });
  SessionOptions options = options_for(server, PolicyId::rfc9525);
  options.trust = &empty;
  const SessionReport report = run(std::move(options));
  EXPECT_EQ(report.decision, SessionDecision::reject);
  EXPECT_EQ(report.layers.chain, LayerState::failed);
  EXPECT_EQ(report.layers.name, LayerState::ok);
}

TEST(Session, DaneEeAcceptsWhateverNameAndNobodysChain) {
  const test::Identity identity = test::make_identity("DNS:other.test");
  Server server([](Peer& peer) { peer.serve(); }, identity);
  SessionOptions options = options_for(server, PolicyId::dane);
  options.trust = nullptr;
  options.tlsa.push_back({3, 0, 0, identity.leaf_der()});
  SessionReport report = run(options);
  EXPECT_EQ(report.decision, SessionDecision::accept);
  EXPECT_EQ(to_string(report.reason), "dane-ee-match");
  EXPECT_EQ(report.layers.name, LayerState::not_checked);
  options.tlsa.front().data = Server::default_identity().leaf_der();
  report = run(options);
  EXPECT_EQ(report.decision, SessionDecision::reject);
  EXPECT_EQ(to_string(report.reason), "dane-no-match");
  options.tlsa.clear();
  EXPECT_EQ(to_string(run(options).reason), "dane-none");
}

// One server that misbehaves, and what a session says about it.
struct Row {
  const char* name;
  PolicyId policy;
  std::function<void(Peer&)> script;
  SessionDecision decision;
  Reason reason;
  LayerState Layers::*layer;
};
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}

/// Long texts are made when they are said: the rows are copied at the start of each test's program.
std::string with_often(std::string text, const std::string& unit, std::size_t count) {
  text.reserve(text.size() + count * unit.size());
  for (std::size_t i = 0; i < count; ++i) text += unit;
  return text;
}

std::function<void(Peer&)> says(std::string greeting, std::string then = "", std::size_t often = 0) {
  return [greeting = std::move(greeting), then = std::move(then), often](Peer& peer) {
    peer.say(with_often(greeting, then, often));
    while (peer.alive()) peer.line();
  };
}

std::function<void(Peer&)> ehlo_says(std::string reply, std::size_t often = 1) {
  return [reply = std::move(reply), often](Peer& peer) {
    peer.say("220 mx.test\r\n");
    peer.line();
    peer.say(with_often("", reply, often));
    peer.line();  // QUIT, or the end
  };
}

std::function<void(Peer&)> starttls_says(std::string reply) {
  return [reply = std::move(reply)](Peer& peer) {
    peer.say("220 mx.test\r\n");
    peer.line();
    peer.say("250-mx.test\r\n250 STARTTLS\r\n");
    peer.line();
    peer.say(reply);
    peer.line();  // QUIT, a ClientHello or the end
  };
}

std::function<void(Peer&)> plain_server() {
  return [](Peer& peer) { peer.serve({"SIZE"}); };
}

class HostileTest : public testing::TestWithParam<Row> {};

TEST_P(HostileTest, Session) {
  const Row& row = GetParam();
  Server server(row.script);
  const SessionReport report = run(options_for(server, row.policy));
  EXPECT_EQ(report.decision, row.decision);
  EXPECT_EQ(to_string(report.reason), to_string(row.reason)) << report.error;
  EXPECT_EQ(report.layers.*row.layer, LayerState::failed);
  EXPECT_LE(report.transcript.size(), 400u);
}

constexpr auto kSessionReject = SessionDecision::reject;
INSTANTIATE_TEST_SUITE_P(
    Rfc3207, HostileTest,
    testing::Values(Row{"greeting_554", PolicyId::rfc9525, says("554 go away\r\n"), kSessionReject,
                        Reason::smtp_greeting_refused, &Layers::smtp},
                    Row{"endless_banner_line", PolicyId::rfc9525, says("220 ", "x", 5 << 20), kSessionReject,
                        Reason::smtp_reply_too_long, &Layers::smtp},
                    Row{"endless_banner", PolicyId::rfc9525, says("", "220-x\r\n", 1000000), kSessionReject,
                        Reason::smtp_reply_too_long, &Layers::smtp},
                    Row{"nul_in_banner", PolicyId::rfc9525, says("220 m\0x.test\r\n"s), kSessionReject,
                        Reason::smtp_reply_nul, &Layers::smtp},
                    Row{"no_smtp", PolicyId::rfc9525, says("HTTP/1.1 400 Bad Request\r\n\r\n"),
                        kSessionReject, Reason::smtp_reply_malformed, &Layers::smtp},
                    Row{"greets_twice", PolicyId::rfc9525, says("220 a\r\n220 b\r\n"), kSessionReject,
                        Reason::smtp_unsolicited, &Layers::smtp},
                    Row{"million_ehlo_lines", PolicyId::rfc9525, ehlo_says("250-x\r\n", 1000000),
                        kSessionReject, Reason::smtp_reply_too_long, &Layers::smtp},
                    Row{"ehlo_refused", PolicyId::rfc9525, ehlo_says("502 what\r\n"), kSessionReject,
                        Reason::ehlo_refused, &Layers::smtp},
                    Row{"bare_lf_in_ehlo", PolicyId::rfc9525, ehlo_says("250-mx\n250 STARTTLS\r\n"),
                        kSessionReject, Reason::smtp_reply_bare_lf, &Layers::smtp},
                    Row{"starttls_hidden", PolicyId::rfc9525, plain_server(), kSessionReject,
                        Reason::starttls_not_offered, &Layers::starttls},
                    Row{"starttls_hidden_encrypt", PolicyId::encrypt, plain_server(), kSessionReject,
                        Reason::starttls_not_offered, &Layers::starttls},
                    Row{"starttls_hidden_opportunistic", PolicyId::opportunistic, plain_server(),
                        SessionDecision::plaintext, Reason::plaintext_allowed, &Layers::starttls},
                    Row{"starttls_454", PolicyId::rfc9525, starttls_says("454 later\r\n"), kSessionReject,
                        Reason::starttls_refused, &Layers::starttls},
                    Row{"starttls_554_opportunistic", PolicyId::opportunistic, starttls_says("554 no\r\n"),
                        SessionDecision::plaintext, Reason::plaintext_allowed, &Layers::starttls},
                    Row{"injected", PolicyId::rfc9525, starttls_says("220 go\r\n250 injected\r\n"),
                        kSessionReject, Reason::starttls_injected, &Layers::starttls},
                    Row{"injected_encrypt", PolicyId::encrypt, starttls_says("220 go\r\n250-x\r\n"),
                        kSessionReject, Reason::starttls_injected, &Layers::starttls},
                    Row{"garbage", PolicyId::rfc9525,
                        [](Peer& peer) {
                          peer.say("220 mx.test\r\n");
                          peer.line();
                          peer.say("250-mx.test\r\n250 STARTTLS\r\n");
                          peer.line();
                          peer.say("220 go\r\n");
                          peer.wait();  // for the ClientHello: before it, it would be an injection
                          peer.say("this is no TLS\r\n");
                          while (peer.alive()) peer.line();
                        },
                        kSessionReject, Reason::starttls_garbage, &Layers::starttls},
                    Row{"close_after_220", PolicyId::rfc9525,
                        [](Peer& peer) {
                          peer.say("220 mx.test\r\n");
                          peer.line();
                          peer.say("250-mx.test\r\n250 STARTTLS\r\n");
                          peer.line();
                          peer.say("220 go\r\n");
                        },
                        kSessionReject, Reason::tls_closed, &Layers::handshake},
                    Row{"alert", PolicyId::rfc9525,
                        [](Peer& peer) {
                          peer.say("220 mx.test\r\n");
                          peer.line();
                          peer.say("250-mx.test\r\n250 STARTTLS\r\n");
                          peer.line();
                          peer.say("220 go\r\n");
                          peer.wait();
                          peer.say("\x15\x03\x03\x00\x02\x02\x28"s);
                          while (peer.alive()) peer.line();
                        },
                        kSessionReject, Reason::tls_alert, &Layers::handshake}),
    [](const auto& row) { return std::string(row.param.name); });

// Wherever a server ends the connection, the session ends, says so and never claims more than it saw.
TEST(Session, ServerClosesAtEveryOctet) {
  std::size_t whole = 0;
  {
    Server server([&](Peer& peer) {
      peer.serve();
      whole = peer.written();
    });
    ASSERT_EQ(run(options_for(server, PolicyId::rfc9525)).decision, SessionDecision::accept);
  }
  ASSERT_GT(whole, 500u);
  std::atomic<std::size_t> allowance{0};
  Server server([&](Peer& peer) {
    peer.allow(allowance);
    peer.serve();
  });
  // ECDSA signatures differ by a few octets in length from session to session, and so do the sessions.
  constexpr std::size_t kSlack = 16;
  std::optional<std::size_t> first_accepted;
  for (std::size_t octets = 0; octets <= whole + kSlack; ++octets) {
    allowance = octets;
    const SessionReport report = run(options_for(server, PolicyId::rfc9525));
    EXPECT_EQ(report.layers.connect, LayerState::ok) << octets;
    const bool accepted = report.decision == SessionDecision::accept;
    EXPECT_TRUE(accepted || report.decision == SessionDecision::reject) << octets;
    if (!accepted) {
      EXPECT_FALSE(report.error.empty()) << octets;
      // Acceptance begins at one offset and stays.
      EXPECT_TRUE(!first_accepted || octets <= *first_accepted + kSlack) << octets;
    } else if (!first_accepted) {
      first_accepted = octets;
    }
  }
  EXPECT_TRUE(first_accepted.has_value());
}

TEST(Session, SlowDripEndsAtTheDeadline) {
  Server server([](Peer& peer) {
    for (int i = 0; peer.alive() && i < 1000; ++i) {
      peer.say("2");
      std::this_thread::sleep_for(10ms);
    }
  });
  SessionOptions options = options_for(server, PolicyId::rfc9525);
  options.timeout = 200ms;
  const SessionReport report = run(std::move(options));
  EXPECT_EQ(report.decision, SessionDecision::reject);
  EXPECT_EQ(to_string(report.reason), "smtp-timeout");
}

TEST(Session, SilenceAfterStarttlsEndsAtTheDeadline) {
  Server server(starttls_says("220 go\r\n"));
  SessionOptions options = options_for(server, PolicyId::rfc9525);
  options.timeout = 200ms;
  const SessionReport report = run(std::move(options));
  EXPECT_EQ(report.decision, SessionDecision::reject);
  EXPECT_EQ(to_string(report.reason), "tls-timeout");
}

// What a server may make the client read and parse in a handshake is bounded (kMaxCertificateMessage), and so
// is the number of names that are kept.
TEST(Session, ManyNamesAreReadUpToTheLimit) {
  for (const auto& [count, reason] :
       {std::pair{200, Reason::match_exact}, std::pair{11000, Reason::san_too_many},
        std::pair{100000, Reason::tls_too_much_data}}) {
    std::string san = "DNS:mx.test";
    for (int i = 1; i < count; ++i) san += ",DNS:h" + std::to_string(i) + ".test";
    Server server([](Peer& peer) { peer.serve(); }, test::make_identity(san));
    const SessionReport report = run(options_for(server, PolicyId::rfc9525));
    EXPECT_EQ(to_string(report.reason), to_string(reason)) << count << " names: " << report.error;
  }
}

TEST(Session, TenThousandCertificates) {
  const test::Identity& identity = Server::default_identity();
  Server server([&](Peer& peer) {
    peer.send_also(std::vector<X509*>(10000, identity.root.get()));
    peer.serve();
  });
  const SessionReport report = run(options_for(server, PolicyId::rfc9525));
  EXPECT_EQ(report.decision, SessionDecision::reject);
  EXPECT_EQ(to_string(report.reason), "tls-too-much-data");
}

TEST(Session, AHundredAndOneCertificatesAreOneTooMany) {
  const test::Identity& identity = Server::default_identity();
  for (const std::size_t extra : {99u, 100u}) {
    Server server([&](Peer& peer) {
      peer.send_also(std::vector<X509*>(extra, identity.root.get()));
      peer.serve();
    });
    const SessionReport report = run(options_for(server, PolicyId::rfc9525));
    EXPECT_EQ(to_string(report.reason), extra == 99 ? "match-exact" : "chain-too-many-certificates");
  }
}

TEST(Session, NobodyListens) {
  std::uint16_t port = 0;
  {
    port = Server([](Peer&) {}).port();
  }
  SessionOptions options;
  options.address = "127.0.0.1";
  options.port = port;
  const SessionReport report = run(std::move(options));
  EXPECT_EQ(report.decision, SessionDecision::none);
  EXPECT_EQ(to_string(report.reason), "connect-refused");
  EXPECT_EQ(report.layers.connect, LayerState::failed);
  EXPECT_EQ(report.layers.smtp, LayerState::not_reached);
}

TEST(Session, OldServersGetHeloUnderOpportunistic) {
  Log log;
  SessionReport report;
  {
    Server server([&](Peer& peer) {
      peer.say("220 old.test\r\n");
      log.lines.push_back(peer.line());
      peer.say("500 what\r\n");
      log.lines.push_back(peer.line());
      peer.say("250 old.test\r\n");
      log.lines.push_back(peer.line());
      peer.say("221 bye\r\n");
    });
    report = run(options_for(server, PolicyId::opportunistic));
  }
  EXPECT_EQ(report.decision, SessionDecision::plaintext);
  EXPECT_EQ(log.lines, (std::vector<std::string>{"EHLO client.test", "HELO client.test", "QUIT"}));
}

TEST(Session, MailRefusedIsNoDelivery) {
  Server server([](Peer& peer) {
    peer.say("220 mx.test\r\n");
    peer.line();
    peer.say("250 mx.test\r\n");
    peer.line();
    peer.say("550 no\r\n");
    peer.line();
  });
  SessionOptions options = options_for(server, PolicyId::no_tls);
  options.deliver = Deliver::yes;
  options.recipient = "b@mx.test";
  const SessionReport report = run(std::move(options));
  EXPECT_EQ(report.decision, SessionDecision::reject);
  EXPECT_EQ(report.layers.delivery, LayerState::failed);
  EXPECT_EQ(to_string(report.reason), "mail-refused");
}

TEST(Session, ImplicitTls) {
  Server server([](Peer& peer) {
    if (peer.start_tls()) peer.serve();
  });
  SessionOptions options = options_for(server, PolicyId::rfc9525);
  options.tls = TlsMode::implicit;
  const SessionReport report = run(std::move(options));
  EXPECT_EQ(report.decision, SessionDecision::accept);
  EXPECT_EQ(report.layers.starttls, LayerState::not_checked);
  EXPECT_EQ(report.ehlo_name_after_tls, "ehlo.test");
}

TEST(Session, ImplicitTlsWithAServerThatGreetsInClear) {
  Server server([](Peer& peer) { peer.serve(); });
  SessionOptions options = options_for(server, PolicyId::rfc9525);
  options.tls = TlsMode::implicit;
  const SessionReport report = run(std::move(options));
  EXPECT_EQ(report.decision, SessionDecision::reject);
  EXPECT_EQ(to_string(report.reason), "tls-handshake-failed");
  EXPECT_EQ(report.error, "what the server sends is no TLS, but a greeting in clear: 220 banner.test ESMTP");
  EXPECT_EQ(report.hint, TlsHint::greets_in_clear);
  EXPECT_EQ(report.layers.handshake, LayerState::failed);
}

TEST(Session, CommandsCannotBeSmuggledThroughAddresses) {
  Server server([](Peer& peer) { peer.serve(); });
  SessionOptions options = options_for(server, PolicyId::no_tls);
  options.deliver = Deliver::yes;
  options.recipient = "b@mx.test>\r\nRCPT TO:<c@mx.test";
  EXPECT_EQ(to_string(run(std::move(options)).reason), "mail-bad-address");
  EXPECT_EQ(server.connections(), 0);
}

}  // namespace
}  // namespace mxident::probe
