#include "harness/catalogue/check_scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/catalogue/read_certificate.hpp"
#include "harness/input/values.hpp"
#include "harness/scenario/placeholders.hpp"

namespace mxident::harness {
namespace {

constexpr std::string_view kReserved[] = {"leaf", "intermediate", "root", "self", "unknown-ca"};

const std::vector<std::string>& dns_types() {
  static const std::vector<std::string> types{"A",        "AAAA",     "CNAME",   "DNAME",   "MX",  "TXT",
                                              "SRV",      "PTR",      "TLSA",    "NS",      "SOA", "CAA",
                                              "SERVFAIL", "NXDOMAIN", "TIMEOUT", "TRUNCATE"};
  return types;
}

bool is_special(std::string_view word) {
  return word == "SERVFAIL" || word == "NXDOMAIN" || word == "TIMEOUT" || word == "TRUNCATE";
}

/// A name in a zone line: absolute, and of a length that the DNS can carry.
void check_dns_name(const JsonNode& line, std::string_view name, std::string_view what) {
  if (name == ".") return;
  if (!name.ends_with("."))
    line.fail(fmt::format("found {} \"{}\", wanted an absolute name with a final dot", what, name));
  name.remove_suffix(1);
  if (const std::string problem = host_problem(name); !problem.empty())
    line.fail(fmt::format("{}: {}", what, problem));
}

bool is_octet(const std::string& text) {
  return !text.empty() && text.size() <= 3 && text.find_first_not_of("0123456789") == std::string::npos &&
         std::stoul(text) <= 255;
}

/// The usage, selector and matching type are read with more digits than an octet has elsewhere, and cut off.
void check_tlsa(const JsonNode& node, const DnsLine& line) {
  if (line.data.size() < 4 || !std::all_of(line.data.begin(), line.data.begin() + 3, is_octet)) {
    node.fail(fmt::format("found \"{}\", wanted three numbers from 0 to 255 and the data of the association",
                          node.string()));
  }
}

class Checker {
 public:
  Checker(const Scenario& scenario, const JsonNode& root, std::vector<ScenarioError>& errors)
      : scenario_(scenario), root_(root), errors_(errors) {}

  void run() {
    check_certificates();
    check_servers();
    check_policy_hosts();
    check_placeholders();
    check_unused();
    check_pinned();
  }

 private:
  void error(const std::string& pointer, std::string message) {
    errors_.push_back({root_.file(), pointer, std::move(message)});
  }

  std::vector<std::string> known_ids() const {
    std::vector<std::string> ids;
    for (const auto& [id, request] : scenario_.certificates) {
      if (!id.starts_with(kAutoPrefix)) ids.push_back(id);
    }
    return ids;
  }

  /// Notes that a certificate is used; an id that is not there is an error.
  void use(const std::string& pointer, const std::string& id) {
    if (scenario_.certificates.contains(id)) {
      used_.insert(id);
      return;
    }
    const auto ids = known_ids();
    const auto near = nearest(id, ids);
    error(pointer, fmt::format("found the unknown certificate \"{}\", wanted {}{}", id,
                               ids.empty() ? "one that \"certificates\" has"
                                           : fmt::format("one of {}", fmt::join(ids, ", ")),
                               near ? fmt::format("; did you mean \"{}\"?", *near) : ""));
  }

  void check_certificates() {
    for (const auto& [id, request] : scenario_.certificates) {
      const std::string pointer = "/certificates/" + id;
      const std::string& issuer = request.issuer;
      if (issuer == "leaf") {
        error(pointer + "/issuer",
              "found \"leaf\", wanted intermediate, root, self, unknown-ca or another certificate");
      } else if (!is_reserved_certificate(issuer)) {
        use(pointer + "/issuer", issuer);
        const auto found = scenario_.certificates.find(issuer);
        if (found != scenario_.certificates.end() && !found->second.spec.ca) {
          error(pointer + "/issuer",
                fmt::format("found \"{}\", which is no authority, wanted one with \"ca\": true", issuer));
        }
      }
      for (const auto& element : request.sends.value_or(std::vector<std::string>{})) {
        if (element == "self")
          error(pointer + "/sends", "found \"self\", wanted \"leaf\" for the certificate itself");
        if (element != id && !is_reserved_certificate(element)) use(pointer + "/sends", element);
      }
      check_issuer_cycle(id);
    }
  }

