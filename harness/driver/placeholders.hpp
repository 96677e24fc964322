// Placeholders of manifests: "{mx_host}" and friends; "{{" and "}}" are literal braces.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace mxident::harness {

using PlaceholderValues = std::map<std::string, std::string, std::less<>>;

/// Names that a manifest may use (design: interfaces, client manifest).
bool is_placeholder(std::string_view name);

/// The first placeholder in a template without faults whose value differs from cell to cell.
std::optional<std::string> first_placeholder_of_a_cell(std::string_view text);

/// The first one whose value differs from message to message of a daemon, which has one work directory and
/// one name server for all.
std::optional<std::string> first_placeholder_of_a_message(std::string_view text);

/// The first fault of a template: "unknown placeholder {foo}" or "unbalanced brace"; nullopt if there is
/// none.
std::optional<std::string> placeholder_fault(std::string_view text);

/// Value of {mxident}: the program that runs, wherever it was built or installed.
std::string own_program();

/// Text with every placeholder replaced. A known placeholder without a value becomes empty. Values are not
/// expanded again. The text must be free of faults.
std::string expand_placeholders(std::string_view text, const PlaceholderValues& values);

}  // namespace mxident::harness
