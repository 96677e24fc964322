#include "session.hpp"

#include <openssl/evp.h>

#include <boost/asio/this_coro.hpp>
#include <utility>

#include "../net/text.hpp"
#include "../net/wire.hpp"
#include "../verify.hpp"
#include "reply.hpp"

namespace mxident::probe {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kMaxTranscript = 400;
constexpr std::chrono::milliseconds kFarewell{500};

using Layer = LayerState Layers::*;

LayerState layer_state(Checked checked) {
  switch (checked) {
    case Checked::ok:
      return LayerState::ok;
    case Checked::failed:
      return LayerState::failed;
    case Checked::not_checked:
      break;
  }
  return LayerState::not_checked;
}

// RFC 5321 4.5.2 and 2.3.8: CRLF line ends, and a dot in front of a leading dot.
std::string data_lines(std::string_view message) {
  std::string out;
  out.reserve(message.size() + 16);
  bool line_start = true;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const char c = message[i];
    if (c == '\r' || c == '\n') {
      if (c == '\r' && i + 1 < message.size() && message[i + 1] == '\n') ++i;
      out += "\r\n";
      line_start = true;
      continue;
    }
    if (line_start && c == '.') out += '.';
    out += c;
    line_start = false;
  }
  if (!line_start) out += "\r\n";
  out += ".\r\n";
  return out;
}

// A mailbox or name that goes into a command may not end that command.
bool fits_in_command(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '<' || c == '>') return false;
  }
  return true;
}

