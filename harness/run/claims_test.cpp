#include "harness/run/claims.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "harness/input/json_input.hpp"

namespace mxident::harness {
namespace {

struct ClaimsRow {
  const char* name;
  Daemon::Claims first, second;
  const char* place;  // of the second one's claim that the first one has; "": none
};
void PrintTo(const ClaimsRow& row, std::ostream* out) {
  *out << row.name;
}

class TwoDaemons : public testing::TestWithParam<ClaimsRow> {};

TEST_P(TwoDaemons, MayNotClaimTheSame) {
  Client client;
  client.manifest.id = "acme";
  ClientMode a, b;
  a.id = "a";
  b.id = "b";
  a.daemon.emplace().claims = GetParam().first;
  b.daemon.emplace().claims = GetParam().second;
  b.daemon->claims.file = "acme.json";
  b.daemon->claims.pointer = "/modes/1/daemon/claims";
  const ClientColumn columns[] = {{&client, &a, "", "", ""}, {&client, &b, "", "", ""}};
  std::string place, file;
  try {
    check_claims(columns);
  } catch (const InputError& error) {
    place = error.place();
    file = error.file();
  }
  EXPECT_EQ(place, GetParam().place);
  EXPECT_EQ(file, place.empty() ? "" : "acme.json");
}

using Names = std::vector<std::string>;

Daemon::Claims claims(Names addresses, Names domains, Names hosts) {
  Daemon::Claims out;
  out.addresses = std::move(addresses);
  out.domains = std::move(domains);
  out.hosts = std::move(hosts);
  return out;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, TwoDaemons,
    testing::Values(ClaimsRow{"nothing", {}, {}, ""},
                    ClaimsRow{"different", claims({"192.0.2.1"}, {"a.test"}, {}),
                              claims({"192.0.2.2"}, {"b.test"}, {}), ""},
                    ClaimsRow{"one_domain", claims({}, {"a.test"}, {}), claims({}, {"b.test", "A.test."}, {}),
                              "/modes/1/daemon/claims/domains/1"},
                    ClaimsRow{"domain_and_host", claims({}, {"a.test"}, {}), claims({}, {}, {"a.test"}),
                              "/modes/1/daemon/claims/hosts/0"},
                    ClaimsRow{"address_in_two_spellings", claims({"2001:db8::1"}, {}, {}),
                              claims({"2001:DB8:0::1"}, {}, {}), "/modes/1/daemon/claims/addresses/0"},
                    ClaimsRow{"twice_by_one", {}, claims({}, {"a.test", "a.test"}, {}), ""}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace mxident::harness
