#include "harness/driver/says.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace mxident::harness {
namespace {

const std::filesystem::path kSource = MXIDENT_SOURCE_DIR;

Says example() {
  Says says;
  says.verified = {"Verified", {}};
  says.rejected = {"", {60}};
  says.layers["chain"] = {{"code: 0", {}}, {"num=(?!62)", {}}};
  return says;
}

TEST(Said, RejectionOutranksAClaim) {
  EXPECT_EQ(said(example(), {"Verified", 0}), "verified");
  EXPECT_EQ(said(example(), {"Verified", 60}), "rejected");
  EXPECT_EQ(said(example(), {"nothing", 1}), "");
}

TEST(SaidLayer, FailedOutranksOk) {
  EXPECT_EQ(said_layer(example(), "chain", {"code: 0", 0}), LayerState::ok);
  EXPECT_EQ(said_layer(example(), "chain", {"num=20 code: 0", 0}), LayerState::failed);
  EXPECT_EQ(said_layer(example(), "chain", {"num=62 code: 0", 0}), LayerState::ok);
  EXPECT_EQ(said_layer(example(), "chain", {"", 0}), LayerState::unknown);
  EXPECT_EQ(said_layer(example(), "name", {"code: 0", 0}), LayerState::unknown);
}

TEST(Holds, CostlyPatternOnHostileOutputEnds) {
  const std::string output(200000, 'a');
  EXPECT_FALSE(holds({"(a*)*b(a*)*c", {}}, {output, 0}));
}

TEST(FirstGroup, VersionOfAProgram) {
  EXPECT_EQ(first_group("OpenSSL ([0-9.]+)", "OpenSSL 3.0.22 25 Aug"), "3.0.22");
  EXPECT_EQ(first_group("OpenSSL ([0-9.]+)", "LibreSSL"), "");
}

/// What a client printed for one cause, of fixtures/client-words.json.
struct Sentence {
  std::string client, mode, cause, output;
  friend void PrintTo(const Sentence& row, std::ostream* out) { *out << row.output; }
};

std::vector<Sentence> sentences() {
  std::ifstream file(kSource / "fixtures/client-words.json");
  std::vector<Sentence> out;
  const nlohmann::json all = nlohmann::json::parse(file);  // a name: the loop outlives a temporary
  for (const auto& [column, causes] : all.items()) {
    const std::size_t colon = column.find(':');
    for (const auto& [cause, output] : causes.items())
      out.push_back({column.substr(0, colon), column.substr(colon + 1), cause, output.get<std::string>()});
  }
  return out;
}

const std::set<std::string> kOfTheChain{"unknown-ca", "expired", "self-signed", "not-yet-valid", "usage"};

class ShippedSentence : public testing::TestWithParam<Sentence> {};

TEST_P(ShippedSentence, NamesTheLayerThatDecided) {
  const Sentence& row = GetParam();
  const Manifest manifest = load_manifest(kSource / "harness/clients" / row.client / "client.json");
  const auto mode = std::find_if(manifest.modes.begin(), manifest.modes.end(),
                                 [&](const auto& m) { return m.id == row.mode; });
  ASSERT_NE(mode, manifest.modes.end());
  const LayerState chain = said_layer(mode->says, "chain", {row.output, 1});
  const LayerState name = said_layer(mode->says, "name", {row.output, 1});
  const bool reached = said_layer(mode->says, "handshake", {row.output, 1}) == LayerState::ok;
  EXPECT_EQ(reached, row.cause == "certificate") << "one sentence for all that is wrong with a certificate";
  EXPECT_EQ(holds(mode->says.crashed, {row.output, 0}), row.cause == "crashed");
  if (row.cause == "wrong-name") {
    EXPECT_EQ(name, LayerState::failed);
    EXPECT_NE(chain, LayerState::failed);
  } else if (kOfTheChain.contains(row.cause)) {
    EXPECT_EQ(chain, LayerState::failed);
    EXPECT_EQ(name, LayerState::unknown);
  } else {
    // Without a certificate nothing is known of one, whatever "Verification: OK" says.
    const std::set<std::string> others{"no-starttls", "refused", "handshake", "crashed", "certificate"};
    EXPECT_TRUE(others.contains(row.cause)) << row.cause;
    EXPECT_EQ(chain, LayerState::unknown);
    EXPECT_EQ(name, LayerState::unknown);
  }
}

std::string row_name(const testing::TestParamInfo<Sentence>& info) {
  std::string name = info.param.client + "_" + info.param.mode + "_" + info.param.cause;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(ClientWords, ShippedSentence, testing::ValuesIn(sentences()), row_name);

/// Clients that print nothing of their own for a cause that their patterns speak of, and why.
const std::map<std::pair<std::string, std::string>, std::string> kSilent = {
    {{"gnutls-cli", "refused"}, "quotes the server and adds nothing"},
    {{"perl-net-smtp-tls", "refused"}, "is run against addresses, and no server of these refuses STARTTLS"},
    {{"sendemail", "refused"}, "is run against addresses, and no server of these refuses STARTTLS"},
};

TEST(ShippedSentences, EveryClientThatSpeaksOfLayersHasOneForEachCause) {
  std::map<std::string, std::set<std::string>> known;
  for (const auto& row : sentences()) known[row.client].insert(row.cause);
  for (const auto& manifest : load_manifests(kSource / "harness/clients")) {
    std::set<std::string> wanted;
    for (const auto& mode : manifest.modes) {
      // mxident's own words are tested where they are written.
      if (mode.says.layers.empty() || (!mode.command.empty() && mode.command.front() == "{mxident}"))
        continue;
      wanted.insert({"no-starttls", "refused"});
      if (mode.says.layers.count("chain") > 0) wanted.insert({"unknown-ca", "expired"});
      if (mode.says.layers.count("name") > 0) wanted.insert("wrong-name");
    }
    for (const auto& cause : wanted) {
      const bool has = known[manifest.id].count(cause) > 0 || kSilent.count({manifest.id, cause}) > 0;
      EXPECT_TRUE(has) << manifest.id << ": " << cause;
    }
  }
}

TEST(ShippedManifests, WhereTheChainAloneIsCheckedNoNameIsSaidToBeRight) {
  for (const auto& manifest : load_manifests(kSource / "harness/clients")) {
    for (const auto& mode : manifest.modes) {
      const auto name = mode.says.layers.find("name");
      if (mode.policy.id != PolicyId::chain_only || name == mode.says.layers.end()) continue;
      EXPECT_TRUE(name->second.ok.empty()) << manifest.id << ':' << mode.id;
    }
  }
}

}  // namespace
}  // namespace mxident::harness
