#include "harness/judge/session.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace mxident::harness {
namespace {

using mocks::Event;
using mocks::EventKind;

/// First word of a line in upper case.
std::string verb_of(std::string_view line) {
  std::string verb(line.substr(0, line.find_first_of(" \t:\r\n")));
  for (char& c : verb) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return verb;
}

/// "250-STARTTLS" or "250 STARTTLS", a line of a reply that may be in one event or in several. `line_number`
/// counts the lines of the whole reply: the first one is domain and greeting, and offers nothing (RFC
/// 5321 4.1.1.1).
bool holds_starttls_keyword(std::string_view reply, std::size_t& line_number) {
  for (std::size_t at = 0; at < reply.size();) {
    const std::size_t end = std::min(reply.find('\n', at), reply.size());
    std::string_view line = reply.substr(at, end - at);
    if (line_number++ > 0 && line.size() > 4 && verb_of(line.substr(4)) == "STARTTLS") return true;
    at = end + 1;
  }
  return false;
}

/// An AUTH command whose mechanism sends the password, or a token that is as good.
bool asks_to_send_password(std::string_view line) {
  const std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos) return false;
  const std::string mechanism = verb_of(line.substr(blank + 1));
  return mechanism == "PLAIN" || mechanism == "LOGIN" || mechanism == "XOAUTH2" || mechanism == "OAUTHBEARER";
}

/// The command has it already: AUTH mechanism initial-response (RFC 4954 4).
bool holds_initial_response(std::string_view line) {
  return line.find(' ', line.find(' ') + 1) != std::string_view::npos;
}

/// Reads the events of one connection in their order.
class Folder {
 public:
  explicit Folder(const Event& first, mocks::Starttls behaviour) : behaviour_(behaviour) {
    session_.connection = first.connection;
    session_.host = first.host;
    session_.implicit = behaviour == mocks::Starttls::implicit;
  }

  void add(const Event& event) {
    switch (event.kind) {
      case EventKind::sent:
        server_line(event);
        break;
      case EventKind::received:
        client_line(event);
        break;
      case EventKind::client_hello:
        if (!session_.sni) session_.sni = event.text;
        if (!session_.starttls_accepted) session_.implicit = true;
        break;
      case EventKind::handshake:
        session_.handshake = true;
        break;
      case EventKind::handshake_failed:
        session_.handshake_failed = true;
        break;
      case EventKind::alert_received:
        client_alert(event.text);
        break;
      case EventKind::message:
        (event.encrypted ? session_.message_under_tls : session_.message_in_clear) = true;
        break;
      default:
        break;
    }
  }

  Session finish() {
    using mocks::Starttls;
    // After an injected reply a client may leave at once: that is a refusal (RFC 3207 says nothing of such
    // octets).
    const bool odd = behaviour_ == Starttls::garbage || behaviour_ == Starttls::silent ||
                     behaviour_ == Starttls::closed || behaviour_ == Starttls::alert ||
                     (behaviour_ == Starttls::injected && !session_.sni);
    session_.spoiled = odd && session_.starttls_accepted;
    return session_;
  }

 private:
  enum class Asked { nothing, hello, starttls, mail, password };

  void server_line(const Event& event) {
    const bool positive = event.text.starts_with("2");
    if (!session_.said_hello && event.text.starts_with("220")) session_.greeted = true;
    if (event.text.starts_with("354")) in_message_ = true;
    if (event.encrypted) return;
    switch (asked_) {
      case Asked::hello:
        if (positive) session_.hello_accepted = true;
        if (holds_starttls_keyword(event.text, reply_lines_)) session_.starttls_offered = true;
        return;  // further lines of the reply may follow
      case Asked::starttls:
        session_.starttls_accepted = event.text.starts_with("220");
        break;
      case Asked::mail:
        if (positive) session_.clear_accepted = true;
        break;
      case Asked::password:
        password_is_next_ = event.text.starts_with("334");
        break;
      case Asked::nothing:
        break;
    }
    asked_ = Asked::nothing;
  }

