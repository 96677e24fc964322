#include "shared_sessions.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace mxident::probe {
namespace asio = boost::asio;

SharedSessions::SharedSessions(asio::any_io_executor executor, Limits limits, Run run)
    : executor_(std::move(executor)), limits_(limits), run_(std::move(run)) {}

asio::awaitable<SessionReport> SharedSessions::run(SessionOptions options) {
  const Key key{options.address, options.port, options.tls, options.sni, options.keys};
  if (const auto known = entries_.find(key); known != entries_.end()) {
    const std::shared_ptr<Entry> entry = known->second;
    ages_.splice(ages_.end(), ages_, entry->age);
    while (!entry->over) {
      const auto [ignored] = co_await entry->ended.async_wait(asio::as_tuple(asio::use_awaitable));
      (void)ignored;
    }
    if (entry->failure) std::rethrow_exception(entry->failure);
    co_return entry->report;
  }
  const auto entry = std::make_shared<Entry>(executor_);
  entry->age = ages_.insert(ages_.end(), key);
  entries_.emplace(key, entry);
  const std::string address = options.address;
  co_await wait_for_place(address);
  try {
    entry->report = co_await run_(std::move(options));
  } catch (...) {
    entry->failure = std::current_exception();
  }
  ++made_;
  leave(address);
  entry->over = true;
  entry->ended.cancel();
  forget_oldest();
  if (entry->failure) std::rethrow_exception(entry->failure);
  co_return entry->report;
}

asio::awaitable<void> SharedSessions::wait_for_place(std::string address) {
  for (;;) {
    Address& place = addresses_[address];
    const Clock::time_point now = Clock::now();
    const bool room = under_way_ < limits_.at_once && place.under_way < limits_.at_an_address;
    if (room && now >= place.next) {
      ++under_way_;
      ++place.under_way;
      place.next = now + limits_.pause;
      co_return;
    }
    // Whoever ends wakes all that wait; the pause ends by itself.
    asio::steady_timer changed(executor_, room ? place.next : Clock::time_point::max());
    waiting_.insert(&changed);
    const auto [ignored] = co_await changed.async_wait(asio::as_tuple(asio::use_awaitable));
    (void)ignored;
    waiting_.erase(&changed);
  }
}

void SharedSessions::leave(const std::string& address) {
  --under_way_;
  --addresses_[address].under_way;
  for (auto* timer : waiting_) timer->cancel();
  if (addresses_.size() <= 2 * limits_.kept) return;
  const Clock::time_point now = Clock::now();
  std::erase_if(addresses_,
                [&](const auto& item) { return item.second.under_way == 0 && item.second.next <= now; });
}

void SharedSessions::forget_oldest() {
  // One that is under way is awaited by somebody: it stays.
  for (auto age = ages_.begin(); entries_.size() > limits_.kept && age != ages_.end();) {
    const auto entry = entries_.find(*age);
    if (!entry->second->over) {
      ++age;
      continue;
    }
    entries_.erase(entry);
    age = ages_.erase(age);
  }
}

}  // namespace mxident::probe
