// Sessions that many examinations share: a mail host that a thousand domains name is looked at once, and none
// is called more often at a time than is polite.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>

#include "session.hpp"

namespace mxident::probe {

class SharedSessions {
 public:
  struct Limits {
    std::size_t at_once = 64;            ///< sessions, in all
    std::size_t at_an_address = 2;       ///< and to one address
    std::chrono::milliseconds pause{0};  ///< between the starts of two sessions to one address
    std::size_t kept = 2048;             ///< reports; the one that was asked for longest ago goes first
  };
  using Run = std::function<boost::asio::awaitable<SessionReport>(SessionOptions)>;

  /// Serial executor, as run_session().
  SharedSessions(boost::asio::any_io_executor executor, Limits limits, Run run = run_session);

  /// The session with this address, port, TLS, SNI and keys: made now, awaited where it is under way, or the
  /// report of one that was. All other options have to be the same in all calls.
  boost::asio::awaitable<SessionReport> run(SessionOptions options);

  std::size_t made() const { return made_; }

 private:
  using Clock = std::chrono::steady_clock;
  using Key = std::tuple<std::string, std::uint16_t, TlsMode, std::string, ServerKeys>;
  struct Entry {
    explicit Entry(const boost::asio::any_io_executor& executor)
        : ended(executor, Clock::time_point::max()) {}
    boost::asio::steady_timer ended;  ///< cancelled when it has
    bool over = false;
    SessionReport report;
    std::exception_ptr failure;
    std::list<Key>::iterator age;
  };
  struct Address {
    std::size_t under_way = 0;
    Clock::time_point next{};
  };
  boost::asio::awaitable<void> wait_for_place(std::string address);
  void leave(const std::string& address);
  void forget_oldest();

  boost::asio::any_io_executor executor_;
  Limits limits_;
  Run run_;
  std::map<Key, std::shared_ptr<Entry>> entries_;
  std::list<Key> ages_;  ///< the newest last
  std::map<std::string, Address> addresses_;
  std::set<boost::asio::steady_timer*> waiting_;
  std::size_t under_way_ = 0, made_ = 0;
};

}  // namespace mxident::probe
