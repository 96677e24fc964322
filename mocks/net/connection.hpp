// One accepted TCP connection of a mock server, in clear or under TLS, with its part of the transcript.
#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "mocks/recorder.hpp"
#include "mocks/tls/engine.hpp"

namespace mxident::mocks {

/// Lives on one thread, that of its socket's executor. Coroutines that use it hold a shared_ptr to it.
class Connection final : public std::enable_shared_from_this<Connection>, public TlsObserver {
 public:
  template <class T>
  using Awaitable = boost::asio::awaitable<T>;
  using Milliseconds = std::chrono::milliseconds;

  /// `recorder` may be null: then nothing is recorded.
  Connection(boost::asio::ip::tcp::socket socket, std::shared_ptr<Recorder> recorder, Source source,
             Milliseconds idle_limit);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// However busy it is. Before start().
  void end_after(Milliseconds time) { last_moment_ = std::chrono::steady_clock::now() + time; }
  /// Records `connected` and begins to watch the idle limit. Call once, first.
  void start();
  /// Ends everything at once and without a trace: the world goes away. The coroutine sees the end at its next
  /// wait.
  void stop();

  /// What the client has sent and nobody has taken yet, in clear; take from its front.
  std::string& input() { return input_; }
  /// Waits for more input. False: there will be none (the end, TLS over, the idle limit).
  Awaitable<bool> fill();

  /// Puts octets to the end of what flush() sends.
  void queue(std::string_view octets) { output_.append(octets); }
  std::size_t queued() const { return output_.size(); }
  /// Sends what is queued, encrypted under TLS. A peer that has gone is not told here but by fill().
  Awaitable<void> flush();
  Awaitable<void> wait(Milliseconds time);
  /// Sends octets past TLS.
  Awaitable<void> send_clear(std::string octets) { return send(std::move(octets)); }
  /// Says nothing more, until the client has gone or the idle limit is reached.
  Awaitable<void> outlast() { return drain(); }

  /// The server's part of a handshake; `early` are octets that came with the last clear line. False: there is
  /// no TLS, and what the client sends is of no use any more. `settings` must outlive the connection's use.
  Awaitable<bool> start_tls(const TlsContext& context, const TlsSettings& settings, std::string early);

  enum class Goodbye { orderly, abrupt };
  /// Ends the connection: flush, close_notify if orderly and under TLS, FIN; then reads on until the client
  /// has closed, because a refusal may still come as an alert or a reset. Records `closed`.
  Awaitable<void> finish(Goodbye goodbye);

  void record(EventKind kind, std::string_view text);
  bool encrypted() const { return secured_; }

 private:
  enum class Ending { none, by_client, by_server, reset, idle };

  void on_tls(EventKind kind, std::string_view text) override;
  void watch();
  void note(Ending ending);
  void acknowledge();
  Awaitable<std::size_t> receive();
  Awaitable<void> send(std::string octets);
  void send_end();
  void send_end_soon();
  Awaitable<void> drain();

  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer idle_timer_, delay_timer_;
  std::shared_ptr<Recorder> recorder_;
  Source source_;
  Milliseconds idle_limit_;
  std::chrono::steady_clock::time_point deadline_,
      last_moment_ = std::chrono::steady_clock::time_point::max();
  std::string input_, output_;
  std::unique_ptr<TlsEngine> tls_;
  bool secured_ = false;   // handshake complete
  bool end_seen_ = false;  // nothing more can be received
  bool send_failed_ = false;
  bool stopped_ = false;
  bool unacknowledged_ = false;  // octets came, and none were sent since
  Ending ending_ = Ending::none;
  std::array<char, 8192> received_;
};

}  // namespace mxident::mocks
