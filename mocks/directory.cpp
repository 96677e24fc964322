#include "mocks/directory.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <exception>
#include <utility>

#include "mocks/dns/message.hpp"
#include "mocks/dns/stream.hpp"

namespace mxident::mocks {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kIdleLimit{5};
constexpr std::uint8_t kRecursionAvailable = 0x80, kNxdomain = 3;  // RFC 1035 4.1.1

/// The query's header and question as a reply without records: as every world answers for what it does not
/// know. Without the question glibc takes it for no answer and waits on.
std::vector<std::uint8_t> no_such_name(std::span<const std::uint8_t> query) {
  constexpr std::size_t kHeader = 12, kTypeAndClass = 4;
  std::size_t end = kHeader;
  while (end < query.size() && query[end] != 0) end += query[end] + 1U;
  end += 1 + kTypeAndClass;
  if (end > query.size()) return {};
  std::vector<std::uint8_t> out(query.begin(), query.begin() + static_cast<std::ptrdiff_t>(end));
  out[2] = static_cast<std::uint8_t>(out[2] | 0x80U);  // QR
  out[3] = kRecursionAvailable | kNxdomain;
  std::fill(out.begin() + 4, out.begin() + kHeader, std::uint8_t{0});
  out[5] = 1;  // QDCOUNT
  return out;
}

}  // namespace

bool NameDirectory::add(const std::shared_ptr<WorldState>& world, const std::vector<std::string>& names) {
  std::vector<dns::NameKey> keys;
  for (const auto& name : names) {
    if (const auto wire = dns::name_from_text(name)) keys.push_back(dns::key_of(*wire));
  }
  const std::lock_guard lock(mutex_);
  const bool taken = std::any_of(keys.begin(), keys.end(), [&](const auto& key) {
    const auto held = worlds_.find(key);
    return held != worlds_.end() && held->second != world;
  });
  if (taken) return false;
  for (auto& key : keys) worlds_[std::move(key)] = world;
  return true;
}

void NameDirectory::remove(const WorldState& world) {
  const std::lock_guard lock(mutex_);
  std::erase_if(worlds_, [&](const auto& entry) { return entry.second.get() == &world; });
}

std::shared_ptr<WorldState> NameDirectory::find(const dns::WireName& name) const {
  const std::lock_guard lock(mutex_);
  for (dns::NameKey key = dns::key_of(name); !key.empty(); key = dns::parent_key(key)) {
    const auto found = worlds_.find(key);
    if (found != worlds_.end()) return found->second;
  }
  return nullptr;
}

std::vector<std::uint8_t> NameDirectory::answer(std::span<const std::uint8_t> query,
                                                Transport transport) const {
  const dns::ReadQuery read = dns::read_query(query);
  if (read.ignore) return {};
  const auto world = find(read.query.name);
  return world ? world->answer(query, transport, address_) : no_such_name(query);
}

void NameDirectory::admit(UniqueFd connection, asio::io_context& context, std::shared_ptr<void> pass) {
  asio::post(context, [self = shared_from_this(), fd = std::move(connection), &context,
                       pass = std::move(pass)]() mutable {
    const bool ipv6 = self->address_.find(':') != std::string::npos;
    asio::ip::tcp::socket socket(context);
    boost::system::error_code error;
    socket.assign(ipv6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), fd.get(), error);
    if (error) return;
    fd.release();
    const auto stream = std::make_shared<Connection>(
        std::move(socket), nullptr, Source{0, "dns", self->address_, Role::name_server}, kIdleLimit);
    asio::co_spawn(context,
                   dns::serve_stream(stream,
                                     [self](std::span<const std::uint8_t> query) {
                                       return self->answer(query, Transport::tcp);
                                     }),
                   [pass](const std::exception_ptr&) {});
  });
}

}  // namespace mxident::mocks
