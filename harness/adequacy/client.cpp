#include "harness/adequacy/client.hpp"

#include <algorithm>
#include <csignal>
#include <optional>
#include <stdexcept>

namespace mxident::harness::zoo {
namespace {

constexpr const char* kHello = "EHLO client.test";
constexpr std::size_t kManyLines = 64;
constexpr std::size_t kSmallBuffer = 1024;

/// The bug ends the client here.
struct Ends {
  ClientReport::End end;
};

std::vector<std::string> words_of(const Reply& reply) {
  std::vector<std::string> out;
  for (const auto& line : reply.lines) {
    for (std::size_t at = 0; at < line.size();) {
      const std::size_t end = std::min(line.find(' ', at), line.size());
      if (end > at) out.push_back(fold_host(line.substr(at, end - at)));
      at = end + 1;
    }
  }
  return out;
}

std::string first_word(const Reply& reply) {
  if (reply.lines.empty()) return {};
  return fold_host(reply.lines.front().substr(0, reply.lines.front().find(' ')));
}

bool has_word(const Reply& reply, const char* wanted) {
  const auto words = words_of(reply);
  return std::find(words.begin(), words.end(), wanted) != words.end();
}

/// Keywords that the reply to EHLO offers, as they are written.
std::vector<std::string> keywords_of(const Reply& hello) {
  std::vector<std::string> out;
  for (std::size_t i = 1; i < hello.lines.size(); ++i)
    out.push_back(hello.lines[i].substr(0, hello.lines[i].find(' ')));
  return out;
}

bool offers_starttls(BugId bug, const Reply& hello) {
  std::vector<std::string> words = keywords_of(hello);
  if (bug == BugId::last_line_only && words.size() > 1) words = {words.back()};
  return std::any_of(words.begin(), words.end(), [&](const auto& word) {
    const bool exact = bug == BugId::exact_keyword || bug == BugId::exact_keyword_gives_up;
    return word == "STARTTLS" || (!exact && fold_host(word) == "starttls");
  });
}

bool offers(const std::vector<std::string>& keywords, const std::string& wanted) {
  return std::any_of(keywords.begin(), keywords.end(),
                     [&](const auto& word) { return fold_host(word) == fold_host(wanted); });
}

bool say_envelope(Connection& connection, const std::string& parameters) {
  return connection.ask("MAIL FROM:<sender@client.test>" + parameters).good() &&
         connection.ask("RCPT TO:<postmaster>").good();
}

bool say_message(Connection& connection) {
  if (connection.ask("DATA").code != 354) return false;
  return connection.ask("Subject: mxident\r\n\r\nA message of the zoo.\r\n.").good();
}

/// With the extensions that `keywords` offer. The correct client uses none.
bool hand_over(Connection& connection, const std::vector<std::string>& keywords = {}) {
  if (offers(keywords, "AUTH")) connection.ask("AUTH PLAIN AHpvbwB6b28=");
  if (offers(keywords, "XCLIENT")) connection.ask("XCLIENT NAME=client.test");
  std::string parameters;
  for (const auto& [keyword, parameter] : {std::pair{"SIZE", " SIZE=40"},
                                           {"8BITMIME", " BODY=8BITMIME"},
                                           {"SMTPUTF8", " SMTPUTF8"},
                                           {"DSN", " RET=HDRS"},
                                           {"REQUIRETLS", " REQUIRETLS"}})
    if (offers(keywords, keyword)) parameters += parameter;
  if (!say_envelope(connection, parameters)) return false;
  if (offers(keywords, "CHUNKING")) return connection.ask("BDAT 2 LAST\r\n\r\n").good();
  return say_message(connection);
}

class Client {
 public:
  Client(BugId bug, Manner manner, PolicyId policy, const Equipment& equipment, std::int64_t time)
      : bug_(bug), manner_(manner), policy_(policy), equipment_(equipment), time_(time) {}

  bool run(const Route& route) {
    if (!route.hops.empty()) first_host_ = route.hops.front().situation.host;
    announced_ = &route.announced;
    for (const auto& hop : route.hops) {
      demand_ = demand_of(bug_, policy_, route.announced, hop.tlsa, hop.situation.host);
      if (demand_ == Demand::passed_over) continue;
      tlsa_ = &hop.tlsa;
      for (const std::uint16_t port : hop.ports) {
        if (try_address(hop.situation, port)) return true;
        if (is(BugId::unverified_next_address)) unverified_ = true;
      }
      if (is(BugId::first_host_only)) break;
      unverified_ = is(BugId::unverified_next_host);
    }
    return after_all(route);
  }

  std::vector<Sight> sights() { return std::move(sights_); }

 private:
  bool is(BugId bug) const { return bug_ == bug; }

