// When a bug of the dialogue can show: most of them need something odd.
#pragma once

#include "harness/adequacy/client.hpp"
#include "harness/judge/judge.hpp"

namespace mxident::harness::zoo {

/// False where the client with the bug does what the correct one does, which is not run again then.
/// `correct`, `judgement`: of that one in this scenario.
bool has_occasion(BugId bug, const Scenario& scenario, const ClientRun& correct, const Judgement& judgement);

}  // namespace mxident::harness::zoo
