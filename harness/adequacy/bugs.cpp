#include "harness/adequacy/bugs.hpp"

#include <array>

namespace mxident::harness::zoo {
namespace {

constexpr std::array<Bug, kBugCount> kBugs{{
#define MXIDENT_ZOO_ROW(name, id, place, outcome, sentence) \
  {BugId::name, id, BugPlace::place, Outcome::outcome, sentence},
    MXIDENT_ZOO_BUGS(MXIDENT_ZOO_ROW)
#undef MXIDENT_ZOO_ROW
}};

}  // namespace

std::span<const Bug> bugs() {
  return kBugs;
}

}  // namespace mxident::harness::zoo
