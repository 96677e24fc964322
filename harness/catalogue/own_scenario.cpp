#include "harness/catalogue/own_scenario.hpp"

#include <stdexcept>

#include "harness/catalogue/load.hpp"

namespace mxident::harness {

Scenario own_scenario(const DocumentBuilder& document) {
  LoadResult loaded = read_scenario(document.json(), "(built in)");
  if (!loaded.scenario) throw std::logic_error(loaded.errors.front().text());
  return std::move(*loaded.scenario);
}

}  // namespace mxident::harness
