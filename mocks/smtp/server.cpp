#include "mocks/smtp/server.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "mocks/smtp/dialogue.hpp"

namespace mxident::mocks {
namespace {

using boost::asio::awaitable;

/// Long enough that a client on the same machine has read what came before.
constexpr std::chrono::milliseconds kBetweenSegments{100};
constexpr char kTlsHandshakeRecord = 0x16;
constexpr std::string_view kGarbage = "this is no TLS record, whatever the client waits for\r\n";

class Session {
 public:
  Session(Connection& connection, const SmtpEndpoint& endpoint, const TlsContext& context)
      : connection_(connection),
        endpoint_(endpoint),
        context_(context),
        dialogue_(endpoint.spec,
                  endpoint.has_certificate() ? Dialogue::Offer::starttls : Dialogue::Offer::nothing) {}

  awaitable<void> run() {
    if (endpoint_.spec.starttls == Starttls::implicit && !co_await begin_tls()) co_return;
    co_await say(dialogue_.greeting());
    if (dialogue_.closes_after_greeting()) {
      co_await connection_.finish(Connection::Goodbye::abrupt);
      co_return;
    }
    for (;;) {
      const Dialogue::Then then = co_await converse();
      if (then == Dialogue::Then::start_tls && co_await begin_tls()) continue;
      if (then == Dialogue::Then::start_tls) co_return;
      co_await connection_.finish(then == Dialogue::Then::close_abrupt ? Connection::Goodbye::abrupt
                                                                       : Connection::Goodbye::orderly);
      co_return;
    }
  }

 private:
  /// Answers lines until something other than a line has to be done. Replies to pipelined commands go out
  /// together (RFC 2920 3.2).
  awaitable<Dialogue::Then> converse() {
    for (;;) {
      std::string_view rest = connection_.input();
      while (auto step = dialogue_.next(rest)) {
        connection_.record(EventKind::received, step->heard);
        if (step->message) {
          connection_.record(EventKind::message, std::to_string(*step->message) + " octets");
        }
        if (step->reply) co_await say(std::move(*step->reply));
        if (step->then != Dialogue::Then::go_on) {
          connection_.input().erase(0, connection_.input().size() - rest.size());
          co_return step->then;
        }
      }
      connection_.input().clear();
      co_await connection_.flush();
      if (!co_await connection_.fill()) co_return Dialogue::Then::close;
    }
  }

  awaitable<void> say(Reply reply) {
    constexpr std::size_t kFlushAt = 64U << 10U;
    if (reply.delay.count() > 0) {
      co_await connection_.flush();
      co_await connection_.wait(reply.delay);
    }
    record_lines(reply.wire);
    for (std::size_t i = 0; i < reply.repeat && !reply.wire.empty(); ++i) {
      connection_.queue(reply.wire);
      if (connection_.queued() >= kFlushAt) co_await connection_.flush();
    }
    if (reply.late.empty()) co_return;
    co_await connection_.flush();
    co_await connection_.wait(kBetweenSegments);
    record_lines(reply.late);
    connection_.queue(reply.late);
  }

  /// A reply that is repeated stands once in the transcript.
  void record_lines(std::string_view wire) {
    while (!wire.empty()) {
      const std::size_t end = wire.find('\n');
      std::string_view line = wire.substr(0, end);
      wire.remove_prefix(end == std::string_view::npos ? wire.size() : end + 1);
      if (line.ends_with('\r')) line.remove_suffix(1);
      connection_.record(EventKind::sent, line);
    }
  }

  /// False: the connection has ended, there or on the way.
  awaitable<bool> begin_tls() {
    co_await connection_.flush();
    std::string early = std::exchange(connection_.input(), {});
    if (!early.empty() && early.front() != kTlsHandshakeRecord) {
      // Clear text behind STARTTLS must not be answered (RFC 3207 4.2); that it came is worth to be seen.
      record_clear(early);
      early.clear();
    }
    if (early.empty() && !co_await connection_.fill()) {
      co_await connection_.finish(Connection::Goodbye::abrupt);
      co_return false;
    }
    if (early.empty()) early = std::exchange(connection_.input(), {});
    if (early.front() != kTlsHandshakeRecord) record_clear(early);
    if (co_await connection_.start_tls(context_, endpoint_.tls, std::move(early))) {
      dialogue_.tls_established();
      co_return true;
    }
    co_await spoil();
    co_return false;
  }

  /// There is no TLS: because the client did not want it, or because the scenario does not.
  awaitable<void> spoil() {
    switch (endpoint_.spec.starttls) {
      case Starttls::garbage:
        connection_.record(EventKind::sent, kGarbage.substr(0, kGarbage.size() - 2));
        co_await connection_.send_clear(std::string(kGarbage));
        break;
      case Starttls::silent:
        co_await connection_.outlast();
        break;
      default:
        break;
    }
    co_await connection_.finish(Connection::Goodbye::abrupt);
  }

  void record_clear(std::string_view octets) {
    constexpr int kMaxLines = 20;
    for (int i = 0; i < kMaxLines && !octets.empty(); ++i) {
      const std::size_t end = octets.find('\n');
      std::string_view line = octets.substr(0, end);
      octets.remove_prefix(end == std::string_view::npos ? octets.size() : end + 1);
      if (line.ends_with('\r')) line.remove_suffix(1);
      connection_.record(EventKind::received, line);
    }
  }

  Connection& connection_;
  const SmtpEndpoint& endpoint_;
  const TlsContext& context_;
  Dialogue dialogue_;
};

}  // namespace

awaitable<void> serve_smtp(std::shared_ptr<Connection> connection,
                           std::shared_ptr<const SmtpEndpoint> endpoint,
                           std::shared_ptr<const TlsContext> context) {
  connection->start();
  Session session(*connection, *endpoint, *context);
  co_await session.run();
}

}  // namespace mxident::mocks
