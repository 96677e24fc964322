// A mock SMTP server's session on one connection.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>

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

/// Serves until the connection has ended.
boost::asio::awaitable<void> serve_smtp(std::shared_ptr<Connection> connection,
                                        std::shared_ptr<const SmtpEndpoint> endpoint,
                                        std::shared_ptr<const TlsContext> context);

}  // namespace mxident::mocks
