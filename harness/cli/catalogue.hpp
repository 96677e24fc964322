// What the commands that look things up share: the catalogue, ids with their nearest neighbours, printable
// names.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/driver/manifest.hpp"
#include "harness/scenario/presented_names.hpp"
#include "harness/scenario/scenario.hpp"
#include "harness/text/printable.hpp"

namespace mxident::harness::cli {

/// Scenarios of these folders; of the shipped one if there are none. Errors but for the last go to stderr,
/// the last one is thrown as InputError.
std::vector<Scenario> load_scenarios(const std::vector<std::string>& directories);

/// By id, or from a file "x.json" of its own; other files may be broken. nullopt: no such id, and `others`
/// are those that there are. Throws InputError.
std::optional<Scenario> look_up_scenario(const std::string& id_or_file,
                                         const std::vector<std::string>& directories,
                                         std::vector<Scenario>& others);
/// The same; throws InputError with the nearest id.
Scenario find_scenario(const std::string& id_or_file, const std::vector<std::string>& directories);

/// With blanks up to a width in octets.
std::string padded(std::string_view text, std::size_t width);

/// What a policy demands, in one line.
std::string describe(const Policy& policy);

/// What is known of a client beyond its manifest: its version on this machine, or why it cannot run. May be
/// empty.
using ClientState = std::function<std::string(const Manifest&)>;

}  // namespace mxident::harness::cli
