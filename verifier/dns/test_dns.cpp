#include "test_dns.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "dns_message.hpp"

namespace mxident::probe::test {
namespace {

void put16(std::string& out, unsigned value) {
  out += static_cast<char>(value >> 8);
  out += static_cast<char>(value & 0xff);
}

void put_record(std::string& out, const std::string& owner, unsigned type, const std::string& rdata) {
  out += owner;
  put16(out, type);
  put16(out, 1);
  put16(out, 0);
  put16(out, 60);
  put16(out, static_cast<unsigned>(rdata.size()));
  out += rdata;
}

}  // namespace

std::string name_rdata(std::string_view name) {
  return dns_name_to_wire(name).value();
}

std::string mx_rdata(std::uint16_t preference, std::string_view name) {
  std::string out;
  put16(out, preference);
  return out + name_rdata(name);
}

std::string a_rdata(const std::string& address) {
  in_addr octets{};
  if (inet_pton(AF_INET, address.c_str(), &octets) != 1) throw std::runtime_error("address " + address);
  return {reinterpret_cast<const char*>(&octets), sizeof octets};
}

std::string txt_rdata(std::string_view text) {
  std::string out;
  for (; !text.empty(); text.remove_prefix(std::min<std::size_t>(text.size(), 255))) {
    const std::string_view part = text.substr(0, 255);
    out += static_cast<char>(part.size());
    out += part;
  }
  return out;
}

DnsServer::DnsServer() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // The port that TCP gets must be free for UDP too; another program may have it, so try a few.
  for (int attempt = 0; attempt < 20 && udp_ < 0; ++attempt) {
    socklen_t size = sizeof address;
    address.sin_port = 0;
    tcp_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    udp_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (::bind(tcp_, reinterpret_cast<sockaddr*>(&address), size) == 0 && ::listen(tcp_, 256) == 0 &&
        ::getsockname(tcp_, reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
        ::bind(udp_, reinterpret_cast<sockaddr*>(&address), size) == 0) {
      break;
    }
    ::close(tcp_);
    ::close(udp_);
    udp_ = -1;
  }
  if (udp_ < 0) throw std::runtime_error("no port for DNS on 127.0.0.1");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

DnsServer::~DnsServer() {
  stop_ = true;
  ::shutdown(tcp_, SHUT_RDWR);
  thread_.join();
  ::close(tcp_);
  ::close(udp_);
}

void DnsServer::set(std::string name, DnsType type, Entry entry) {
  const std::lock_guard lock(mutex_);
  entries_[{std::move(name), static_cast<std::uint16_t>(type)}] = std::move(entry);
}

void DnsServer::mx(const std::string& domain, std::vector<std::pair<std::uint16_t, std::string>> hosts,
                   bool secure) {
  Entry entry;
  for (const auto& [preference, host] : hosts) entry.rdata.push_back(mx_rdata(preference, host));
  entry.secure = secure;
  set(domain, DnsType::mx, std::move(entry));
}

void DnsServer::a(const std::string& host, const std::string& address, bool secure) {
  set(host, DnsType::a, {{a_rdata(address)}, {}, Say::answer, secure});
  set(host, DnsType::aaaa, {{}, {}, Say::answer, secure});
}

std::vector<std::string> DnsServer::asked() const {
  const std::lock_guard lock(mutex_);
  auto out = asked_;
  std::sort(out.begin(), out.end());
  return out;
}

StubOptions DnsServer::stub() const {
  StubOptions options;
  options.address = "127.0.0.1";
  options.port = port_;
  options.attempt = std::chrono::milliseconds(300);
  return options;
}

std::string DnsServer::reply(std::string_view query, bool tcp) {
  std::size_t used = 0;
  const auto name = dns_name_to_text(query.substr(12), &used);
  const std::string_view question = query.substr(12, used + 4);
  const unsigned type = static_cast<unsigned>(static_cast<unsigned char>(question[used])) << 8 |
                        static_cast<unsigned char>(question[used + 1]);
  std::string owner = *name;
  const std::lock_guard lock(mutex_);
  asked_.push_back(owner + " " + std::to_string(type));
  std::string records;
  unsigned count = 0;
  const auto found = entries_.find({owner, static_cast<std::uint16_t>(type)});
  Entry entry = found != entries_.end() ? found->second : Entry{{}, {}, Say::nxdomain, false};
  const Say say = entry.say;
  bool secure = entry.secure;
  for (int hops = 0; !entry.alias.empty() && hops < 40; ++hops) {
    put_record(records, name_rdata(owner), 5, name_rdata(entry.alias));
    ++count;
    owner = entry.alias;
    const auto next = entries_.find({owner, static_cast<std::uint16_t>(type)});
    entry = next != entries_.end() ? next->second : Entry{};
    secure = secure && entry.secure;
  }
  for (const auto& rdata : entry.rdata) {
    if (say == Say::raw) {
      records += rdata;
    } else {
      put_record(records, name_rdata(owner), type, rdata);
    }
    ++count;
  }
  if (say == Say::nothing) return {};
  if (say == Say::cut && tcp) cut_ = true;
  if (say == Say::garbage) return std::string(query.substr(0, 2)) + "\x80\x00 this is no DNS";
  const bool cut = (say == Say::truncated || say == Say::cut) && !tcp;
  std::string out(query.substr(0, 2));
  if (say == Say::wrong_id) out[0] = static_cast<char>(out[0] ^ 1);
  put16(out, 0x8180u | (cut ? 0x0200u : 0u) | (secure ? 0x20u : 0u) |
                 (say == Say::servfail ? 2u : (say == Say::nxdomain ? 3u : 0u)));
  put16(out, 1);
  put16(out, cut || say == Say::servfail ? 0 : count);
  put16(out, 0);
  put16(out, 0);
  out += question;
  return cut || say == Say::servfail ? out : out + records;
}

void DnsServer::run() {
  std::string buffer(65536, '\0');
  while (!stop_) {
    pollfd ready[2] = {{udp_, POLLIN, 0}, {tcp_, POLLIN, 0}};
    if (::poll(ready, 2, 50) <= 0) continue;
    if ((ready[0].revents & POLLIN) != 0) {
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const ssize_t got =
          ::recvfrom(udp_, buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (got > 16) {
        const std::string out =
            reply(std::string_view(buffer).substr(0, static_cast<std::size_t>(got)), false);
        if (!out.empty()) ::sendto(udp_, out.data(), out.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
      }
    }
    if (ready[1].revents != 0 && !stop_) {
      const int fd = ::accept(tcp_, nullptr, nullptr);
      const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), 0);
      if (got > 18) {
        const std::string out =
            reply(std::string_view(buffer).substr(2, static_cast<std::size_t>(got) - 2), true);
        std::string framed;
        const bool whole = !cut_.exchange(false);
        put16(framed, static_cast<unsigned>(out.size() + (whole ? 0 : 100)));
        framed += out;
        if (!out.empty()) (void)!::send(fd, framed.data(), framed.size(), MSG_NOSIGNAL);
      }
      ::close(fd);
    }
  }
}

}  // namespace mxident::probe::test
