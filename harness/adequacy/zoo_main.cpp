// Prints the adequacy table: mxident_zoo SCENARIO_DIR. With a second argument it writes the name cases to
// that file instead (name_cases.hpp). Exit code 1 if a bug survives or the correct client is at fault.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "harness/adequacy/adequacy.hpp"
#include "harness/adequacy/name_cases.hpp"
#include "harness/catalogue/load.hpp"

int main(int argc, char** argv) {
  using namespace mxident::harness;
  if (argc != 2 && argc != 3) {
    fmt::print(stderr, "usage: mxident_zoo SCENARIO_DIR [NAME_CASES_FILE]\n");
    return 2;
  }
  const std::filesystem::path directory = argv[1];
  const Catalogue catalogue = load_catalogue({&directory, 1});
  for (const auto& error : catalogue.errors) fmt::print(stderr, "{}\n", error.text());
  if (!catalogue.errors.empty()) return 2;
  if (argc == 3) {
    std::ofstream out(argv[2]);
    fmt::print("{} cases\n", zoo::write_name_cases(catalogue.scenarios, out));
    out.close();
    return out ? 0 : 2;
  }
  const zoo::Adequacy adequacy = zoo::measure(catalogue.scenarios);
  fmt::print("{}", zoo::table_of(adequacy));
  for (const auto& fault : adequacy.faults) fmt::print("correct client: {}\n", fault);
  const bool all_caught = std::none_of(adequacy.bugs.begin(), adequacy.bugs.end(),
                                       [](const auto& bug) { return bug.caught_by.empty(); });
  return all_caught && adequacy.faults.empty() ? 0 : 1;
}