  /// All MX hosts have failed, or there are none.
  bool after_all(const Route& route) {
    const bool goes_to_domain =
        is(route.hops.empty() ? BugId::null_mx_ignored : BugId::implicit_mx_after_failure);
    if (goes_to_domain && route.domain_host) {
      for (const std::uint16_t port : route.domain_host->ports)
        if (try_address(route.domain_host->situation, port)) return true;
    }
    if (is(BugId::plaintext_at_last_host) && route.hops.size() > 1)
      return again_in_clear(route.hops.back().ports.front());
    if (!is(BugId::plaintext_in_second_round)) return false;
    return std::any_of(route.hops.begin(), route.hops.end(),
                       [&](const Hop& hop) { return again_in_clear(hop.ports.front()); });
  }

  /// A reply as this client takes it; without a code if it does not.
  Reply taken(Reply reply) {
    const bool is_long = reply.lines.size() > kManyLines;
    const bool has_gap = std::any_of(reply.lines.begin(), reply.lines.end(),
                                     [](const auto& line) { return line.empty() || line.front() == ' '; });
    if ((is(BugId::crash_on_long_reply) && is_long) || (is(BugId::crash_on_empty_line) && has_gap))
      throw Ends{ClientReport::End::signalled};
    if ((is(BugId::long_reply_refused) && is_long) ||
        (is(BugId::small_buffer) && reply.octets > kSmallBuffer) ||
        (is(BugId::bare_code_refused) && reply.is_bare))
      return {};
    return reply;
  }
  Reply ask(Connection& connection, const std::string& line) { return taken(connection.ask(line)); }

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
    if (unverified_ || demand_ != Demand::proof) return true;
    if (policy_ == PolicyId::dane) return dane_agrees(bug_, sent, *announced_, *tlsa_, time_, situation);
    if (is(BugId::sts_name_unchecked)) return chain_holds(bug_, sent, equipment_.trust(), time_);
    if (is(BugId::sts_pattern_named) && names_listed_host(sent, *announced_->sts)) return true;
    if (is(BugId::certificate_remembered) && is_remembered(sent.front())) return true;
    const Answer answer = certificate_agrees(bug_, sent, equipment_.trust(), time_, situation);
    if (answer == Answer::dies) throw Ends{ClientReport::End::signalled};
    if (answer == Answer::spins) throw Ends{ClientReport::End::deadline};
    if (answer == Answer::yes) remembered_ = CertificatePtr(X509_dup(sent.front()));
    if (!is(BugId::verdict_of_the_first)) return answer == Answer::yes;
    if (!first_verdict_) first_verdict_ = answer == Answer::yes;
    return *first_verdict_;
  }

  bool is_remembered(const X509* certificate) const {
    return remembered_ && X509_cmp(remembered_.get(), certificate) == 0;
  }

  bool try_address(Situation situation, std::uint16_t port) {
    Connection connection(port);
    if (!connection.open()) return false;
    const Reply greeting =
        taken(is(BugId::one_line_greeting) ? connection.read_line() : connection.read_reply());
    if (!greeting.good()) return gone(connection);
    situation.banner = first_word(greeting);
    situation.greeting = words_of(greeting);
    if (is(BugId::greeting_wants_esmtp) && !has_word(greeting, "esmtp"))
      return ask(connection, "HELO client.test").good() && finish(connection);
    const Reply hello = ask(connection, kHello);
    if (!hello.good()) {
      if (is(BugId::plaintext_if_ehlo_refused) && ask(connection, "HELO client.test").good())
        return finish(connection);
      return hello.code == 0 ? gone(connection) : leave(connection, false);
    }
    situation.ehlo = first_word(hello);
    keywords_ = keywords_of(hello);
    if (!offers_starttls(bug_, hello)) {
      const bool in_clear = is(BugId::plaintext_if_hidden) || is(BugId::exact_keyword) ||
                            is(BugId::dane_plaintext_if_hidden) || is(BugId::sts_plaintext_if_hidden) ||
                            demand_ == Demand::nothing;
      return in_clear ? finish(connection) : leave(connection, false);
    }
    connection.send("STARTTLS\r\n");
    const Reply go_ahead =
        taken(is(BugId::one_line_ready) ? connection.read_line() : connection.read_reply());
    if (go_ahead.code != 220) return refused(connection, go_ahead.code, port);
    situation.ready = words_of(go_ahead);
    if (is(BugId::ready_text_wanted) && !has_word(go_ahead, "tls") && !has_word(go_ahead, "ready"))
      return leave(connection, false);
    if (connection.has_unread() && !is(BugId::injected_kept))
      return is(BugId::plaintext_if_injected) && again_in_clear(port);  // RFC 3207 6
    return under_tls(connection, situation, port);
  }

