// A scenario: one situation with its certificates, servers, DNS and policy host, and what each policy ought
// to do in it. This is the model after loading: all defaults are filled in, all ids are known. Placeholders
// are still in the texts, because addresses and keys exist only once a world is built (world_builder.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "certs/spec.hpp"
#include "harness/text/words.hpp"
#include "mocks/world.hpp"
#include "verifier/policy.hpp"

namespace mxident::harness {

/// Requirement level of a cited sentence (RFC 2119).
enum class Level { unstated, must, should, may };
std::string_view to_string(Level level);

struct Source {
  std::string ref;  ///< "RFC 9525 6.3", "CVE-2011-0411", or the name of a report
  Level level = Level::unstated;
};

/// Expected decisions by policy. A policy without one is left to the oracle.
class Expectations {
 public:
  std::optional<Expected> of(PolicyId policy) const { return by_policy_[static_cast<std::size_t>(policy)]; }
  void set(PolicyId policy, Expected expected) { by_policy_[static_cast<std::size_t>(policy)] = expected; }
  bool empty() const;

 private:
  std::array<std::optional<Expected>, kPolicyCount> by_policy_{};
};

struct ScenarioServer {
  mocks::SmtpServerSpec spec;
  /// The scenario states tls_min or tls_max: it is about versions, and a client's server profile does not
  /// change them.
  bool states_tls_versions = false;
};

struct Scenario {
  std::string id;  ///< "folder/kebab-case", the file's path without ".json"
  std::string title;
  std::vector<Source> sources;
  std::vector<std::string> rules;  ///< ids of the rules of the catalogue that it exercises
  std::vector<std::string> tags;
  std::string digest;  ///< SHA-256 over what decides verdicts
  std::string twin;    ///< id of the scenario that differs in the odd thing only; may be empty
  std::string note;    ///< for readers; may be empty
  std::string domain;  ///< of the recipient; or an address literal "[192.0.2.25]", "[{address:HOST}]"
  /// How a client is told the most preferred mail host, where that is spelt in another way than in the DNS;
  /// else empty.
  std::string reference;
  std::vector<std::string> headers;  ///< lines that the message has besides the usual ones
  /// Words that only octets in clear offer: who says one of them under TLS has taken them for the server's.
  std::vector<std::string> bait;
  /// By id; those that a server or policy host got by default are called kAutoPrefix + host.
  certs::CertificateRequests certificates;
  std::vector<ScenarioServer>
      servers;  ///< in the order of the file; host names are unique whatever their case
  mocks::DnsSpec dns;
  std::vector<mocks::StsSpec> mta_sts;
  std::optional<std::int64_t> clock;                 ///< seconds since 1970
  Expectations expect;                               ///< about the message
  std::map<std::string, Expectations> expect_hosts;  ///< about one host, by its name in lower case
  std::string reason;                                ///< id of the reason that decides, may be empty
  std::filesystem::path file;
};

inline constexpr std::string_view kAutoPrefix = "auto-";

/// What `{mx_host}` stands for: the most preferred MX host of the domain (its CNAMEs followed), the domain
/// itself where it has no MX, or the host that has the address of an address literal. Lower preference first,
/// then order of the lines. Empty for a null MX (RFC 7505), or if the lookup of the domain is made to fail.
std::string preferred_host(const Scenario& scenario);
/// All MX hosts in that order.
std::vector<std::string> mail_hosts(const Scenario& scenario);

/// The server that a host name leads to, CNAME records followed; nullptr if there is none.
const ScenarioServer* server_of(const Scenario& scenario, std::string_view host);

/// What is to be expected of a policy about the message, or about one host where the scenario says something
/// of it.
std::optional<Expected> expectation(const Scenario& scenario, PolicyId policy);
std::optional<Expected> expectation(const Scenario& scenario, PolicyId policy, std::string_view host);

/// The scenario has changed what the server says before TLS, other than the names in it: greeting, keywords
/// or replies.
bool has_odd_dialogue(const ScenarioServer& server);

/// A scenario about TLS versions; a client with a server profile of its own cannot run it.
bool is_about_versions(const Scenario& scenario);

/// Addresses that the scenario pins, as it writes them.
std::vector<std::string> pinned_addresses(const Scenario& scenario);

/// A line of `dns` taken apart: "x.test. 300 IN MX 10 mx.x.test." is {"x.test.", "MX", {"10", "mx.x.test."}}.
struct DnsLine {
  std::string owner;  ///< as written, with its final dot
  std::string type;   ///< upper case; also SERVFAIL and the like, see mocks::DnsSpec
  std::vector<std::string> data;
};
std::optional<DnsLine> split_dns_line(std::string_view line);

/// ASCII lower case, and without a final dot: the form in which host names are compared.
std::string fold_host(std::string_view host);

}  // namespace mxident::harness
