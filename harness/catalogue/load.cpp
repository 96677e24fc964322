#include "harness/catalogue/load.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <map>

#include "harness/catalogue/check_scenario.hpp"
#include "harness/input/json_input.hpp"

namespace mxident::harness {
namespace {

namespace fs = std::filesystem;

/// "any/where/rfc9525/exact.json" for the id "rfc9525/exact".
bool ends_in(const fs::path& file, const std::string& id) {
  const std::string path = file.generic_string(), end = id + ".json";
  return path == end || path.ends_with(fmt::format("/{}", end));
}

LoadResult load_file(const fs::path& file, const std::string& id) {
  try {
    return parse_scenario(read_text_file(file, kMaxScenarioOctets), file.string(), id);
  } catch (const InputError& error) {
    return {std::nullopt, {to_scenario_error(error)}};
  }
}

/// The *.json files below a directory, sorted; those of folders called "schema" are no scenarios.
std::vector<fs::path> scenario_files(const fs::path& directory, std::vector<ScenarioError>& errors) {
  std::vector<fs::path> files;
  std::error_code error;
  fs::recursive_directory_iterator at(directory, error);
  for (const fs::recursive_directory_iterator end; !error && at != end; at.increment(error)) {
    if (at->is_directory(error) && at->path().filename() == "schema") {
      at.disable_recursion_pending();
    } else if (at->path().extension() == ".json") {
      files.push_back(at->path());
    }
  }
  if (error)
    errors.push_back(
        {directory.string(), "", fmt::format("cannot be read as a folder: {}", error.message())});
  std::sort(files.begin(), files.end());
  return files;
}

void append(Catalogue& catalogue, LoadResult result) {
  if (result.scenario) catalogue.scenarios.push_back(std::move(*result.scenario));
  for (auto& error : result.errors) catalogue.errors.push_back(std::move(error));
}

}  // namespace

LoadResult load_scenario(const fs::path& file) {
  LoadResult out = load_file(file, {});
  if (out.scenario && !ends_in(file, out.scenario->id)) {
    out.errors.push_back({file.string(), "/id",
                          fmt::format("found \"{}\", wanted the end of the file's path", out.scenario->id)});
    out.scenario.reset();
  }
  return out;
}

Catalogue load_catalogue(std::span<const fs::path> directories) {
  Catalogue out;
  for (const auto& directory : directories) {
    std::error_code error;
    if (fs::is_regular_file(directory, error)) {
      append(out, load_scenario(directory));
      continue;
    }
    for (const auto& file : scenario_files(directory, out.errors)) {
      const fs::path inside = file.lexically_relative(directory);
      append(out, load_file(file, inside.parent_path() / inside.stem()));
    }
  }
  std::stable_sort(out.scenarios.begin(), out.scenarios.end(),
                   [](const Scenario& a, const Scenario& b) { return a.id < b.id; });
  for (auto& error : check_together(out.scenarios)) out.errors.push_back(std::move(error));
  std::stable_sort(out.errors.begin(), out.errors.end(),
                   [](const ScenarioError& a, const ScenarioError& b) { return a.file < b.file; });
  return out;
}

std::vector<ScenarioError> check_together(std::span<const Scenario> scenarios) {
  std::vector<ScenarioError> errors;
  std::map<std::string, const Scenario*> ids, addresses;
  for (const auto& scenario : scenarios) {
    const auto [place, fresh] = ids.emplace(scenario.id, &scenario);
    if (!fresh) {
      errors.push_back({scenario.file.string(), "/id",
                        fmt::format("found \"{}\", which {} has too; wanted an id of its own", scenario.id,
                                    place->second->file.string())});
    }
    for (const auto& address : pinned_addresses(scenario)) {
      const auto [owner, first] = addresses.emplace(address, &scenario);
      if (!first) {
        errors.push_back({scenario.file.string(), "/servers",
                          fmt::format("found the address {}, which {} pins too; wanted one of its own",
                                      address, owner->second->file.string())});
      }
    }
  }
  return errors;
}

std::vector<ScenarioError> check_twins(std::span<const Scenario> scenarios) {
  std::vector<ScenarioError> errors;
  std::vector<std::string> known;
  for (const auto& scenario : scenarios) known.push_back(scenario.id);
  for (const auto& scenario : scenarios) {
    if (scenario.twin.empty() || std::find(known.begin(), known.end(), scenario.twin) != known.end())
      continue;
    const auto near = nearest(scenario.twin, known);
    errors.push_back({scenario.file.string(), "/twin",
                      fmt::format("found \"{}\", wanted the id of a scenario{}", scenario.twin,
                                  near ? fmt::format("; did you mean \"{}\"?", *near) : "")});
  }
  return errors;
}

std::vector<std::size_t> select(std::span<const Scenario> scenarios, std::span<const std::string> patterns,
                                std::vector<std::string>& unmatched) {
  std::vector<bool> chosen(scenarios.size(), patterns.empty());
  for (const auto& pattern : patterns) {
    const bool glob = pattern.find_first_of("*?[") != std::string::npos;
    const std::string folder = pattern.ends_with("/") ? pattern : pattern + "/";
    bool any = false;
    for (std::size_t i = 0; i < scenarios.size(); ++i) {
      const std::string& id = scenarios[i].id;
      const bool matches =
          glob ? fnmatch(pattern.c_str(), id.c_str(), 0) == 0 : id == pattern || id.starts_with(folder);
      if (!matches) continue;
      chosen[i] = true;
      any = true;
    }
    if (!any) unmatched.push_back(pattern);
  }
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (chosen[i]) out.push_back(i);
  }
  return out;
}

}  // namespace mxident::harness
