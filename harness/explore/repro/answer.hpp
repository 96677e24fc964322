// The page that answers a complaint: three names, policies, who does what, who is right, what to change.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/explore/repro/situation.hpp"
#include "harness/results/result.hpp"

namespace mxident::harness::repro {

struct Answer {
  Situation situation;
  Reading reading;
  std::vector<CellResult> cells;       ///< of the complaint
  std::vector<CellResult> twin_cells;  ///< of the server with a right certificate
};

/// One JSON object (schema "mxident-repro/1"); the page is made of it.
nlohmann::ordered_json json_of(const Answer& answer);
/// The part of text_of() about a text that does not say enough for an answer.
std::string text_of(const Reading& reading, std::size_t width);
std::string text_of(const nlohmann::ordered_json& answer, std::size_t width);

}  // namespace mxident::harness::repro
