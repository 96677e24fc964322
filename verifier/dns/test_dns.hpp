// A name server of fixed answers on 127.0.0.1, UDP and TCP, for the tests of the probe.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "resolver.hpp"

namespace mxident::probe::test {

std::string name_rdata(std::string_view name);
std::string mx_rdata(std::uint16_t preference, std::string_view name);
std::string a_rdata(const std::string& address);
std::string txt_rdata(std::string_view text);

class DnsServer {
 public:
  /// cut: over TCP too, where the message ends before its stated length. raw: `rdata` is the answer section
  /// as it stands, one record.
  enum class Say { answer, servfail, nothing, truncated, cut, wrong_id, garbage, nxdomain, raw };
  struct Entry {
    std::vector<std::string> rdata;
    std::string alias;  ///< CNAME target; records are looked up there
    Say say = Say::answer;
    bool secure = false;  ///< AD bit
  };

  DnsServer();
  ~DnsServer();
  std::uint16_t port() const { return port_; }
  void set(std::string name, DnsType type, Entry entry);
  void mx(const std::string& domain, std::vector<std::pair<std::uint16_t, std::string>> hosts,
          bool secure = false);
  void a(const std::string& host, const std::string& address, bool secure = false);
  std::vector<std::string> asked() const;  ///< "mx.test 15", sorted
  StubOptions stub() const;

 private:
  std::string reply(std::string_view query, bool tcp);
  void run();
  int udp_ = -1, tcp_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::uint16_t>, Entry> entries_;
  std::vector<std::string> asked_;
  std::atomic<bool> stop_{false}, cut_{false};
  std::thread thread_;
};

}  // namespace mxident::probe::test
