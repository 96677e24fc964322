#include "harness/adequacy/client.hpp"

#include <csignal>
#include <optional>
#include <stdexcept>

namespace mxident::harness::zoo {
namespace {

constexpr const char* kHello = "EHLO client.test";

/// The bug ends the client here.
struct Ends {
  ClientReport::End end;
};

std::string first_word(const Reply& reply) {
  if (reply.lines.empty()) return {};
  return fold_host(reply.lines.front().substr(0, reply.lines.front().find(' ')));
}

bool offers_starttls(BugId bug, const Reply& hello) {
  for (std::size_t i = 1; i < hello.lines.size(); ++i) {
    const std::string word = hello.lines[i].substr(0, hello.lines[i].find(' '));
    if (word == "STARTTLS" || (bug != BugId::exact_keyword && fold_host(word) == "starttls")) return true;
  }
  return false;
}

bool hand_over(Connection& connection) {
  for (const char* line : {"MAIL FROM:<sender@client.test>", "RCPT TO:<postmaster>"}) {
    if (!connection.ask(line).good()) return false;
  }
  if (connection.ask("DATA").code != 354) return false;
  return connection.ask("Subject: mxident\r\n\r\nA message of the zoo.\r\n.").good();
}

class Client {
 public:
  Client(BugId bug, Manner manner, const Equipment& equipment, std::int64_t time)
      : bug_(bug), manner_(manner), equipment_(equipment), time_(time) {}

  bool run(const std::vector<Hop>& route) {
    for (const auto& hop : route) {
      for (const std::uint16_t port : hop.ports) {
        if (try_address(hop.situation, port)) return true;
      }
      if (bug_ == BugId::first_host_only) break;
    }
    return false;
  }

  std::vector<Sight> sights() { return std::move(sights_); }

 private:
  bool is(BugId bug) const { return bug_ == bug; }

  bool leave(Connection& connection, bool done) {
    if (!connection.ended()) connection.ask("QUIT");
    return done;
  }

  bool finish(Connection& connection) {
    return leave(connection, manner_ == Manner::checks || hand_over(connection));
  }

  /// The server is gone although an answer was due.
  bool gone(const Connection& connection) {
    if (connection.ended() && is(BugId::hang_at_end_of_file)) throw Ends{ClientReport::End::deadline};
    return false;
  }

  bool again_in_clear(std::uint16_t port) {
    Connection connection(port);
    if (!connection.open() || !connection.read_reply().good() || !connection.ask(kHello).good()) return false;
    return finish(connection);
  }

  bool agrees(const Situation& situation, const Connection& connection) {
    sights_.push_back({situation, connection.certificates()});
    std::vector<X509*> sent;
    for (const auto& certificate : sights_.back().certificates) sent.push_back(certificate.get());
    const Answer answer = certificate_agrees(bug_, sent, equipment_.trust(), time_, situation);
    if (answer == Answer::dies) throw Ends{ClientReport::End::signalled};
    if (answer == Answer::spins) throw Ends{ClientReport::End::deadline};
    if (!is(BugId::verdict_of_the_first)) return answer == Answer::yes;
    if (!first_verdict_) first_verdict_ = answer == Answer::yes;
    return *first_verdict_;
  }

  bool try_address(Situation situation, std::uint16_t port) {
    Connection connection(port);
    if (!connection.open()) return false;
    const Reply greeting = connection.read_reply();
    if (!greeting.good()) return gone(connection);
    situation.banner = first_word(greeting);
    const Reply hello = connection.ask(kHello);
    if (!hello.good()) {
      if (is(BugId::plaintext_if_ehlo_refused) && connection.ask("HELO client.test").good())
        return finish(connection);
      return leave(connection, false);
    }
    situation.ehlo = first_word(hello);
    if (!offers_starttls(bug_, hello)) {
      const bool in_clear = is(BugId::plaintext_if_hidden) || is(BugId::exact_keyword);
      return in_clear ? finish(connection) : leave(connection, false);
    }
    const Reply go_ahead = connection.ask("STARTTLS");
    if (go_ahead.code != 220) return refused(connection, go_ahead.code);
    if (connection.has_unread())
      return is(BugId::plaintext_if_injected) && again_in_clear(port);  // RFC 3207 6
    return under_tls(connection, situation, port);
  }

  bool refused(Connection& connection, int code) {
    const BugId bug = code == 454   ? BugId::plaintext_if_454
                      : code == 502 ? BugId::plaintext_if_502
                      : code == 554 ? BugId::plaintext_if_554
                                    : BugId::none;
    if (code == 0) return gone(connection);
    return bug != BugId::none && is(bug) ? finish(connection) : leave(connection, false);
  }

  bool under_tls(Connection& connection, Situation situation, std::uint16_t port) {
    const std::string sni = is(BugId::no_sni)              ? ""
                            : is(BugId::sni_of_the_domain) ? situation.domain
                                                           : situation.host;
    if (!connection.start_tls(equipment_.context(), sni)) {
      gone(connection);
      return is(BugId::plaintext_if_handshake_fails) && again_in_clear(port);
    }
    if (is(BugId::mail_before_check) || is(BugId::second_ehlo_name)) {
      const Reply hello = connection.ask(kHello);
      if (!hello.good()) return false;
      situation.ehlo_tls = first_word(hello);
      if (is(BugId::mail_before_check) && !hand_over(connection)) return false;
      return agrees(situation, connection) && (is(BugId::mail_before_check) || finish(connection));
    }
    if (!agrees(situation, connection)) {
      leave(connection, false);
      return is(BugId::plaintext_if_mismatch) && again_in_clear(port);
    }
    if (!connection.ask(kHello).good()) return false;
    return finish(connection);
  }

  BugId bug_;
  Manner manner_;
  const Equipment& equipment_;
  std::int64_t time_;
  std::optional<bool> first_verdict_;
  std::vector<Sight> sights_;
};

}  // namespace

PolicyId policy_of(BugId bug) {
  return bug == BugId::no_sni ? PolicyId::mta_sts : PolicyId::rfc9525;
}

Manner manner_of(BugId bug) {
  return bug == BugId::exit_code_lies || bug == BugId::exit_code_never_good ? Manner::checks
                                                                            : Manner::delivers;
}

Equipment::Equipment(const certs::Authority& authority) : context_(SSL_CTX_new(TLS_client_method())) {
  if (!context_) throw std::runtime_error("libssl made no context");
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_NONE,
                     nullptr);  // the client checks when the handshake is done
  SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_OFF);
  const auto* at = reinterpret_cast<const unsigned char*>(authority.root.der.data());
  const CertificatePtr root(d2i_X509(nullptr, &at, static_cast<long>(authority.root.der.size())));
  if (!root || X509_STORE_add_cert(trust(), root.get()) != 1)
    throw std::runtime_error("the root is no trust anchor");
}

ClientRun run_client(BugId bug, Manner manner, const std::vector<Hop>& route, const Equipment& equipment,
                     std::int64_t time) {
  Client client(bug, manner, equipment, time);
  ClientRun out;
  try {
    const bool done = client.run(route);
    out.report.code = done ? 0 : 1;
    if (bug == BugId::exit_code_lies) out.report.code = 0;
    if (bug == BugId::exit_code_never_good) out.report.code = 1;
  } catch (const Ends& ends) {
    out.report.end = ends.end;
    out.report.code = ends.end == ClientReport::End::signalled ? SIGSEGV : 0;
  }
  out.sights = client.sights();
  return out;
}

}  // namespace mxident::harness::zoo