/// RFC 4616 2, in base64: nobody to act for, the user, the password.
std::string plain_response(const Login& login) {
  const std::string plain = std::string(1, '\0') + login.user + '\0' + login.password;
  std::string out((plain.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(plain.data()), static_cast<int>(plain.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

enum class TlsState { before, after };

class Session {
 public:
  Session(asio::any_io_executor executor, SessionOptions options)
      : options_(std::move(options)), wire_(std::move(executor), Wire::Clock::now() + options_.timeout) {}

  asio::awaitable<SessionReport> run() {
    co_await open();
    if (!over_) co_await talk();
    TlsFacts& tls = wire_.tls();
    report_.alert = std::move(tls.alert);
    if (options_.veto && report_.decision == SessionDecision::reject) report_.reason = *options_.veto;
    if (report_.certificates.empty()) report_.certificates = std::move(tls.certificates);
    co_return std::move(report_);
  }

 private:
  // Steps set `over_` when the session cannot go on; the report then says why. GCC 12 miscompiles co_await
  // inside a condition (the awaited coroutine is destroyed too early), hence one statement for each.
  asio::awaitable<void> open();
  asio::awaitable<void> talk();
  asio::awaitable<void> greeting();
  asio::awaitable<void> hello(TlsState state);
  asio::awaitable<void> ask_for_tls();
  asio::awaitable<void> handshake();
  void decide();
  asio::awaitable<void> go_on(SessionDecision decision);
  asio::awaitable<void> log_in();
  asio::awaitable<void> transaction();
  asio::awaitable<void> expect(std::string line, int code);
  asio::awaitable<void> read_reply(Layer layer);
  /// `shown`: what the transcript has in its place; empty: the line itself.
  asio::awaitable<void> command(std::string line, Layer layer, std::string shown = {});
  asio::awaitable<void> quit();

  void fail(Layer layer, Reason reason, std::string sentence = {});
  void io_failed(Layer layer, IoStatus status);
  void note(std::string line);
  /// Code and first line of the last reply.
  std::string answer() const {
    const std::string text = reply_.lines.empty() ? "" : " " + printable(reply_.lines.front(), 200);
    return std::to_string(reply_.code) + text;
  }
  bool may_go_in_clear() const { return options_.policy.tls != TlsDemand::required; }

  SessionOptions options_;
  SessionReport report_;
  Wire wire_;
  ReplyReader reader_;
  Reply reply_;
  bool over_ = false;
  bool esmtp_ = true;
  bool heard_ = false;  // the server has sent something
};

void Session::note(std::string line) {
  if (report_.transcript.size() < kMaxTranscript) report_.transcript.push_back(std::move(line));
}

void Session::fail(Layer layer, Reason reason, std::string sentence) {
  over_ = true;
  report_.layers.*layer = LayerState::failed;
  report_.reason = reason;
  report_.error = sentence.empty() ? std::string(info(reason).sentence) : std::move(sentence);
  note("* " + report_.error);
}

void Session::io_failed(Layer layer, IoStatus status) {
  switch (status) {
    case IoStatus::timed_out:
      return fail(layer, Reason::smtp_timeout);
    case IoStatus::too_much:
      return fail(layer, Reason::smtp_too_much_data);
    case IoStatus::tls_error:
      // With TLS 1.3 the server may refuse only after our side of the handshake is done (RFC 8446 4.4.2.4).
      if (!wire_.tls().alert.empty()) {
        return fail(&Layers::handshake, Reason::tls_alert, "the server sent the alert: " + wire_.tls().alert);
      }
      return fail(&Layers::handshake, Reason::tls_handshake_failed, wire_.tls().error);
    case IoStatus::closed:
    case IoStatus::ok:
      break;
  }
  fail(layer, Reason::smtp_closed);
}

asio::awaitable<void> Session::open() {
  if (!fits_in_command(options_.helo) || options_.helo.empty() || !fits_in_command(options_.sender) ||
      !fits_in_command(options_.recipient) ||
      (options_.deliver == Deliver::yes && options_.recipient.empty())) {
    fail(&Layers::connect, Reason::mail_bad_address);
    co_return;
  }
  const auto refused = co_await wire_.connect(options_.address, options_.port);
  if (refused) {
    fail(&Layers::connect, *refused);
    co_return;
  }
  report_.layers.connect = LayerState::ok;
  report_.decision = SessionDecision::reject;  // until something better is reached
  note("* connected to " + printable(options_.address) + " port " + std::to_string(options_.port));
}

asio::awaitable<void> Session::talk() {
  const bool never = options_.policy.tls == TlsDemand::never;
  const bool implicit = options_.tls == TlsMode::implicit && !never;
  if (!implicit) {
    co_await greeting();
    if (over_) co_return;
    co_await hello(TlsState::before);
    if (over_) co_return;
    if (never) {
      report_.reason = Reason::tls_not_wanted;
      co_await go_on(SessionDecision::plaintext);
      co_return;
    }
    co_await ask_for_tls();
    if (over_) co_return;
  } else {
    report_.layers.starttls = LayerState::not_checked;  // RFC 8314 3.3: there is no STARTTLS
  }
  co_await handshake();
  if (over_) co_return;
  decide();
  if (report_.layers.policy == LayerState::failed) {
    if (implicit) {
      co_await wire_.finish(kFarewell);
    } else {
      co_await quit();  // RFC 3207 4.1: not satisfied, QUIT at once
    }
    co_return;
  }
  if (implicit) {
    co_await greeting();
    if (over_) co_return;
  }
  co_await hello(TlsState::after);
  if (!over_) co_await go_on(SessionDecision::accept);
}

asio::awaitable<void> Session::read_reply(Layer layer) {
  for (;;) {
    std::string_view octets = wire_.pending();
    const std::size_t before = octets.size();
    heard_ = heard_ || before > 0;
    const ReplyReader::State state = reader_.feed(octets);
    wire_.consume(before - octets.size());
    if (state == ReplyReader::State::complete) break;
    if (state == ReplyReader::State::malformed) {
      fail(layer, reader_.reason());
      co_return;
    }
    const IoStatus status = co_await wire_.receive();
    if (status != IoStatus::ok) {
      io_failed(layer, status);
      co_return;
    }
  }
  reply_ = reader_.take();
  for (std::size_t i = 0; i < reply_.lines.size(); ++i) {
    const char* const separator = i + 1 < reply_.lines.size() ? "-" : " ";
    note("S: " + std::to_string(reply_.code) + separator + printable(reply_.lines[i]));
  }
}

asio::awaitable<void> Session::command(std::string line, Layer layer, std::string shown) {
  // Without pipelining nothing may have been said yet: what is there belongs to no command (RFC 5321 4.3.1).
  if (!wire_.pending().empty()) {
    fail(layer, Reason::smtp_unsolicited);
    co_return;
  }
  note("C: " + (shown.empty() ? line : shown));
  line += "\r\n";
  const IoStatus status = co_await wire_.send(line);
  if (status == IoStatus::ok) {
    co_await read_reply(layer);
  } else {
    io_failed(layer, status);
  }
}

asio::awaitable<void> Session::quit() {
  note("C: QUIT");
  const IoStatus status = co_await wire_.send("QUIT\r\n");
  if (status == IoStatus::ok) co_await wire_.finish(kFarewell);
}

asio::awaitable<void> Session::greeting() {
  co_await read_reply(&Layers::smtp);
  if (over_) {
    const bool silent = report_.reason == Reason::smtp_timeout || report_.reason == Reason::smtp_closed;
    if (silent && !heard_ && options_.tls == TlsMode::starttls) report_.hint = TlsHint::wants_tls_at_once;
    co_return;
  }
  report_.banner_name = claimed_name(reply_);
  if (reply_.code == 220) co_return;
  fail(&Layers::smtp, Reason::smtp_greeting_refused, "the server greets with " + answer());
  co_await quit();
}

asio::awaitable<void> Session::hello(TlsState state) {
  const bool after = state == TlsState::after;
  co_await command("EHLO " + options_.helo, &Layers::smtp);
  if (over_) co_return;
  if (reply_.code == 250) {
    report_.layers.smtp = LayerState::ok;
    // What was said before TLS is forgotten (RFC 3207 4.2); both are kept for people only.
    (after ? report_.ehlo_name_after_tls : report_.ehlo_name) = claimed_name(reply_);
    (after ? report_.capabilities_after_tls : report_.capabilities) = capabilities(reply_);
    co_return;
  }
  if (!after && reply_.code >= 500 && may_go_in_clear()) {
    // RFC 5321 3.2: a server without EHLO gets HELO, and so cannot offer STARTTLS.
    esmtp_ = false;
    co_await command("HELO " + options_.helo, &Layers::smtp);
    if (over_) co_return;
    if (reply_.code == 250) {
      report_.layers.smtp = LayerState::ok;
      report_.ehlo_name = claimed_name(reply_);
      co_return;
    }
  }
  fail(&Layers::smtp, Reason::ehlo_refused, "the server answers EHLO with " + answer());
  co_await quit();
}

asio::awaitable<void> Session::ask_for_tls() {
  Reason reason = Reason::starttls_not_offered;
  std::string sentence;
  if (esmtp_ && offers(reply_, "STARTTLS") == Offered::yes) {
    co_await command("STARTTLS", &Layers::starttls);
    if (over_) co_return;
    if (reply_.code == 220) {
      report_.layers.starttls = LayerState::ok;
      // Octets in clear behind the 220 can only be an attack or a broken server (RFC 3207 6, CVE-2011-0411).
      if (!wire_.pending().empty()) fail(&Layers::starttls, Reason::starttls_injected);
      co_return;
    }
    reason = Reason::starttls_refused;
    sentence = "the server answers STARTTLS with " + answer();
  }
  fail(&Layers::starttls, reason, std::move(sentence));
  if (may_go_in_clear()) {
    report_.reason = Reason::plaintext_allowed;
    co_await go_on(SessionDecision::plaintext);
  } else {
    report_.layers.policy = LayerState::failed;
    co_await quit();
  }
}

asio::awaitable<void> Session::handshake() {
  note(options_.sni.empty() ? "* TLS without SNI" : "* TLS with SNI " + printable(options_.sni));
  const auto failed = co_await wire_.start_tls(options_.sni, options_.keys);
  TlsFacts& tls = wire_.tls();
  report_.certificates = std::move(tls.certificates);
  if (!report_.certificates.empty()) report_.presented = read_presented_names(report_.certificates.front());
  if (failed) {
    Reason reason = *failed;
    std::string sentence;
    if (reason == Reason::tls_alert || (reason == Reason::tls_version && !tls.alert.empty())) {
      sentence = "the server sent the alert: " + tls.alert;
    } else if (reason == Reason::tls_handshake_failed && !tls.error.empty()) {
      sentence = "the TLS handshake failed: " + tls.error;
    }
    const bool no_tls = reason == Reason::starttls_garbage;
    if (no_tls && options_.tls == TlsMode::implicit) {
      reason = Reason::tls_handshake_failed;  // nobody said STARTTLS
      sentence = "what the server sends is no TLS";
      if (tls.clear.starts_with("220")) {
        report_.hint = TlsHint::greets_in_clear;
        sentence += ", but a greeting in clear: " +
                    printable(tls.clear.substr(0, tls.clear.find_first_of("\r\n")), 100);
      }
    }
    const bool after_starttls = no_tls && options_.tls == TlsMode::starttls;
    fail(after_starttls ? &Layers::starttls : &Layers::handshake, reason, std::move(sentence));
    co_return;
  }
  report_.layers.handshake = LayerState::ok;
  report_.tls_version = tls.version;
  report_.cipher = tls.cipher;
  note("* " + report_.tls_version + " " + report_.cipher);
}

void Session::decide() {
  Demand demand;
  demand.policy = options_.policy;
  demand.references = options_.references;
  demand.tlsa = options_.tlsa;
  demand.trust = options_.trust;
  demand.chain.time = options_.time;
  demand.explain = options_.explain;
  const PresentedNames* const names = report_.presented ? &*report_.presented : nullptr;
  Judgement judgement =
      verify({report_.certificates, wire_.parsed_certificates(), names}, demand, options_.is_public_suffix);
  report_.reason = judgement.reason;
  report_.layers.chain = layer_state(judgement.chain);
  report_.layers.name = layer_state(judgement.name);
  report_.chain = std::move(judgement.chain_result);
  report_.names = std::move(judgement.names);
  report_.dane = std::move(judgement.dane);
  const bool accepted = judgement.accepted() && !options_.veto;
  if (options_.veto) report_.reason = *options_.veto;
  report_.layers.policy = accepted ? LayerState::ok : LayerState::failed;
  note("* policy " + std::string(to_string(options_.policy.id)) + (accepted ? " accepts: " : " refuses: ") +
       std::string(to_string(report_.reason)));
}

asio::awaitable<void> Session::go_on(SessionDecision decision) {
  report_.layers.policy = LayerState::ok;
  if (options_.deliver == Deliver::no) {
    report_.layers.delivery = LayerState::not_checked;
    report_.decision = decision;
    co_await quit();
    co_return;
  }
  if (decision == SessionDecision::accept)
    report_.decision = decision;  // MAIL goes out under TLS: that decides
  over_ = false;
  if (options_.login) co_await log_in();
  if (over_) co_return;
  co_await transaction();
  if (over_) co_return;
  report_.decision = decision;
  report_.layers.delivery = LayerState::ok;
  co_await quit();
  over_ = true;  // what was said in clear is not followed by a handshake
}

asio::awaitable<void> Session::expect(std::string line, int code) {
  const std::string verb = line.substr(0, line.find(' '));
  co_await command(std::move(line), &Layers::delivery);
  if (over_ || reply_.code == code || (code == 250 && reply_.positive())) co_return;
  report_.refusal_code = reply_.code;
  fail(&Layers::delivery, Reason::mail_refused, "the server answers " + verb + " with " + answer());
  co_await quit();
}

asio::awaitable<void> Session::log_in() {
  if (report_.layers.handshake != LayerState::ok) {
    fail(&Layers::delivery, Reason::mail_refused, "there is no TLS to say a password under");
    co_await quit();
    co_return;
  }
  co_await command("AUTH PLAIN " + plain_response(*options_.login), &Layers::delivery, "AUTH PLAIN ***");
  if (over_ || reply_.code == 235) co_return;
  report_.refusal_code = reply_.code;
  fail(&Layers::delivery, Reason::mail_refused, "the server answers AUTH with " + answer());
  co_await quit();
}

asio::awaitable<void> Session::transaction() {
  co_await expect("MAIL FROM:<" + options_.sender + ">", 250);
  if (over_) co_return;
  co_await expect("RCPT TO:<" + options_.recipient + ">", 250);
  if (over_) co_return;
  co_await expect("DATA", 354);
  if (over_) co_return;
  const std::string lines = data_lines(options_.message);
  note("C: (message, " + std::to_string(lines.size()) + " octets)");
  const IoStatus status = co_await wire_.send(lines);
  if (status != IoStatus::ok) {
    io_failed(&Layers::delivery, status);
    co_return;
  }
  co_await read_reply(&Layers::delivery);
  if (over_ || reply_.positive()) co_return;
  report_.refusal_code = reply_.code;
  fail(&Layers::delivery, Reason::mail_refused, "the server answers the message with " + answer());
  co_await quit();
}

}  // namespace

asio::awaitable<SessionReport> run_session(SessionOptions options) {
  Session session(co_await asio::this_coro::executor, std::move(options));
  SessionReport report = co_await session.run();
  co_return report;
}

}  // namespace mxident::probe
