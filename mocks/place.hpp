// What is to be met at the addresses of a world.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "mocks/smtp/server.hpp"
#include "mocks/tls/engine.hpp"
#include "mocks/world_parts.hpp"

namespace mxident::mocks {

/// A policy host as it is served.
struct PolicySite {
  std::unique_ptr<StsService> service;
  TlsSettings tls;
};

/// One address of a world: a mail server's, a policy host's or a name server's.
struct Place {
  std::string host;       ///< as it stands in transcripts
  std::string site_host;  ///< of a policy host its own name
  std::string address;
  std::vector<std::uint16_t>
      ports;  ///< as stated; in loopback placement, and of name servers in mapped, none
  std::shared_ptr<const SmtpSite> smtp;  ///< one of these two,
  std::shared_ptr<const PolicySite> policy;
  DnsRole dns = DnsRole::resolver;  ///< or neither of them, and this

  Role role() const { return smtp ? Role::mail_server : policy ? Role::policy_host : Role::name_server; }
  bool is_dns() const { return !smtp && !policy; }
  bool serves(std::uint16_t port) const { return std::find(ports.begin(), ports.end(), port) != ports.end(); }
};

}  // namespace mxident::mocks
