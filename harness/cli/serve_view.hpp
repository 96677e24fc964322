// What clients of a served world do, connection by connection.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "mocks/smtp_spec.hpp"
#include "mocks/transcript.hpp"

namespace mxident::harness::cli {

/// One connection with a mail server that has ended: names, SNI, layers and outcome.
struct ConnectionEnd {
  std::uint32_t connection = 0;
  std::string host, address;
  std::string hello;     ///< name that the client gave
  std::string sni;       ///< "" for a ClientHello without; see `tls`
  std::string tls;       ///< "TLSv1.3 ..." of a handshake that was done; "none", "failed"
  std::string alert;     ///< that the client sent
  std::string layers;    ///< "connect=ok smtp=ok starttls=ok handshake=ok delivery=not-reached"
  std::string outcome;   ///< a word: delivered, delivered-in-clear, in-clear, refused, handshake-failed,
                         ///< no-mail, no-tls
  std::string sentence;  ///< the same for people
};
ConnectionEnd end_of(const std::vector<mocks::Event>& events,
                     const std::map<std::string, mocks::Starttls>& starttls);

nlohmann::ordered_json json_of(const ConnectionEnd& end, const std::string& scenario);
std::string text_of(const ConnectionEnd& end);

/// Throws where standard output takes nothing more: whoever serves on would be heard by nobody.
void flush_output();

/// Says on standard output what has come to a world since the last look: each event, if wanted, and each
/// connection when it has ended.
class Watcher {
 public:
  enum class As { text, json };
  enum class Detail { events, connections };
  Watcher(As as, Detail detail) : as_(as), detail_(detail) {}

  void look(const std::string& scenario, const mocks::Transcript& transcript,
            const std::map<std::string, mocks::Starttls>& starttls);

 private:
  void show(const std::string& scenario, const mocks::Event& event) const;

  struct Seen {
    std::size_t events = 0;
    std::map<std::uint32_t, std::vector<mocks::Event>> open;  ///< by connection
  };
  As as_;
  Detail detail_;
  std::map<std::string, Seen> seen_;
};

/// Mailboxes that the servers have not taken, as they stand in RCPT: nothing is relayed.
std::vector<std::string> refused_recipients(const std::vector<mocks::Event>& events);

}  // namespace mxident::harness::cli
