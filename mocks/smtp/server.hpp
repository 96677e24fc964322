// A mock SMTP server's session on one connection.
#pragma once

#include <algorithm>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <memory>
#include <vector>

#include "mocks/net/connection.hpp"
#include "mocks/smtp_spec.hpp"
#include "mocks/tls/engine.hpp"

namespace mxident::mocks {

/// One address of a server: what it says and what it presents there.
struct SmtpEndpoint {
  SmtpServerSpec spec;
  TlsSettings tls;  ///< `on_hello` already as `spec.starttls` wants it
  bool has_certificate() const { return tls.identity != nullptr || !tls.by_sni.empty(); }
};

/// A server at one address: what it is on its first connection, on its second and so on; the last entry
/// stays. The count is that of the whole server, whatever the address.
struct SmtpSite {
  std::vector<std::shared_ptr<const SmtpEndpoint>> endpoints;
  std::shared_ptr<std::atomic<std::size_t>> met = std::make_shared<std::atomic<std::size_t>>(0);

  std::shared_ptr<const SmtpEndpoint> next() const {
    const std::size_t index = met->fetch_add(1, std::memory_order_relaxed);
    return endpoints[std::min(index, endpoints.size() - 1)];
  }
};

/// Serves until the connection has ended.
boost::asio::awaitable<void> serve_smtp(std::shared_ptr<Connection> connection,
                                        std::shared_ptr<const SmtpEndpoint> endpoint,
                                        std::shared_ptr<const TlsContext> context);

}  // namespace mxident::mocks
