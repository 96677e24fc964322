#include "test_support.hpp"

#include <arpa/inet.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace mxident::probe::test {
namespace {

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  if (extension == nullptr) throw std::runtime_error("extension " + value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

std::shared_ptr<X509> make_certificate(const std::string& name, EVP_PKEY* key, X509* issuer,
                                       EVP_PKEY* issuer_key, long serial) {
  std::shared_ptr<X509> out(X509_new(), X509_free);
  X509_set_version(out.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(out.get()), serial);
  ASN1_TIME_set_string(X509_getm_notBefore(out.get()), "20200101000000Z");
  ASN1_TIME_set_string(X509_getm_notAfter(out.get()), "20500101000000Z");
  X509_NAME* const subject = X509_get_subject_name(out.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(out.get(), issuer != nullptr ? X509_get_subject_name(issuer) : subject);
  X509_set_pubkey(out.get(), key);
  (void)issuer_key;
  return out;
}

std::string to_der(X509* certificate) {
  unsigned char* data = nullptr;
  const int size = i2d_X509(certificate, &data);
  std::string out(reinterpret_cast<char*>(data), static_cast<std::size_t>(size));
  OPENSSL_free(data);
  return out;
}

std::shared_ptr<EVP_PKEY> make_key(Key kind = Key::ec) {
  return {kind == Key::rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"), EVP_PKEY_free};
}

}  // namespace

std::string Identity::root_pem() const {
  BIO* const out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, root.get());
  char* data = nullptr;
  const long size = BIO_ctrl(out, BIO_CTRL_INFO, 0, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(out);
  return pem;
}
std::string Identity::root_der() const {
  return to_der(root.get());
}
std::string Identity::leaf_der() const {
  return to_der(leaf.get());
}

Identity make_identity(const std::string& san, const std::string& common_name, Key key) {
  static const std::shared_ptr<EVP_PKEY> root_key = make_key();
  static const std::shared_ptr<X509> root = [] {
    auto out = make_certificate("Test Root", root_key.get(), nullptr, root_key.get(), 1);
    add_extension(out.get(), out.get(), NID_basic_constraints, "critical,CA:TRUE");
    add_extension(out.get(), out.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    X509_sign(out.get(), root_key.get(), EVP_sha256());
    return out;
  }();
  Identity out;
  out.root = root;
  out.key = make_key(key);
  out.leaf = make_certificate(common_name, out.key.get(), root.get(), root_key.get(), 2);
  add_extension(out.leaf.get(), root.get(), NID_ext_key_usage, "serverAuth");
  if (!san.empty()) add_extension(out.leaf.get(), root.get(), NID_subject_alt_name, san);
  X509_sign(out.leaf.get(), root_key.get(), EVP_sha256());
  return out;
}

Peer::Peer(int fd, const Identity& identity) : fd_(fd), context_(SSL_CTX_new(TLS_server_method())) {
  SSL_CTX_use_certificate(context_, identity.leaf.get());
  SSL_CTX_use_PrivateKey(context_, identity.key.get());
  SSL_CTX_set_num_tickets(context_, 0);
}

Peer::~Peer() {
  if (ssl_ != nullptr) {
    if (alive_) SSL_shutdown(ssl_);
    SSL_free(ssl_);
  }
  SSL_CTX_free(context_);
  ::close(fd_);
}

void Peer::raw(const char* data, std::size_t size) {
  std::size_t allowed = size;
  if (written_ + size > allowance_) allowed = allowance_ - written_;
  while (allowed > 0 && alive_) {
    const ssize_t sent = ::send(fd_, data, allowed, MSG_NOSIGNAL);
    if (sent <= 0) {
      alive_ = false;
      break;
    }
    written_ += static_cast<std::size_t>(sent);
    data += sent;
    allowed -= static_cast<std::size_t>(sent);
    size -= static_cast<std::size_t>(sent);
  }
  if (size > 0 && alive_) {
    ::shutdown(fd_, SHUT_WR);
    alive_ = false;
  }
}

int Peer::on_bio_write(BIO* bio, const char* data, int size) {
  auto* const peer = static_cast<Peer*>(BIO_get_data(bio));
  peer->raw(data, static_cast<std::size_t>(size));
  return peer->alive_ ? size : -1;
}

void Peer::say(std::string_view octets) {
  if (!alive_) return;
  if (ssl_ == nullptr) return raw(octets.data(), octets.size());
  if (SSL_write(ssl_, octets.data(), static_cast<int>(octets.size())) <= 0) alive_ = false;
}

std::string Peer::line() {
  for (;;) {
    if (const std::size_t end = buffer_.find("\r\n"); end != std::string::npos) {
      std::string out = buffer_.substr(0, end);
      buffer_.erase(0, end + 2);
      return out;
    }
    char data[4096];
    if (!alive_) return {};
    const ssize_t size =
        ssl_ != nullptr ? SSL_read(ssl_, data, sizeof data) : ::recv(fd_, data, sizeof data, 0);
    if (size <= 0) {
      alive_ = false;
      return {};
    }
    buffer_.append(data, static_cast<std::size_t>(size));
  }
}

void Peer::wait() {
  char data[4096];
  if (alive_ && ::recv(fd_, data, sizeof data, 0) <= 0) alive_ = false;
}

void Peer::send_also(const std::vector<X509*>& certificates) {
  for (X509* const certificate : certificates) {
    X509_up_ref(certificate);
    SSL_CTX_add_extra_chain_cert(context_, certificate);
  }
}

void Peer::add_identity(const Identity& identity) {
  SSL_CTX_use_certificate(context_, identity.leaf.get());
  SSL_CTX_use_PrivateKey(context_, identity.key.get());
}

int Peer::on_server_name(SSL* ssl, int* alert, void* self) {
  const char* const name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  *alert = SSL_AD_UNRECOGNIZED_NAME;
  return static_cast<Peer*>(self)->takes_sni(name != nullptr ? name : "") ? SSL_TLSEXT_ERR_OK
                                                                          : SSL_TLSEXT_ERR_ALERT_FATAL;
}

bool Peer::start_tls() {
  if (!alive_) return false;
  static BIO_METHOD* const method = [] {
    BIO_METHOD* const out = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "limited");
    BIO_meth_set_write(out, &Peer::on_bio_write);
    BIO_meth_set_ctrl(
        out, [](BIO*, int command, long, void*) -> long { return command == BIO_CTRL_FLUSH ? 1 : 0; });
    return out;
  }();
  if (takes_sni) {
    // The macro SSL_CTX_set_tlsext_servername_callback holds an old-style cast.
    SSL_CTX_callback_ctrl(context_, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
                          reinterpret_cast<void (*)()>(&Peer::on_server_name));
    SSL_CTX_set_tlsext_servername_arg(context_, this);
  }
  ssl_ = SSL_new(context_);
  BIO* const out = BIO_new(method);
  BIO_set_data(out, this);
  BIO_set_init(out, 1);
  SSL_set_bio(ssl_, BIO_new_socket(fd_, BIO_NOCLOSE), out);
  if (SSL_accept(ssl_) != 1) {
    alive_ = false;
    return false;
  }
  const char* const name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
  sni_ = name != nullptr ? name : "";
  return true;
}

void Peer::serve(const std::vector<std::string>& capabilities) {
  say("220 " + banner_name + " ESMTP\r\n");
  while (alive_) {
    const std::string command = line();
    if (!alive_) return;
    log.push_back(command);
    if (command.starts_with("EHLO")) {
      std::string reply = "250-" + ehlo_name + "\r\n";
      if (ssl_ == nullptr) {
        for (const auto& capability : capabilities) reply += "250-" + capability + "\r\n";
      }
      say(reply + "250 8BITMIME\r\n");
    } else if (command == "STARTTLS") {
      say("220 go ahead\r\n");
      if (!start_tls()) return;
    } else if (command == "DATA") {
      say("354 go on\r\n");
      for (std::string text = line(); alive_ && text != "."; text = line()) log.push_back("> " + text);
      say("250 taken\r\n");
    } else if (command.starts_with("AUTH")) {
      say(auth_reply + "\r\n");
    } else if (command == "QUIT") {
      say("221 bye\r\n");
      return;
    } else {
      say("250 ok\r\n");
    }
  }
}

Server::Server(std::function<void(Peer&)> script, const Identity& identity, const char* where,
               std::uint16_t port) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  inet_pton(AF_INET, where, &address.sin_addr);
  const int on = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 256) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no port on a loopback address");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this, script = std::move(script), identity] {
    for (;;) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0 || stop_) {
        if (fd >= 0) ::close(fd);
        return;
      }
      ++connections_;
      Peer peer(fd, identity);
      script(peer);
    }
  });
}

Server::~Server() {
  stop_ = true;
  ::shutdown(listener_, SHUT_RDWR);  // wakes accept
  thread_.join();
  ::close(listener_);
}

const Identity& Server::default_identity() {
  static const Identity identity = make_identity("DNS:mx.test");
  return identity;
}

const TrustStore& trust() {
  static const TrustStore store = [] {
    TrustStore out;
    out.add_der(Server::default_identity().root_der());
    return out;
  }();
  return store;
}

}  // namespace mxident::probe::test