  /// An issuer that is, in the end, issued by its own subject can never be signed.
  void check_issuer_cycle(const std::string& id) {
    std::vector<std::string> path{id};
    for (auto at = scenario_.certificates.find(id); at != scenario_.certificates.end();
         at = scenario_.certificates.find(at->second.issuer)) {
      const std::string& issuer = at->second.issuer;
      if (issuer == id) {
        path.push_back(issuer);
        error(fmt::format("/certificates/{}/issuer", id),
              fmt::format("found a cycle of issuers: {}", fmt::join(path, " <- ")));
        return;
      }
      if (std::find(path.begin(), path.end(), issuer) != path.end())
        return;  // the cycle of others: said there
      path.push_back(issuer);
    }
  }

  void check_servers() {
    for (const auto& server : scenario_.servers) {
      const auto& spec = server.spec;
      const std::string pointer = "/servers/" + spec.host;
      if (!spec.certificate.empty()) use(pointer + "/certificate", spec.certificate);
      for (const auto& later : spec.then) {
        if (!later.certificate.empty()) use(pointer + "/then", later.certificate);
      }
      for (const auto& [sni, id] : spec.certificates_by_sni) use(pointer + "/certificates_by_sni/" + sni, id);
      for (std::size_t i = 0; i < spec.addresses.size(); ++i) {
        if (const auto& id = spec.addresses[i].certificate)
          use(fmt::format("{}/addresses/{}/certificate", pointer, i), *id);
      }
    }
  }

  void check_policy_hosts() {
    std::set<std::string> domains;
    for (const auto& sts : scenario_.mta_sts) {
      if (!domains.insert(fold_host(sts.domain)).second) {
        error("/mta_sts",
              fmt::format("found the domain \"{}\" twice, wanted one policy host for each", sts.domain));
      }
      if (!sts.certificate.empty()) use("/mta_sts/certificate", sts.certificate);
    }
  }

  enum class Digests { refused, allowed };
  /// In texts other than zone lines a brace may be just a brace; only what begins like an address is looked
  /// at.
  void check_text(const std::string& pointer, std::string_view text, Digests digests) {
    for (const auto& found : find_placeholders(text)) {
      if (found.kind == "address") {
        if (!has_server(found.argument)) {
          std::vector<std::string> hosts;
          for (const auto& server : scenario_.servers) hosts.push_back(server.spec.host);
          const auto near = nearest(found.argument, hosts);
          error(pointer, fmt::format("found {{address:{}}}, wanted the name of a server{}", found.argument,
                                     near ? fmt::format("; did you mean \"{}\"?", *near) : ""));
        }
        continue;
      }
      if (digests == Digests::refused) continue;
      if (std::find(std::begin(kDigestKinds), std::end(kDigestKinds), found.kind) == std::end(kDigestKinds)) {
        std::vector<std::string> kinds{"address"};
        kinds.insert(kinds.end(), std::begin(kDigestKinds), std::end(kDigestKinds));
        const auto near = nearest(found.kind, kinds);
        error(pointer,
              fmt::format("found a brace that begins no placeholder, wanted {{KIND:NAME}} with one of {}{}",
                          fmt::join(kinds, ", "), near ? fmt::format("; did you mean \"{}\"?", *near) : ""));
        continue;
      }
      if (!is_reserved_certificate(found.argument) || found.argument == "leaf" || found.argument == "self") {
        use(pointer, found.argument);
      }
    }
  }

  bool has_server(std::string_view host) const {
    return std::any_of(scenario_.servers.begin(), scenario_.servers.end(), [&](const ScenarioServer& server) {
      return fold_host(server.spec.host) == fold_host(host);
    });
  }

