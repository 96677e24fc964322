// Sends the message of standard input: send hostname|no-hostname HOST PORT HELO SENDER RECIPIENT CA_FILE
#include <botan/auto_rng.h>
#include <botan/certstor_flatfile.h>
#include <botan/pkix_types.h>
#include <botan/tls_client.h>
#include <botan/version.h>

#include <iostream>
#include <string>

#include "../common/clear_smtp.h"

namespace {

class Credentials : public Botan::Credentials_Manager {
 public:
  explicit Credentials(const std::string& ca_file) : roots_(ca_file) {}
  std::vector<Botan::Certificate_Store*> trusted_certificate_authorities(const std::string&,
                                                                         const std::string&) override {
    return {&roots_};
  }

 private:
  Botan::Flatfile_Certificate_Store roots_;
};

/// Without this every certificate that names no revocation source is refused.
class Policy : public Botan::TLS::Policy {
 public:
  bool require_cert_revocation_info() const override { return false; }
};

/// Default callbacks: chain and host name are verified by tls_verify_cert_chain of the base class.
class Callbacks : public Botan::TLS::Callbacks {
 public:
  explicit Callbacks(int fd) : fd_(fd) {}
  void tls_emit_data(const uint8_t data[], size_t size) override {
    if (write(fd_, data, size) != static_cast<ssize_t>(size)) fail("the session ended");
  }
  void tls_record_received(uint64_t, const uint8_t data[], size_t size) override {
    received.append(reinterpret_cast<const char*>(data), size);
  }
  void tls_alert(Botan::TLS::Alert alert) override { std::cerr << "alert: " << alert.type_string() << '\n'; }
  bool tls_session_established(const Botan::TLS::Session&) override { return false; }

  std::string received;

 private:
  int fd_;
};

struct Session {
  int fd;
  Callbacks callbacks;
  Botan::TLS::Client* client = nullptr;

  bool pump() {
    uint8_t buffer[4096];
    const ssize_t got = read(fd, buffer, sizeof buffer);
    if (got > 0) client->received_data(buffer, static_cast<size_t>(got));
    return got > 0 && !client->is_closed();
  }
};

int tls_in(void* opaque, char* buffer, int size) {
  auto& session = *static_cast<Session*>(opaque);
  while (session.callbacks.received.empty()) {
    if (!session.pump()) return 0;
  }
  const size_t got = session.callbacks.received.copy(buffer, static_cast<size_t>(size));
  session.callbacks.received.erase(0, got);
  return static_cast<int>(got);
}

int tls_out(void* opaque, const char* buffer, int size) {
  static_cast<Session*>(opaque)->client->send(reinterpret_cast<const uint8_t*>(buffer),
                                              static_cast<size_t>(size));
  return size;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 8) {
    std::cout << Botan::short_version_string() << '\n';
    return 0;
  }
  const std::string mode = argv[1], host = argv[2];
  Botan::AutoSeeded_RNG random;
  Botan::TLS::Session_Manager_Noop sessions;
  Credentials credentials(argv[7]);
  Policy policy;
  const int fd = starttls_socket(argv[2], argv[3], argv[4]);
  Session session{fd, Callbacks(fd)};
  const Botan::TLS::Server_Information server(mode == "hostname" ? host : "", 25);
  Botan::TLS::Client client(session.callbacks, sessions, credentials, policy, random, server);
  session.client = &client;
  while (!client.is_active()) {
    if (!session.pump()) fail("the session ended in the handshake");
  }
  deliver(&session, tls_in, tls_out, argv[4], argv[5], argv[6]);
  client.close();
  return 0;
} catch (const std::exception& error) {
  fail(error.what());
}
