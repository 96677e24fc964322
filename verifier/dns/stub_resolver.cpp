#include <openssl/rand.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <utility>

#include "../net/dial_guard.hpp"
#include "../net/wire.hpp"
#include "dns_message.hpp"
#include "resolver.hpp"

namespace mxident::probe {
namespace asio = boost::asio;
using asio::ip::udp;

namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kMaxDatagram = 4096;
constexpr int kMaxDatagrams = 64;  // unrelated ones included, for each attempt

struct Pending {
  DnsQuestion question;
  std::uint16_t id = 0;
  std::string query;
  std::optional<DnsAnswer> answer;
  bool over_tcp = false;
};

DnsAnswer failure(std::string error) {
  DnsAnswer answer;
  answer.error = std::move(error);
  return answer;
}

// The socket and its timer live on in a handler that is on its way when the exchange is over.
struct Exchange {
  explicit Exchange(const asio::any_io_executor& executor) : socket(executor), timer(executor) {}
  udp::socket socket;
  asio::steady_timer timer;
  int attempt = 0;
};

class StubResolver final : public Resolver {
 public:
  StubResolver(asio::any_io_executor executor, StubOptions options)
      : executor_(std::move(executor)), options_(std::move(options)) {}

  asio::awaitable<std::vector<DnsAnswer>> query(std::vector<DnsQuestion> questions) override;

 private:
  asio::awaitable<void> over_udp(std::vector<Pending>& pending);
  asio::awaitable<void> over_tcp(Pending& pending);
  static bool take(std::vector<Pending>& pending, std::string_view message);

  asio::any_io_executor executor_;
  StubOptions options_;
};

bool all_done(const std::vector<Pending>& pending) {
  for (const auto& one : pending) {
    if (!one.answer && !one.over_tcp) return false;
  }
  return true;
}

asio::awaitable<std::vector<DnsAnswer>> StubResolver::query(std::vector<DnsQuestion> questions) {
  std::vector<Pending> pending;
  std::vector<std::uint16_t> ids(questions.size());
  RAND_bytes(reinterpret_cast<unsigned char*>(ids.data()),
             static_cast<int>(ids.size() * sizeof(std::uint16_t)));
  for (std::size_t i = 0; i < questions.size(); ++i) {
    Pending one;
    one.question = std::move(questions[i]);
    one.id = ids[i];
    if (auto query = dns_query(one.id, one.question)) {
      one.query = std::move(*query);
    } else {
      one.answer = failure("the name cannot be looked up");
    }
    pending.push_back(std::move(one));
  }
  co_await over_udp(pending);
  std::vector<DnsAnswer> answers;
  for (auto& one : pending) {
    if (one.over_tcp && !one.answer) co_await over_tcp(one);
    answers.push_back(one.answer ? std::move(*one.answer)
                                 : failure("the DNS server does not answer in time"));
  }
  co_return answers;
}

bool StubResolver::take(std::vector<Pending>& pending, std::string_view message) {
  for (auto& one : pending) {
    if (one.answer || one.over_tcp) continue;
    DnsReading reading = read_dns_reply(message, one.id, one.question);
    if (reading.kind == DnsReading::Kind::unrelated) continue;
    if (reading.kind == DnsReading::Kind::truncated) {
      one.over_tcp = true;
    } else {
      one.answer = std::move(reading.answer);
    }
    return true;
  }
  return false;
}

asio::awaitable<void> StubResolver::over_udp(std::vector<Pending>& pending) {
  if (all_done(pending)) co_return;
  const auto exchange = std::make_shared<Exchange>(executor_);
  boost::system::error_code error;
  const asio::ip::address address = asio::ip::make_address(options_.address, error);
  const auto target = error ? std::nullopt : pass_guard(executor_, {address, options_.port});
  if (!target && !error) error = asio::error::connection_refused;
  if (!error) exchange->socket.open(target->first.is_v4() ? udp::v4() : udp::v6(), error);
  // Connected, so that the kernel drops what others send and reports a closed port.
  if (!error) exchange->socket.connect(udp::endpoint(target->first, target->second), error);
  if (error) {
    for (auto& one : pending) one.answer = failure("the DNS server cannot be reached: " + error.message());
    co_return;
  }
  std::string datagram(kMaxDatagram, '\0');
  for (exchange->attempt = 0; exchange->attempt < options_.attempts && !all_done(pending);
       ++exchange->attempt) {
    for (const auto& one : pending) {
      if (!one.answer && !one.over_tcp) exchange->socket.send(asio::buffer(one.query), 0, error);
    }
    exchange->timer.expires_after(options_.attempt);
    exchange->timer.async_wait([exchange, attempt = exchange->attempt](boost::system::error_code cancelled) {
      boost::system::error_code ignored;
      if (!cancelled && exchange->attempt == attempt) exchange->socket.cancel(ignored);
    });
    for (int received = 0; received < kMaxDatagrams && !all_done(pending); ++received) {
      const auto [failed, size] = co_await exchange->socket.async_receive(asio::buffer(datagram), kTuple);
      if (failed == asio::error::operation_aborted) break;
      if (failed) {
        for (auto& one : pending) {
          if (!one.answer) one.answer = failure("the DNS server cannot be reached: " + failed.message());
        }
        break;
      }
      take(pending, std::string_view(datagram).substr(0, size));
    }
    exchange->timer.cancel();
  }
  exchange->attempt = -1;
}

asio::awaitable<void> StubResolver::over_tcp(Pending& pending) {
  Wire wire(executor_, Wire::Clock::now() + options_.attempt * options_.attempts);
  pending.answer = failure("the DNS server does not answer over TCP");
  const auto unreached = co_await wire.connect(options_.address, options_.port);
  if (unreached) co_return;
  std::string message;  // RFC 1035 4.2.2: two octets of length first
  message += static_cast<char>(pending.query.size() >> 8);
  message += static_cast<char>(pending.query.size() & 0xff);
  message += pending.query;
  const IoStatus sent = co_await wire.send(message);
  if (sent != IoStatus::ok) co_return;
  std::string reply;
  for (;;) {
    const IoStatus received = co_await wire.receive();
    if (received != IoStatus::ok) co_return;
    reply += wire.pending();
    wire.consume(wire.pending().size());
    if (reply.size() < 2) continue;
    const std::size_t size = static_cast<std::size_t>(static_cast<unsigned char>(reply[0])) << 8 |
                             static_cast<unsigned char>(reply[1]);
    if (reply.size() < 2 + size) continue;
    DnsReading reading =
        read_dns_reply(std::string_view(reply).substr(2, size), pending.id, pending.question);
    if (reading.kind == DnsReading::Kind::answer) {
      pending.answer = std::move(reading.answer);
    } else {
      pending.answer->error = "the DNS reply over TCP is no reply to the question";
    }
    co_return;
  }
}

}  // namespace

std::unique_ptr<Resolver> make_stub_resolver(asio::any_io_executor executor, StubOptions options) {
  return std::make_unique<StubResolver>(std::move(executor), std::move(options));
}

}  // namespace mxident::probe
