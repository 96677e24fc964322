#include "harness/run/wanted.hpp"

#include <gtest/gtest.h>

#include <ostream>

#include "harness/input/json_input.hpp"

namespace mxident::harness {
namespace {

struct Asking {
  const char* name;
  std::vector<std::string> asked, found;
};
void PrintTo(const Asking& row, std::ostream* out) {
  *out << row.name;
}

class WantedClients : public testing::TestWithParam<Asking> {};

TEST_P(WantedClients, HaveEachModeOnce) {
  std::vector<std::string> found;
  for (const auto& one : wanted_clients(GetParam().asked)) found.push_back(one.manifest.id + ":" + one.mode);
  EXPECT_EQ(found, GetParam().found);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, WantedClients,
    testing::Values(Asking{"modes", {"curl:ssl", "curl:ssl-reqd"}, {"curl:ssl", "curl:ssl-reqd"}},
                    Asking{"mode_twice", {"curl:ssl", "curl:ssl"}, {"curl:ssl"}},
                    Asking{"client_twice", {"curl", "curl"}, {"curl:"}},
                    Asking{"mode_behind_its_client", {"curl", "curl:ssl"}, {"curl:"}},
                    Asking{"modes_before_their_client",
                           {"curl:ssl", "swaks:tls", "curl:ssl-reqd", "curl"},
                           {"swaks:tls", "curl:"}}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(WantedClients, ATagBesideAClientThatHasIt) {
  EXPECT_EQ(wanted_clients({"mta:*", "exim:dane"}).size(), wanted_clients({"mta:*"}).size());
}

TEST(WantedClients, TwoManifestsOfOneIdAreRefusedBeforeAnythingRuns) {
  EXPECT_THROW(wanted_clients({"curl", MXIDENT_SOURCE_DIR "/harness/clients/curl/client.json"}), InputError);
}

}  // namespace
}  // namespace mxident::harness
