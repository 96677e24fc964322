#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "harness/catalogue/check_scenario.hpp"
#include "harness/input/values.hpp"
#include "harness/scenario/placeholders.hpp"
#include "mocks/address_plan.hpp"
#include "mocks/world_parts.hpp"

namespace mxident::harness {
namespace {

/// Any time will do: signatures are only made when they are asked for.
constexpr std::int64_t kSomeTime = 1700000000;
constexpr std::uint32_t kSomeBlock = 1;
/// For a scenario that means its aliases to go in a circle.
constexpr std::string_view kMeantLoop = "cname-loop";

std::size_t hex_digits(std::string_view kind) {
  return kind.ends_with("-sha256") ? 64 : kind.ends_with("-sha512") ? 128 : 2;
}

class WorldChecker {
 public:
  WorldChecker(const Scenario& scenario, const JsonNode& root, std::vector<ScenarioError>& errors)
      : scenario_(scenario), root_(root), errors_(errors) {}

  void run() {
    check_policy_hosts();
    check_aliases();
    if (!errors_.empty()) return;
    std::vector<mocks::SmtpServerSpec> servers;
    for (const auto& server : scenario_.servers) servers.push_back(server.spec);
    attempt("/servers", [&] {
      plan_ = mocks::plan_world(servers, scenario_.mta_sts, kSomeBlock, mocks::Placement::namespaced);
    });
    if (errors_.empty()) check_zones();
  }

 private:
  void error(const std::string& pointer, std::string message) {
    errors_.push_back({root_.file(), pointer, std::move(message)});
  }

  template <typename Step>
  bool attempt(const std::string& pointer, const Step& step) {
    try {
      step();
      return true;
    } catch (const mocks::WorldError& fault) {
      error(pointer, fmt::format("found what no world can have: {}", fault.what()));
      return false;
    }
  }

  void check_policy_hosts() {
    for (const auto& sts : scenario_.mta_sts) {
      // The record stands at the longest of the names that a policy needs (RFC 8461 3.1).
      if (const std::string problem = host_problem("_mta-sts." + sts.domain); !problem.empty()) {
        error("/mta_sts", problem);
      }
      attempt("/mta_sts", [&] { mocks::StsService::make(sts); });
    }
  }

  /// RFC 1034 3.6.2: an alias has one target and nothing else; and it leads somewhere.
  void check_aliases() {
    struct Owner {
      std::size_t line;    ///< of its alias, or of its first record
      std::string target;  ///< empty: no alias
    };
    std::map<std::string, Owner> owners;
    for (std::size_t i = 0; i < scenario_.dns.lines.size(); ++i) {
      const auto line = split_dns_line(scenario_.dns.lines[i]);
      if (!line || line->data.empty()) continue;
      const bool alias = line->type == "CNAME" && line->data[0].ends_with(".");
      const auto [at, fresh] =
          owners.try_emplace(fold_host(line->owner), Owner{i, alias ? fold_host(line->data[0]) : ""});
      if (!fresh && (alias || !at->second.target.empty())) {
        error(fmt::format("/dns/{}", i),
              fmt::format("found a CNAME beside other records of {}, wanted either", line->owner));
      }
    }
    if (std::find(scenario_.tags.begin(), scenario_.tags.end(), kMeantLoop) != scenario_.tags.end()) return;
    std::set<std::string> told;
    for (const auto& [name, owner] : owners) {
      std::vector<std::string> path{name};
      std::string next = owner.target;
      while (!next.empty() && std::find(path.begin(), path.end(), next) == path.end()) {
        path.push_back(next);
        const auto at = owners.find(next);
        next = at == owners.end() ? "" : at->second.target;
      }
      if (next != name || told.contains(name)) continue;
      told.insert(path.begin(), path.end());
      path.push_back(next);
      error(fmt::format("/dns/{}", owner.line),
            fmt::format("found a cycle of aliases: {}; wanted an end, or the tag \"{}\" if it is meant",
                        fmt::join(path, " -> "), kMeantLoop));
    }
  }

  std::string filled(const std::string& line) const {
    return replace_placeholders(line, [&](const Placeholder& found) -> std::optional<std::string> {
      if (found.kind != "address") return std::string(hex_digits(found.kind), '0');
      for (const auto& [host, addresses] : plan_.hosts) {
        if (fold_host(host) == fold_host(found.argument)) return addresses.front();
      }
      return std::nullopt;
    });
  }

  /// What is wrong with a line quotes it; all else is about zones.
  static std::string place_of(std::string_view fault, const std::vector<std::string>& lines) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (fault.find(fmt::format("\"{}\"", std::string_view(lines[i]).substr(0, 200))) !=
          std::string_view::npos) {
        return fmt::format("/dns/{}", i);
      }
    }
    return "/dnssec";
  }

  void check_zones() {
    mocks::DnsContext context;
    for (const auto& [host, addresses] : plan_.hosts) context.addresses[fold_host(host)] = addresses;
    for (const auto& sts : scenario_.mta_sts) {
      if (sts.record) context.texts["_mta-sts." + fold_host(sts.domain)] = *sts.record;
    }
    context.authority_address = plan_.authority.front();
    context.clock = kSomeTime;
    mocks::DnsSpec spec;
    for (std::size_t i = 0; i < scenario_.dns.lines.size(); ++i) {
      spec.lines.push_back(filled(scenario_.dns.lines[i]));
    }
    spec.zones = scenario_.dns.zones;
    try {
      mocks::DnsService::make(spec, context);
    } catch (const mocks::WorldError& fault) {
      error(place_of(fault.what(), spec.lines),
            fmt::format("found what no world can have: {}", fault.what()));
    }
  }

  const Scenario& scenario_;
  const JsonNode& root_;
  std::vector<ScenarioError>& errors_;
  mocks::AddressPlan plan_;
};

}  // namespace

void check_world(const Scenario& scenario, const JsonNode& root, std::vector<ScenarioError>& errors) {
  WorldChecker(scenario, root, errors).run();
}

}  // namespace mxident::harness
