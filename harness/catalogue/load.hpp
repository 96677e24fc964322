// From JSON files to scenarios. Strict: what is not known is an error, and every error says where, what was
// found and what was wanted. Nothing here throws for bad input.
#pragma once

#include <cstddef>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/scenario.hpp"

namespace mxident::harness {

inline constexpr std::size_t kMaxScenarioOctets = 1 << 20;
inline constexpr std::size_t kMaxScenarioDepth = 24;
inline constexpr std::size_t kMaxObjectKeys = 1000;
inline constexpr std::size_t kMaxScenarioErrors = 50;  ///< of one file; then it is given up

class ScenarioError {
 public:
  std::string file;
  std::string
      pointer;  ///< JSON pointer, or "LINE:COLUMN" for text that is no JSON; may be empty: the whole file
  std::string message;       ///< one sentence without final stop
  std::string text() const;  ///< "FILE: at POINTER: MESSAGE"
};

struct LoadResult {
  std::optional<Scenario> scenario;  ///< only if there are no errors
  std::vector<ScenarioError> errors;
};

/// `id` is what the file's place demands; empty: any id will do.
LoadResult parse_scenario(std::string_view text, const std::string& file, std::string_view id = {});
/// The same of a document that was made here and not read: its size and depth have no limit.
LoadResult read_scenario(nlohmann::json document, const std::string& file, std::string_view id = {});

/// The id must be the end of the path: "any/where/rfc9525/exact.json" holds "rfc9525/exact" or "exact".
LoadResult load_scenario(const std::filesystem::path& file);

struct Catalogue {
  std::vector<Scenario> scenarios;    ///< sorted by id; those without errors
  std::vector<ScenarioError> errors;  ///< of all files, sorted by file
};

/// Every *.json below the directories, but for folders called "schema". The id is the path inside the
/// directory. Ids must be unique over all directories, pinned addresses too, and twins must exist.
Catalogue load_catalogue(std::span<const std::filesystem::path> directories);

/// Errors between scenarios: ids used twice, addresses pinned twice.
std::vector<ScenarioError> check_together(std::span<const Scenario> scenarios);

/// Twins that are not there. No error of loading: somebody's own scenario may name a shipped one.
std::vector<ScenarioError> check_twins(std::span<const Scenario> scenarios);

/// Shell patterns on ids: `*` also crosses '/', `?`, `[...]`. A pattern without these must be an id, or the
/// folder of some. No pattern: all. Indices in order; `unmatched` gets the patterns that select nothing.
std::vector<std::size_t> select(std::span<const Scenario> scenarios, std::span<const std::string> patterns,
                                std::vector<std::string>& unmatched);

}  // namespace mxident::harness
