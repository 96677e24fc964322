#include "harness/adequacy/connection.hpp"

#include <netinet/in.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>

namespace mxident::harness::zoo {
namespace {

constexpr std::size_t kMaxLine = 4096;
constexpr std::size_t kMaxLines = 100;

}  // namespace

Connection::Connection(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  timeval limit{};
  limit.tv_sec = 30;
  if (fd_ < 0) return;
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return;
  ::close(fd_);
  fd_ = -1;
}

Connection::~Connection() {
  ssl_.reset();
  if (fd_ >= 0) ::close(fd_);
}

void Connection::send(const std::string& octets) {
  if (ssl_) {
    SSL_write(ssl_.get(), octets.data(), static_cast<int>(octets.size()));
    ERR_clear_error();
    return;
  }
  for (std::size_t done = 0; done < octets.size();) {
    const ssize_t sent = ::send(fd_, octets.data() + done, octets.size() - done, MSG_NOSIGNAL);
    if (sent <= 0) return;
    done += static_cast<std::size_t>(sent);
  }
}

bool Connection::fill() {
  char octets[2048];
  const auto got = ssl_ ? static_cast<ssize_t>(SSL_read(ssl_.get(), octets, sizeof octets))
                        : ::recv(fd_, octets, sizeof octets, 0);
  ERR_clear_error();
  if (got <= 0) {
    ended_ = true;
    return false;
  }
  buffer_.append(octets, static_cast<std::size_t>(got));
  return true;
}

Reply Connection::read_reply() {
  return read(Lines::all);
}

Reply Connection::read_line() {
  return read(Lines::one);
}

Reply Connection::read(Lines lines) {
  Reply out;
  for (;;) {
    const std::size_t end = buffer_.find('\n');
    if (end == std::string::npos) {
      if (buffer_.size() > kMaxLine || !fill()) return {};
      continue;
    }
    std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end + 1);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const int code = line.size() >= 3 ? std::atoi(line.substr(0, 3).c_str()) : 0;
    if (code < 200 || code > 599 || out.lines.size() == kMaxLines) return {};
    out.code = code;
    out.octets += line.size() + 2;
    out.is_bare = out.is_bare || line.size() == 3;
    out.lines.push_back(line.size() > 4 ? line.substr(4) : "");
    if (lines == Lines::one || line.size() == 3 || line[3] != '-') return out;
  }
}

Reply Connection::ask(const std::string& line) {
  send(line + "\r\n");
  return read_reply();
}

bool Connection::start_tls(SSL_CTX* context, const std::string& sni, Unread unread) {
  if (unread == Unread::dropped) buffer_.clear();
  ssl_.reset(SSL_new(context));
  SSL_set_fd(ssl_.get(), fd_);
  std::string name = sni;  // what the macro SSL_set_tlsext_host_name does, without its cast
  if (!name.empty())
    SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  const int result = SSL_connect(ssl_.get());
  if (result != 1)
    ended_ = SSL_get_error(ssl_.get(), result) == SSL_ERROR_SYSCALL ||
             ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
  ERR_clear_error();
  return result == 1;
}

std::vector<CertificatePtr> Connection::certificates() const {
  std::vector<CertificatePtr> out;
  const STACK_OF(X509)* const sent = SSL_get_peer_cert_chain(ssl_.get());
  for (int i = 0; i < (sent ? sk_X509_num(sent) : 0); ++i) {
    X509* certificate = sk_X509_value(sent, i);
    X509_up_ref(certificate);
    out.emplace_back(certificate);
  }
  return out;
}

}  // namespace mxident::harness::zoo
