// What a domain announces of its hosts, TLSA records (RFC 7672) and an MTA-STS policy (RFC 8461), and what a
// client of the zoo makes of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/adequacy/certificate.hpp"
#include "harness/scenario/scenario.hpp"

namespace mxident::harness::zoo {

struct TlsaRecord {
  int usage = 0, selector = 0, matching = 0;
  std::string data;  ///< octets
};

/// The answer to the look-up of a host's TLSA records.
struct TlsaAnswer {
  enum class State { none, insecure, secure, failed };
  State state = State::none;
  std::vector<TlsaRecord> records;
};

struct StsAnnounced {
  std::string mode;
  std::vector<std::string> patterns;  ///< as the policy writes them
};

struct Announced {
  bool is_mx_secure = false;
  std::string expanded;  ///< the recipient domain, behind its CNAMEs where these are secure
  TlsaAnswer at_domain;  ///< where no client has to look
  std::optional<StsAnnounced> sts;
};

/// `lines`: of the world, its placeholders filled. Aliases of the host are followed (RFC 7672 2.2.2).
TlsaAnswer tlsa_of(const mocks::DnsSpec& dns, const std::string& host);
/// nullopt: none, or not simply to be had; the clients of the zoo fetch nothing.
std::optional<StsAnnounced> sts_of(const std::vector<mocks::StsSpec>& specs, const std::string& domain);
Announced announced_of(const mocks::WorldSpec& spec, const std::string& domain);

/// What a host has to do before it gets the mail.
enum class Demand { passed_over, nothing, encryption, proof };
Demand demand_of(BugId bug, PolicyId policy, const Announced& domain, const TlsaAnswer& host,
                 const std::string& name);

/// Whether TLSA records prove who the server is.
bool dane_agrees(BugId bug, const std::vector<X509*>& sent, const Announced& domain, const TlsaAnswer& host,
                 std::int64_t time, const Situation& situation);

/// The certificate names another host that the policy lists.
bool names_listed_host(const std::vector<X509*>& sent, const StsAnnounced& policy);

}  // namespace mxident::harness::zoo