  void check_placeholders() {
    check_text("/domain", scenario_.domain, Digests::refused);
    for (std::size_t i = 0; i < scenario_.dns.lines.size(); ++i) {
      check_text(fmt::format("/dns/{}", i), scenario_.dns.lines[i], Digests::allowed);
    }
    for (const auto& [id, request] : scenario_.certificates) {
      for (const auto& rdn : request.spec.subject) {
        for (const auto& attribute : rdn) {
          check_text(fmt::format("/certificates/{}/subject", id), attribute.value.octets, Digests::refused);
        }
      }
      for (const auto& name : request.spec.san.value_or(std::vector<certs::GeneralName>{})) {
        check_text(fmt::format("/certificates/{}/san", id), name.value, Digests::refused);
      }
    }
    for (const auto& server : scenario_.servers) {
      check_text(fmt::format("/servers/{}/banner", server.spec.host), server.spec.banner, Digests::refused);
      check_text(fmt::format("/servers/{}/ehlo", server.spec.host), server.spec.ehlo, Digests::refused);
    }
  }

  void check_unused() {
    for (const auto& [id, request] : scenario_.certificates) {
      if (!used_.contains(id))
        error("/certificates/" + id,
              "found a certificate that nothing uses, wanted a server that presents it");
    }
  }

  void check_pinned() {
    auto addresses = pinned_addresses(scenario_);
    std::sort(addresses.begin(), addresses.end());
    const auto twice = std::adjacent_find(addresses.begin(), addresses.end());
    if (twice != addresses.end())
      error("/servers", fmt::format("found the address {} twice, wanted each once", *twice));
  }

  const Scenario& scenario_;
  const JsonNode& root_;
  std::vector<ScenarioError>& errors_;
  std::set<std::string> used_;
};

}  // namespace

bool is_kebab(std::string_view text) {
  char last = '-';
  for (const char c : text) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!word && (c != '-' || last == '-')) return false;
    last = c;
  }
  return last != '-';
}

bool is_scenario_id(std::string_view text) {
  for (;;) {
    const std::size_t slash = text.find('/');
    if (!is_kebab(text.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    text.remove_prefix(slash + 1);
  }
}

bool is_reserved_certificate(std::string_view id) {
  return std::find(std::begin(kReserved), std::end(kReserved), id) != std::end(kReserved);
}

void check_dns_line(const JsonNode& node) {
  const std::string text = node.string();
  const auto line = split_dns_line(text);
  if (!line || text.find_first_of("\r\n") != std::string::npos) {
    node.fail(
        fmt::format("found \"{}\", wanted \"OWNER TYPE DATA\" like \"x.test. MX 10 mx.x.test.\"", text));
  }
  check_dns_name(node, line->owner, "the owner");
  const auto& types = dns_types();
  if (std::find(types.begin(), types.end(), line->type) == types.end() && !line->type.starts_with("TYPE")) {
    const auto near = nearest(line->type, types);
    node.fail(fmt::format("found the type \"{}\", wanted one of {}{}", line->type, fmt::join(types, ", "),
                          near ? fmt::format("; did you mean {}?", *near) : ""));
  }
  if (is_special(line->type)) return;
  if (line->data.empty()) node.fail(fmt::format("found no data for {} {}", line->owner, line->type));
  if (is_special(line->data[0])) return;
  if (line->type == "MX") {
    const bool number =
        line->data[0].size() <= 5 && line->data[0].find_first_not_of("0123456789") == std::string::npos;
    if (line->data.size() != 2 || !number || std::stoul(line->data[0]) > 65535) {
      node.fail(
          fmt::format("found \"{}\", wanted a preference and a host: \"x.test. MX 10 mx.x.test.\"", text));
    }
    check_dns_name(node, line->data[1], "the mail host");
  }
  if (line->type == "TLSA") check_tlsa(node, *line);
  if (line->type == "CNAME") check_dns_name(node, line->data[0], "the target");
}

void check_scenario(const Scenario& scenario, const JsonNode& root, std::vector<ScenarioError>& errors) {
  Checker(scenario, root, errors).run();
  check_about(scenario, root, errors);
  check_expectations(scenario, root, errors);
  // A world is only tried out for a scenario that is right in itself: what it says of others would repeat the
  // faults above.
  if (errors.empty()) check_world(scenario, root, errors);
}

}  // namespace mxident::harness
