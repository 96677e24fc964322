#include <fmt/format.h>

#include <algorithm>

#include "harness/catalogue/check_scenario.hpp"

namespace mxident::harness {
namespace {

bool refuses(std::optional<Expected> expected) {
  return expected == Expected::reject || expected == Expected::none;
}

class ExpectationChecker {
 public:
  ExpectationChecker(const Scenario& scenario, const JsonNode& root, std::vector<ScenarioError>& errors)
      : scenario_(scenario), root_(root), errors_(errors) {}

  void run() {
    check_contradictions("/expect", scenario_.expect);
    for (const auto& [host, expect] : scenario_.expect_hosts) {
      const std::string pointer = "/expect_hosts/" + host;
      if (server_of(scenario_, host) == nullptr) {
        error(
            pointer,
            "found a host that is no server of this scenario, wanted one of \"servers\" or an alias of one");
      }
      check_contradictions(pointer, expect);
    }
    check_hosts_against_message();
  }

 private:
  void error(const std::string& pointer, std::string message) {
    errors_.push_back({root_.file(), pointer, std::move(message)});
  }

  void check_contradictions(const std::string& pointer, const Expectations& expect) {
    const auto at = [&](PolicyId policy) { return pointer + "/" + std::string(to_string(policy)); };
    for (const auto& policy : all_policies()) {
      const auto expected = expect.of(policy.id);
      if (policy.id == PolicyId::no_tls && expected == Expected::accept) {
        error(at(policy.id),
              "found \"accept\", wanted \"plaintext\": a client that never asks for TLS delivers in clear");
      }
      // dane and mta-sts fall back to opportunistic TLS where nothing is published (RFC 7672 2.2, RFC 8461
      // 5).
      const bool follows_data = policy.id == PolicyId::dane || policy.id == PolicyId::mta_sts;
      if (expected == Expected::plaintext && policy.tls == TlsDemand::required && !follows_data) {
        error(at(policy.id),
              "found \"plaintext\", wanted another decision: this policy never delivers in clear");
      }
    }
    check_order(pointer, expect);
  }

  /// Each policy asks for all that the one before asks for: nothing, TLS, a chain, a name. What a weak one
  /// cannot deliver, no stronger one can.
  void check_order(const std::string& pointer, const Expectations& expect) {
    constexpr PolicyId kWeakFirst[] = {PolicyId::opportunistic, PolicyId::encrypt, PolicyId::chain_only,
                                       PolicyId::rfc2818,       PolicyId::rfc6125, PolicyId::rfc7817,
                                       PolicyId::rfc9525,       PolicyId::nexthop};
    constexpr std::size_t kNameless = 3;  // of these: they are in order, the others are not
    for (std::size_t i = 1; i < std::size(kWeakFirst); ++i) {
      if (expect.of(kWeakFirst[i]) != Expected::accept) continue;
      for (std::size_t weaker = 0; weaker < std::min(i, kNameless); ++weaker) {
        if (!refuses(expect.of(kWeakFirst[weaker]))) continue;
        error(fmt::format("{}/{}", pointer, to_string(kWeakFirst[i])),
              fmt::format("found \"accept\" where {} cannot deliver, wanted what holds for it too",
                          to_string(kWeakFirst[weaker])));
        break;
      }
    }
  }

  /// A message is delivered if some host may take it, and what all hosts do with it is what becomes of it.
  void check_hosts_against_message() {
    const auto hosts = mail_hosts(scenario_);
    for (const auto& policy : all_policies()) {
      const auto message = scenario_.expect.of(policy.id);
      if (!message || hosts.empty()) continue;
      std::vector<std::optional<Expected>> by_host;
      for (const auto& host : hosts) {
        const auto found = scenario_.expect_hosts.find(fold_host(host));
        by_host.push_back(found == scenario_.expect_hosts.end() ? std::nullopt : found->second.of(policy.id));
      }
      const std::string pointer = "/expect/" + std::string(to_string(policy.id));
      if (*message == Expected::accept && std::all_of(by_host.begin(), by_host.end(), refuses)) {
        error(pointer, "found \"accept\", but expect_hosts refuses every mail host");
      } else if (refuses(message) && std::count(by_host.begin(), by_host.end(), Expected::accept) > 0) {
        error(pointer,
              fmt::format("found \"{}\", but expect_hosts accepts a mail host", to_string(*message)));
      } else if (hosts.size() == 1 && by_host[0] && *by_host[0] != *message) {
        error(pointer, fmt::format("found \"{}\", but expect_hosts says \"{}\" of the only mail host",
                                   to_string(*message), to_string(*by_host[0])));
      }
    }
  }

  const Scenario& scenario_;
  const JsonNode& root_;
  std::vector<ScenarioError>& errors_;
};

}  // namespace

void check_expectations(const Scenario& scenario, const JsonNode& root, std::vector<ScenarioError>& errors) {
  ExpectationChecker(scenario, root, errors).run();
}

}  // namespace mxident::harness
