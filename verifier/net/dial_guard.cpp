#include "dial_guard.hpp"

#include <boost/asio/execution/context.hpp>
#include <boost/asio/query.hpp>

namespace mxident::probe {
namespace asio = boost::asio;

asio::execution_context::id DialGuard::id;

void DialGuard::allow(const Endpoint& wanted, const Endpoint& actual) {
  const std::lock_guard lock(mutex_);
  allowed_[wanted] = actual;
}

void DialGuard::forbid(const Endpoint& wanted) {
  const std::lock_guard lock(mutex_);
  allowed_.erase(wanted);
}

std::optional<DialGuard::Endpoint> DialGuard::find(const Endpoint& wanted) const {
  const std::lock_guard lock(mutex_);
  const auto found = allowed_.find(wanted);
  if (found == allowed_.end()) return std::nullopt;
  return found->second;
}

DialGuard& guard_of(asio::execution_context& context) {
  return asio::use_service<DialGuard>(context);
}

std::optional<DialGuard::Endpoint> pass_guard(const asio::any_io_executor& executor,
                                              const DialGuard::Endpoint& wanted) {
  asio::execution_context& context = asio::query(executor, asio::execution::context);
  if (!asio::has_service<DialGuard>(context)) return wanted;
  return guard_of(context).find(wanted);
}

}  // namespace mxident::probe
