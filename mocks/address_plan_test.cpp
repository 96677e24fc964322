#include "mocks/address_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mxident::mocks {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

SmtpServerSpec server(const std::string& host, std::vector<ServerAddress> addresses = {}) {
  SmtpServerSpec out;
  out.host = host;
  out.addresses = std::move(addresses);
  return out;
}

StsSpec policy(const std::string& domain) {
  StsSpec out;
  out.domain = domain;
  return out;
}

std::string fault(const std::vector<SmtpServerSpec>& servers, std::uint32_t block = 258) {
  try {
    plan_world(servers, {}, block, Placement::namespaced);
  } catch (const WorldError& error) {
    return error.what();
  }
  return "";
}

TEST(AddressPlan, OutsideTheBlockIsTheFirstAddress) {
  const auto plan = plan_world({server("a.test"), server("b.test", {{}, {}})}, {policy("x.test")}, 0x0a090010,
                               Placement::outside);
  EXPECT_THAT(plan.hosts.at("a.test"), ElementsAre("10.9.0.16"));
  EXPECT_THAT(plan.hosts.at("b.test"), ElementsAre("10.9.0.17", "10.9.0.18"));
  EXPECT_THAT(plan.hosts.at("mta-sts.x.test"), ElementsAre("10.9.0.19"));
}

TEST(AddressPlan, SaysWhatThereIsNotOutside) {
  const auto why = [](std::vector<ServerAddress> addresses) -> std::string {
    try {
      plan_world({server("a.test", std::move(addresses))}, {}, 0x0a090010, Placement::outside);
    } catch (const WorldError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(why({{.ipv6 = true}}), HasSubstr("IPv6"));
  EXPECT_THAT(why({{.text = "192.0.2.7"}}), HasSubstr("192.0.2.7, which is within reach in a sandbox only"));
  EXPECT_THAT(why(std::vector<ServerAddress>(kOutsideAddresses + 1)), HasSubstr("no address is left"));
}

TEST(AddressPlan, AllotsInTheOrderOfTheSpec) {
  const auto plan =
      plan_world({server("a.test"), server("b.test", {{}, {.ipv6 = true}, {.text = "192.0.2.7"}})},
                 {policy("X.test."), policy("y.test")}, 258, Placement::namespaced);
  EXPECT_THAT(plan.hosts.at("a.test"), ElementsAre("127.1.2.1"));
  EXPECT_THAT(plan.hosts.at("b.test"), ElementsAre("127.1.2.2", "fd6d:7864:1:2::1", "192.0.2.7"));
  EXPECT_THAT(plan.hosts.at("mta-sts.x.test"), ElementsAre("127.1.2.200"));
  EXPECT_THAT(plan.hosts.at("mta-sts.y.test"), ElementsAre("127.1.2.201"));
  EXPECT_THAT(plan.resolver, ElementsAre("127.1.2.53", "fd6d:7864:1:2::53"));
  EXPECT_THAT(plan.authority, ElementsAre("127.1.2.54", "fd6d:7864:1:2::54"));
}

TEST(AddressPlan, LeavesTheNameServersOut) {
  std::vector<SmtpServerSpec> servers;
  for (int i = 1; i <= 60; ++i) servers.push_back(server("h" + std::to_string(i)));
  const auto hosts = plan_world(servers, {}, 65000, Placement::namespaced).hosts;
  EXPECT_THAT(hosts.at("h52"), ElementsAre("127.253.232.52"));
  EXPECT_THAT(hosts.at("h53"), ElementsAre("127.253.232.55"));
}

TEST(AddressPlan, LoopbackHasOneAddressForAll) {
  const auto plan =
      plan_world({server("a.test", {{}, {.text = "192.0.2.7"}})}, {policy("x.test")}, 1, Placement::loopback);
  EXPECT_THAT(plan.hosts.at("a.test"), ElementsAre("127.0.0.1", "127.0.0.1"));
  EXPECT_THAT(plan.hosts.at("mta-sts.x.test"), ElementsAre("127.0.0.1"));
  EXPECT_THAT(plan.resolver, ElementsAre("127.0.0.1"));
}

TEST(AddressPlan, FaultsAreNamed) {
  EXPECT_THAT(fault({server("a.test", {{.text = "192.0.2.300"}})}),
              HasSubstr("\"192.0.2.300\" is no address"));
  EXPECT_THAT(fault({server("a.test", {{.text = "192.0.2.3"}, {.text = "192.0.2.3"}})}),
              HasSubstr("192.0.2.3"));
  EXPECT_THAT(
      fault({server("a.test", {{.text = "2001:db8::1"}}), server("b.test", {{.text = "2001:DB8:0::1"}})}),
      HasSubstr("2001:db8::1 of b.test is there twice"));
  EXPECT_THAT(fault({server("a.test"), server("b.test", {{.text = "127.1.2.1"}})}), HasSubstr("127.1.2.1"));
  EXPECT_THAT(fault({server("a.test"), server("A.TEST.")}), HasSubstr("host A.TEST. is there twice"));
  EXPECT_THAT(fault({}, 0), HasSubstr("block 0"));
  EXPECT_THAT(fault({}, 65001), HasSubstr("block 65001"));
  EXPECT_THAT(fault({server("a.test", std::vector<ServerAddress>(198))}), HasSubstr("more server addresses"));
  EXPECT_EQ(fault({server("a.test", std::vector<ServerAddress>(197))}), "");
}

TEST(AddressPlan, PinnedAddressesAreThoseOfTheSpec) {
  WorldSpec spec;
  spec.servers = {server("a.test", {{}, {.text = "192.0.2.7"}}), server("b.test", {{.text = "2001:db8::1"}})};
  EXPECT_THAT(Internet::pinned_addresses(spec), ElementsAre("192.0.2.7", "2001:db8::1"));
}

}  // namespace
}  // namespace mxident::mocks
