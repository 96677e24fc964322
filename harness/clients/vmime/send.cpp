// Sends the message of standard input: send default|tls|required|trust-all HOST PORT HELO SENDER RECIPIENT
// CAFILE
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vmime/platforms/posix/posixHandler.hpp>
#include <vmime/vmime.hpp>

namespace {

struct TrustAll : vmime::security::cert::certificateVerifier {
  void verify(vmime::shared_ptr<vmime::security::cert::certificateChain>, const vmime::string&) override {}
};

std::string all_of(std::istream& in) {
  return {std::istreambuf_iterator<char>(in), {}};
}

vmime::shared_ptr<vmime::security::cert::certificateVerifier> verifier(const std::string& mode,
                                                                       const char* ca_file) {
  if (mode == "trust-all") return vmime::make_shared<TrustAll>();
  std::ifstream file(ca_file);
  auto checks = vmime::make_shared<vmime::security::cert::defaultCertificateVerifier>();
  const std::string pem = all_of(file);
  const auto* octets = reinterpret_cast<const vmime::byte_t*>(pem.data());
  checks->setX509RootCAs({vmime::security::cert::X509Certificate::import(octets, pem.size())});
  return checks;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 8) {
    std::cout << VMIME_VERSION << '\n';
    return 0;
  }
  const std::string mode = argv[1];
  vmime::platform::setHandler<vmime::platforms::posix::posixHandler>();
  try {
    auto session = vmime::net::session::create();
    auto transport = session->getTransport("smtp");
    transport->setProperty("server.address", std::string(argv[2]));
    transport->setProperty("server.port", std::stoi(argv[3]));
    transport->setProperty("connection.tls", mode != "default");
    transport->setProperty("connection.tls.required", mode == "required" || mode == "trust-all");
    transport->setCertificateVerifier(verifier(mode, argv[7]));
    transport->connect();
    auto message = vmime::make_shared<vmime::message>();
    message->parse(all_of(std::cin));
    vmime::mailboxList recipients;
    recipients.appendMailbox(vmime::make_shared<vmime::mailbox>(vmime::emailAddress(argv[6])));
    transport->send(message, vmime::mailbox(vmime::emailAddress(argv[5])), recipients);
    transport->disconnect();
  } catch (const vmime::exception& error) {
    std::cerr << error.name() << ": " << error.what() << '\n';
    return 1;
  }
}
