#include "mocks/net/connection.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <utility>

namespace mxident::mocks {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

}  // namespace

Connection::Connection(tcp::socket socket, std::shared_ptr<Recorder> recorder, Source source,
                       Milliseconds idle_limit)
    : socket_(std::move(socket)),
      idle_timer_(socket_.get_executor()),
      delay_timer_(socket_.get_executor()),
      recorder_(std::move(recorder)),
      source_(std::move(source)),
      idle_limit_(idle_limit) {}

void Connection::start() {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  record(EventKind::connected, "");
  deadline_ = std::min(last_moment_, std::chrono::steady_clock::now() + idle_limit_);
  watch();
}

void Connection::stop() {
  stopped_ = end_seen_ = send_failed_ = true;
  boost::system::error_code ignored;
  socket_.close(ignored);
  idle_timer_.cancel();
  delay_timer_.cancel();
}

void Connection::record(EventKind kind, std::string_view text) {
  if (recorder_) recorder_->add(source_, kind, text, encrypted());
}

void Connection::on_tls(EventKind kind, std::string_view text) {
  if (kind == EventKind::handshake) secured_ = true;
  record(kind, text);
}

/// One timer a connection: set once, and set again when it rings too early, so that activity costs no timer
/// operation.
void Connection::watch() {
  idle_timer_.expires_at(deadline_);
  idle_timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (error || !self || self->stopped_) return;
    if (std::chrono::steady_clock::now() < self->deadline_) return self->watch();
    self->note(Ending::idle);
    self->end_seen_ = self->send_failed_ = true;
    boost::system::error_code ignored;
    self->socket_.cancel(ignored);
  });
}

void Connection::note(Ending ending) {
  if (ending_ == Ending::none) ending_ = ending;
}

/// What was read and not answered: the server is silent after the client's Finished, as tickets are off, and
/// within a message. A client that has not switched Nagle's algorithm off would wait 40 ms for the delayed
/// acknowledgement. An answer carries it, at no cost.
void Connection::acknowledge() {
  if (!std::exchange(unacknowledged_, false)) return;
  const int on = 1;
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

/// Octets in `received_`; 0: the end.
Connection::Awaitable<std::size_t> Connection::receive() {
  if (end_seen_) co_return 0;
  acknowledge();
  const auto [error, size] = co_await socket_.async_read_some(asio::buffer(received_), kTuple);
  if (stopped_) co_return 0;
  if (error) {
    end_seen_ = true;
    note(error == asio::error::connection_reset ? Ending::reset : Ending::by_client);
    co_return 0;
  }
  unacknowledged_ = true;
  deadline_ = std::min(last_moment_, std::chrono::steady_clock::now() + idle_limit_);
  co_return size;
}

Connection::Awaitable<bool> Connection::fill() {
  if (tls_ && (tls_->over() || tls_->close_notify_received())) co_return false;
  for (;;) {
    const std::size_t size = co_await receive();
    if (size == 0) co_return false;
    const std::string_view octets(received_.data(), size);
    if (!tls_) {
      input_.append(octets);
      co_return true;
    }
    tls_->feed(octets);
    const auto progress = tls_->read(input_);
    co_await send(tls_->take_outgoing());  // an answer to KeyUpdate, or an alert
    if (!input_.empty()) co_return true;
    if (progress != TlsEngine::Progress::need_input) co_return false;
  }
}

Connection::Awaitable<void> Connection::flush() {
  if (output_.empty()) co_return;
  std::string octets = std::exchange(output_, {});
  if (tls_) {
    tls_->write(octets);
    octets = tls_->take_outgoing();
  }
  co_await send(std::move(octets));
}

/// Mostly a single system call. A send that fails is no end: what the client sent before it went away is
/// still there to be read, an alert perhaps.
Connection::Awaitable<void> Connection::send(std::string octets) {
  std::string_view rest = octets;
  while (!rest.empty() && !send_failed_) {
    const ssize_t sent = ::send(socket_.native_handle(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      unacknowledged_ = false;
      rest.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      const auto [error] = co_await socket_.async_wait(tcp::socket::wait_write, kTuple);
      if (error) send_failed_ = true;
    } else if (errno != EINTR) {
      send_failed_ = true;
    }
  }
}

Connection::Awaitable<void> Connection::wait(Milliseconds time) {
  if (stopped_) co_return;
  acknowledge();
  // The client is not to blame.
  deadline_ =
      std::min(last_moment_, std::max(deadline_, std::chrono::steady_clock::now() + time + idle_limit_));
  delay_timer_.expires_after(time);
  co_await delay_timer_.async_wait(kTuple);
}

Connection::Awaitable<bool> Connection::start_tls(const TlsContext& context, const TlsSettings& settings,
                                                  std::string early) {
  using Progress = TlsEngine::Progress;
  tls_ = std::make_unique<TlsEngine>(context, settings, *this);
  tls_->feed(early);
  for (;;) {
    const Progress progress = tls_->handshake();
    co_await send(tls_->take_outgoing());
    if (progress == Progress::done) {
      tls_->read(input_);  // what came behind Finished; an end that came with it is found by the next fill()
      co_return true;
    }
    if (progress != Progress::need_input) co_return false;
    const std::size_t size = co_await receive();
    if (size == 0) {
      if (!stopped_) record(EventKind::handshake_failed, "the connection ended");
      co_return false;
    }
    tls_->feed({received_.data(), size});
  }
}

void Connection::send_end() {
  boost::system::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

/// A client that has sent a fatal alert closes next, as a rule within microseconds; let it be the first.
void Connection::send_end_soon() {
  constexpr std::chrono::milliseconds kGrace{20};
  delay_timer_.expires_after(kGrace);
  delay_timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!error && self && !self->stopped_) self->send_end();
  });
}

/// Reads to the end of what the client sends, for the alert that may be in it.
Connection::Awaitable<void> Connection::drain() {
  std::string unread;
  for (;;) {
    const std::size_t size = co_await receive();
    if (size == 0) co_return;
    if (!tls_ || tls_->over()) continue;
    tls_->feed({received_.data(), size});
    tls_->read(unread);
    unread.clear();
  }
}

Connection::Awaitable<void> Connection::finish(Goodbye goodbye) {
  co_await flush();
  if (goodbye == Goodbye::orderly && tls_ && secured_) {
    tls_->send_close_notify();
    co_await send(tls_->take_outgoing());
  }
  const bool refused = tls_ && tls_->fatal_alert_received();
  if (!end_seen_) {
    note(refused || (tls_ && tls_->close_notify_received()) ? Ending::by_client : Ending::by_server);
    if (refused) {
      send_end_soon();
    } else {
      send_end();
    }
    co_await drain();
  }
  boost::system::error_code ignored;
  // After a fatal alert the client reads nothing any more: a reset spares it the TIME_WAIT.
  if (refused && !stopped_) socket_.set_option(tcp::socket::linger(true, 0), ignored);
  if (stopped_) co_return;
  switch (ending_) {
    case Ending::by_client:
      record(EventKind::closed, "by client");
      break;
    case Ending::by_server:
    case Ending::none:
      record(EventKind::closed, "by server");
      break;
    case Ending::reset:
      record(EventKind::closed, "reset");
      break;
    case Ending::idle:
      record(EventKind::closed, "idle limit");
      break;
  }
  idle_timer_.cancel();
  delay_timer_.cancel();
  socket_.close(ignored);
}

}  // namespace mxident::mocks