  static BugId bug_behind(int code) {
    switch (code) {
      case 454:
        return BugId::plaintext_if_454;
      case 500:
        return BugId::plaintext_if_500;
      case 501:
        return BugId::plaintext_if_501;
      case 502:
        return BugId::plaintext_if_502;
      case 503:
        return BugId::plaintext_if_503;
      case 530:
      case 538:
        return BugId::plaintext_if_530;
      case 554:
        return BugId::plaintext_if_554;
      default:
        return code / 100 == 2   ? BugId::plaintext_if_other_2xx
               : code / 100 == 3 ? BugId::plaintext_if_3xx
               : code / 100 == 4 ? BugId::plaintext_if_451
                                 : BugId::none;
    }
  }

  bool refused(Connection& connection, int code, std::uint16_t port) {
    if (code == 0) {
      gone(connection);
      return is(BugId::plaintext_if_no_reply) && again_in_clear(port);
    }
    const BugId bug = bug_behind(code);
    const bool in_clear = (bug != BugId::none && is(bug)) || demand_ == Demand::nothing;
    return in_clear ? finish(connection) : leave(connection, false);
  }

  std::string sni_for(const Situation& situation) const {
    switch (bug_) {
      case BugId::no_sni:
      case BugId::dane_no_sni:
        return "";
      case BugId::sni_of_the_domain:
        return situation.domain;
      case BugId::sni_of_the_alias:
        return situation.alias.empty() ? situation.host : situation.alias;
      case BugId::sni_of_the_banner:
        return situation.banner;
      case BugId::sni_of_first_host:
        return first_host_;
      case BugId::sni_own_name:
        return "client.test";
      case BugId::sni_of_address:
        return address_text(situation.peer);
      default:
        return situation.host;
    }
  }

  bool under_tls(Connection& connection, Situation situation, std::uint16_t port) {
    const auto unread = is(BugId::injected_kept) ? Connection::Unread::kept : Connection::Unread::dropped;
    if (!connection.start_tls(equipment_.context(), sni_for(situation), unread)) {
      gone(connection);
      return (is(BugId::plaintext_if_handshake_fails) || demand_ == Demand::nothing) && again_in_clear(port);
    }
    if (is(BugId::envelope_before_check))
      return connection.ask(kHello).good() && say_envelope(connection, "") && agrees(situation, connection) &&
             leave(connection, say_message(connection));
    if (is(BugId::mail_before_check) || is(BugId::second_ehlo_name)) {
      const Reply hello = connection.ask(kHello);
      if (!hello.good()) return false;
      situation.ehlo_tls = first_word(hello);
      if (is(BugId::mail_before_check) && !hand_over(connection)) return false;
      return agrees(situation, connection) && (is(BugId::mail_before_check) || finish(connection));
    }
    if (!agrees(situation, connection)) {
      leave(connection, false);
      if (is(BugId::unverified_retry) && !unverified_) {
        unverified_ = true;
        return try_address(situation, port);
      }
      return is(BugId::plaintext_if_mismatch) && again_in_clear(port);
    }
    return with_verified(connection, port);
  }

  bool with_verified(Connection& connection, std::uint16_t port) {
    if (is(BugId::capabilities_kept)) return leave(connection, hand_over(connection, keywords_));
    const Reply hello = ask(connection, kHello);
    if (!hello.good()) return is(BugId::plaintext_if_second_ehlo_refused) && again_in_clear(port);
    if (is(BugId::injected_kept)) return leave(connection, hand_over(connection, keywords_of(hello)));
    const bool done = finish(connection);
    return done || (is(BugId::plaintext_if_mail_refused) && again_in_clear(port));
  }

  BugId bug_;
  Manner manner_;
  PolicyId policy_;
  const Announced* announced_ = nullptr;
  const TlsaAnswer* tlsa_ = nullptr;  ///< of the host that is being tried
  Demand demand_ = Demand::proof;     ///< of that host
  const Equipment& equipment_;
  std::int64_t time_;
  std::optional<bool> first_verdict_;
  std::string first_host_;             ///< of the route
  std::vector<std::string> keywords_;  ///< that the EHLO reply in clear offered
  CertificatePtr remembered_;          ///< the latest that was right
  bool unverified_ = false;            ///< does not look at certificates now
  std::vector<Sight> sights_;
};

}  // namespace

PolicyId policy_of(BugId bug) {
  if (bug == BugId::no_sni || (bug >= BugId::sts_ignored && bug <= BugId::sts_plaintext_if_hidden))
    return PolicyId::mta_sts;
  const bool about_dane = bug >= BugId::dane_ignored && bug <= BugId::dane_plaintext_if_hidden;
  return about_dane ? PolicyId::dane : PolicyId::rfc9525;
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

ClientRun run_client(BugId bug, Manner manner, PolicyId policy, const Route& route,
                     const Equipment& equipment, std::int64_t time) {
  Client client(bug, manner, policy, equipment, time);
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