  void client_line(const Event& event) {
    if (in_message_) {
      in_message_ = event.text.substr(0, event.text.find_last_not_of("\r\n") + 1) != ".";
      return;
    }
    const std::string verb = verb_of(event.text);
    const bool hello = verb == "EHLO" || verb == "HELO" || verb == "LHLO";
    if (event.encrypted) {
      constexpr std::size_t kCommandsKept = 100;
      if (session_.commands_under_tls.size() < kCommandsKept)
        session_.commands_under_tls.push_back(event.text);
      if (hello && session_.implicit) session_.said_hello = session_.hello_accepted = true;
      if (verb == "MAIL") session_.mail_under_tls = true;
      return;
    }
    if (std::exchange(password_is_next_, false)) {
      session_.password_in_clear |= !event.text.starts_with("*");
      return;
    }
    // The answer to a pipelined MAIL comes when later commands are there already (RFC 2920 3.1).
    if (asked_ == Asked::hello) asked_ = Asked::nothing;
    if (hello) {
      session_.said_hello = true;
      asked_ = Asked::hello;
      reply_lines_ = 0;
    } else if (verb == "STARTTLS") {
      session_.starttls_sent = true;
      asked_ = Asked::starttls;
    } else if (verb == "MAIL") {
      session_.mail_in_clear = true;
      asked_ = Asked::mail;
    } else if (verb == "AUTH" && asks_to_send_password(event.text)) {
      session_.password_in_clear |= holds_initial_response(event.text);
      asked_ = Asked::password;
    }
  }

  void client_alert(std::string_view text) {
    // close_notify ends a session in good order; user_canceled goes before it in some libraries (RFC
    // 8446 6.1).
    std::string word(text);
    std::transform(word.begin(), word.end(), word.begin(), [](char c) {
      return c == '_' ? ' ' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (word == "close notify" || word == "user canceled" || word == "no renegotiation") return;
    if (session_.alert.empty()) session_.alert = text;
  }

  Session session_;
  mocks::Starttls behaviour_;
  Asked asked_ = Asked::nothing;
  std::size_t reply_lines_ = 0;  // of the reply to the latest EHLO
  bool in_message_ = false;
  bool password_is_next_ = false;
};

bool is_one_of(std::string_view alert, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return std::equal(alert.begin(), alert.end(), word.begin(), word.end(), [](char a, char b) {
      if (a >= 'A' && a <= 'Z') a = static_cast<char>(a - 'A' + 'a');
      return (a == '_' ? ' ' : a) == b;
    });
  });
}

}  // namespace

bool Session::chain_alert() const {
  return is_one_of(alert,
                   {"unknown ca", "certificate expired", "certificate revoked", "unsupported certificate"});
}

bool Session::certificate_alert() const {
  return chain_alert() || is_one_of(alert, {"bad certificate", "certificate unknown", "access denied",
                                            "certificate unobtainable", "bad certificate status response",
                                            "bad certificate hash value"});
}

bool is_mail_server(const Event& event) {
  return event.connection != 0 && event.role == mocks::Role::mail_server;
}

std::vector<Session> fold_sessions(const std::vector<Event>& events,
                                   const std::map<std::string, mocks::Starttls>& starttls) {
  std::vector<Folder> folders;
  std::map<std::uint32_t, std::size_t> by_connection;
  for (const auto& event : events) {
    if (!is_mail_server(event)) continue;
    const auto [place, fresh] = by_connection.emplace(event.connection, folders.size());
    if (fresh) {
      const auto behaviour = starttls.find(event.host);
      folders.emplace_back(event, behaviour == starttls.end() ? mocks::Starttls::offered : behaviour->second);
    }
    folders[place->second].add(event);
  }
  std::vector<Session> out;
  for (auto& folder : folders) out.push_back(folder.finish());
  return out;
}

}  // namespace mxident::harness
