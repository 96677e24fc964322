// The catalogue against the zoo: every bug is found with its outcome, and the correct client is never blamed.
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>
#include <set>

#include "harness/adequacy/adequacy.hpp"
#include "harness/catalogue/load.hpp"

namespace mxident::harness::zoo {
namespace {

TEST(ZooTest, HasFortyBugsOfDifferentNames) {
  std::set<std::string_view> ids;
  for (const Bug& bug : bugs()) ids.insert(bug.id);
  EXPECT_EQ(ids.size(), bugs().size());
  EXPECT_GE(bugs().size(), 40u);
}

// One test, because all clients share the worlds of one pass over the catalogue.
TEST(ZooTest, EveryBugIsCaughtAndTheCorrectClientIsNot) {
  const std::filesystem::path directory = MXIDENT_SOURCE_DIR "/scenarios";
  const Catalogue catalogue = load_catalogue({&directory, 1});
  ASSERT_TRUE(catalogue.errors.empty()) << catalogue.errors.front().text();
  const Adequacy adequacy = measure(catalogue.scenarios);
  std::cout << table_of(adequacy);
  EXPECT_GT(adequacy.scenarios, catalogue.scenarios.size() * 9 / 10);
  for (const auto& fault : adequacy.faults) ADD_FAILURE() << "the correct client: " << fault;
  for (const Bug& bug : bugs()) {
    EXPECT_FALSE(adequacy.bugs[static_cast<std::size_t>(bug.bug)].caught_by.empty())
        << bug.id << " (" << bug.sentence << ") is never " << to_string(bug.outcome);
  }
}

}  // namespace
}  // namespace mxident::harness::zoo
