#include "mocks/test_client.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <future>

namespace mxident::mocks::test {
namespace {

constexpr int kPatienceMs = 10000;

X509* read_certificate(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  return d2i_X509(nullptr, &at, static_cast<long>(der.size()));
}

/// End of the first whole reply in `text`, or npos: lines with '-' behind the code go on.
std::size_t reply_end(std::string_view text) {
  for (std::size_t at = 0;;) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) return end;
    if (end - at < 4 || text[at + 3] != '-') return end + 1;
    at = end + 1;
  }
}

}  // namespace

Client::Client(std::uint16_t port, const std::string& address) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  ::inet_pton(AF_INET, address.c_str(), &to.sin_addr);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof(to)) != 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

Client::~Client() {
  if (fd_ >= 0) ::close(fd_);
}

/// False: the end.
bool Client::receive() {
  pollfd wait{fd_, POLLIN, 0};
  if (fd_ < 0 || ::poll(&wait, 1, kPatienceMs) != 1) return false;
  std::array<char, 4096> part{};
  const ssize_t size = ::recv(fd_, part.data(), part.size(), 0);
  if (size <= 0) return false;
  if (ssl_) {
    BIO_write(SSL_get_rbio(ssl_.get()), part.data(), static_cast<int>(size));
  } else {
    input_.append(part.data(), static_cast<std::size_t>(size));
  }
  return true;
}

void Client::push() {
  char* octets = nullptr;
  const long size = BIO_get_mem_data(SSL_get_wbio(ssl_.get()), &octets);
  if (size > 0) static_cast<void>(::send(fd_, octets, static_cast<std::size_t>(size), MSG_NOSIGNAL));
  BIO_reset(SSL_get_wbio(ssl_.get()));
}

void Client::send(std::string_view octets) {
  if (!ssl_) {
    static_cast<void>(::send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL));
    return;
  }
  SSL_write(ssl_.get(), octets.data(), static_cast<int>(octets.size()));
  push();
}

std::string Client::reply() {
  for (;;) {
    const std::size_t end = reply_end(input_);
    if (end != std::string::npos) {
      std::string out = input_.substr(0, end);
      input_.erase(0, end);
      return out;
    }
    if (ssl_) {
      std::array<char, 4096> part{};
      const int size = SSL_read(ssl_.get(), part.data(), part.size());
      push();
      if (size > 0) {
        input_.append(part.data(), static_cast<std::size_t>(size));
        continue;
      }
      if (SSL_get_error(ssl_.get(), size) != SSL_ERROR_WANT_READ) return {};
    }
    if (!receive()) return {};
  }
}

std::string Client::ask(const std::string& line) {
  send(line + "\r\n");
  return reply();
}

std::string Client::rest() {
  std::string out;
  for (std::string next = reply(); !next.empty(); next = reply()) out += next;
  return out + std::exchange(input_, {});
}

std::string Client::raw() {
  if (input_.empty()) receive();
  return std::exchange(input_, {});
}

bool Client::close_notify_received() const {
  return ssl_ && (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

bool Client::start_tls(const TlsWish& wish) {
  context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_security_level(context_.get(), wish.security_level);
  SSL_CTX_set_min_proto_version(context_.get(), wish.min);
  SSL_CTX_set_max_proto_version(context_.get(), wish.max);
  if (!wish.ca_der.empty()) {
    X509* ca = read_certificate(wish.ca_der);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), ca);
    X509_free(ca);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  }
  ssl_.reset(SSL_new(context_.get()));
  BIO* const in = BIO_new(BIO_s_mem());
  BIO_set_mem_eof_return(in, -1);
  SSL_set_bio(ssl_.get(), in, BIO_new(BIO_s_mem()));
  if (!wish.sni.empty()) {  // not by the macro, which casts in the old style
    std::string name = wish.sni;
    SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  }
  if (!input_.empty()) BIO_write(SSL_get_rbio(ssl_.get()), input_.data(), static_cast<int>(input_.size()));
  input_.clear();
  for (;;) {
    ERR_clear_error();
    const int result = SSL_connect(ssl_.get());
    push();
    if (result == 1) return true;
    if (SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ || !receive()) return false;
  }
}

bool Client::secure(const TlsWish& wish) {
  return reply().starts_with("220") && ask("EHLO client.test").find("STARTTLS") != std::string::npos &&
         ask("STARTTLS").starts_with("220") && start_tls(wish) && ask("EHLO client.test").starts_with("250");
}

bool Client::deliver() {
  const bool taken = ask("MAIL FROM:<a@client.test>").starts_with("250") &&
                     ask("RCPT TO:<b@x.test>").starts_with("250") && ask("DATA").starts_with("354") &&
                     ask("Subject: x\r\n\r\n..hi\r\n.").starts_with("250");
  ask("QUIT");
  return taken;
}

void Client::send_late_alert() {
  const std::string bad = std::string("\x17\x03\x03\x00\x28", 5) + std::string(40, 'x');
  BIO_write(SSL_get_rbio(ssl_.get()), bad.data(), static_cast<int>(bad.size()));
  std::array<char, 16> part{};
  SSL_read(ssl_.get(), part.data(), part.size());
  push();
}

void Client::close_in_order() {
  if (ssl_) {
    SSL_shutdown(ssl_.get());
    push();
  }
  ::close(std::exchange(fd_, -1));
}

void Client::reset() {
  const linger at_once{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  ::close(std::exchange(fd_, -1));
}

std::vector<std::string> Client::peer_chain() const {
  std::vector<std::string> out;
  const auto* chain = SSL_get_peer_cert_chain(ssl_.get());
  for (int i = 0; chain != nullptr && i < sk_X509_num(chain); ++i) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(sk_X509_value(chain, i), &der);
    out.emplace_back(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
  }
  return out;
}

certs::KeyPool& keys() {
  static certs::KeyPool pool;
  return pool;
}

const certs::Authority& authority() {
  static const certs::Authority made = certs::Authority::make(keys());
  return made;
}

certs::CertificateRequest request_for(const std::string& name) {
  certs::CertificateRequest out;
  out.spec.subject = {{{"2.5.4.3", {name, certs::StringType::utf8}}}};
  out.spec.san = {{certs::NameType::dns, name, {}}};
  return out;
}

void Bench::add_certificate(const std::string& id, const certs::CertificateRequest& request) {
  spec.certificates.insert_or_assign(id, certs::mint({{id, request}}, authority(), keys()).at(id));
}

SmtpServerSpec Bench::server(const std::string& host) {
  add_certificate(host, request_for(host));
  SmtpServerSpec out;
  out.host = out.banner = out.ehlo = out.certificate = host;
  return out;
}

World& Bench::open(std::vector<SmtpServerSpec> servers) {
  spec.servers = std::move(servers);
  world = internet.open(spec, block);
  return *world;
}

bool wait_idle(World& world) {
  auto idle = std::make_shared<std::promise<void>>();
  world.when_idle([idle] { idle->set_value(); });
  return idle->get_future().wait_for(std::chrono::milliseconds(kPatienceMs)) == std::future_status::ready;
}

std::vector<Event> events(const World& world, EventKind kind) {
  std::vector<Event> out;
  for (auto& event : world.transcript().events()) {
    if (event.kind == kind) out.push_back(event);
  }
  return out;
}

std::vector<std::string> texts(const World& world, EventKind kind) {
  std::vector<std::string> out;
  for (const auto& event : events(world, kind)) out.push_back(event.text);
  return out;
}

}  // namespace mxident::mocks::test
