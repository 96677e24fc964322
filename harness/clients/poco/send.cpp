// Sends the message of standard input: send strict|no-extended|none HOST PORT HELO SENDER RECIPIENT
#include <Poco/Environment.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/MailMessage.h>
#include <Poco/Net/MailRecipient.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/RejectCertificateHandler.h>
#include <Poco/Net/SSLManager.h>
#include <Poco/Net/SecureSMTPClientSession.h>
#include <Poco/Version.h>

#include <iostream>
#include <iterator>
#include <string>

using namespace Poco::Net;

int main(int argc, char** argv) {
  if (argc != 7) {
    std::cout << (POCO_VERSION >> 24) << '.' << (POCO_VERSION >> 16 & 255) << '.' << (POCO_VERSION >> 8 & 255)
              << '\n';
    return 0;
  }
  const std::string mode = argv[1];
  try {
    initializeSSL();
    const auto verification = mode == "none"     ? Context::VERIFY_NONE
                              : mode == "strict" ? Context::VERIFY_STRICT
                                                 : Context::VERIFY_RELAXED;
    Context::Ptr context = new Context(Context::TLS_CLIENT_USE, "", verification, 9, true);
    if (mode == "no-extended") context->enableExtendedCertificateVerification(false);
    SSLManager::instance().initializeClient(nullptr, new RejectCertificateHandler(false), context);
    SecureSMTPClientSession session(argv[2], static_cast<Poco::UInt16>(std::stoi(argv[3])));
    session.setTimeout(Poco::Timespan(15, 0));
    session.login(argv[4]);
    if (!session.startTLS()) {
      std::cerr << "STARTTLS is refused\n";
      return 1;
    }
    session.login(argv[4]);
    MailMessage message;
    message.setSender(argv[5]);
    message.addRecipient(MailRecipient(MailRecipient::PRIMARY_RECIPIENT, argv[6]));
    message.setSubject("mxident");
    message.setContent(std::string(std::istreambuf_iterator<char>(std::cin), {}));
    session.sendMessage(message);
    session.close();
  } catch (const Poco::Exception& error) {
    std::cerr << error.displayText() << '\n';
    return 1;
  }
}
