#include "harness/cli/help.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "harness/cli/catalogue.hpp"
#include "harness/input/json_input.hpp"
#include "harness/text/wrap.hpp"

namespace mxident::harness::cli {
namespace {

constexpr std::size_t kDescription = 28;  ///< column

/// A name, and its description beside it, or below where the name is long.
std::string entry(const std::string& name, const std::string& description) {
  std::string out = "  " + name;
  if (description.empty()) return out + "\n";
  const bool beside = out.size() + 2 <= kDescription;
  out += beside ? std::string(kDescription - out.size(), ' ') : "\n" + std::string(kDescription, ' ');
  return out + wrapped(description, text_width(80), kDescription, kDescription) + "\n";
}

/// What CLI11 calls "UINT:INT in [1 - 64]" or "TEXT:{on,off}", as a reader wants it: "N (1-64)", "{on,off}".
std::string value_of(std::string type) {
  if (const auto choices = type.find('{'); choices != std::string::npos) return type.substr(choices);
  std::string range;
  if (const auto at = type.find(" in ["); at != std::string::npos)
    range = " " + CLI::detail::find_and_replace(type.substr(at + 4), " - ", "-");
  std::replace(range.begin(), range.end(), '[', '(');
  std::replace(range.begin(), range.end(), ']', ')');
  type.erase(std::min(type.find(':'), type.size()));
  return (type == "TEXT" ? type : "N") + range;
}

std::vector<std::string> names_of_commands(const CLI::App& app) {
  std::vector<std::string> out;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
    out.push_back(command->get_name());
  return out;
}

const CLI::App* command_named(const CLI::App& app, std::string_view name) {
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_name() == name) return command;
  }
  return nullptr;
}

/// A long name, also with one hyphen only; "-h" and "-1" are none.
bool is_option(std::string_view word) {
  const std::string_view name = word.substr(word.starts_with("--")  ? 2
                                            : word.starts_with('-') ? 1
                                                                    : word.size());
  return name.size() > 1 && ((name[0] >= 'a' && name[0] <= 'z') || (name[0] >= 'A' && name[0] <= 'Z'));
}

}  // namespace

CLI::Validator number_between(double low, double high) {
  const CLI::Range range(low, high);
  return {[range, low, high](std::string& text) -> std::string {
            double number = 0;
            if (CLI::detail::lexical_cast(text, number) && std::isnan(number))
              return fmt::format("Value {} not in range {:g} to {:g}", text, low, high);
            return range(text);
          },
          range.get_description()};
}

CLI::Validator not_negative() {
  return {[](std::string& text) { return CLI::NonNegativeNumber(text); }, ""};
}

CLI::Validator port_number() {
  const CLI::Range range(1, 65535);
  return {[range](std::string& text) { return range(text); }, ""};
}

/// CLI11 leaves two empty lines before a second group.
std::string HelpFormatter::make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const {
  return CLI::detail::find_and_replace(Formatter::make_help(app, std::move(name), mode), "\n\n\n", "\n\n");
}

/// Which options need or exclude each other is said when they do: with all of it the help of a command does
/// not fit a screen.
std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  if (option->get_type_name().empty()) return "";  // a flag
  std::string out = " " + value_of(option->get_type_name());
  if (!option->get_default_str().empty())
    out.insert(std::min(out.find(" ("), out.size()), "=" + option->get_default_str());
  if (option->get_expected_max() > 1) out += " ...";
  if (option->get_required()) out += " REQUIRED";
  return out;
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool is_positional) const {
  return entry(make_option_name(option, is_positional) + make_option_opts(option), make_option_desc(option));
}

std::string HelpFormatter::make_subcommand(const CLI::App* sub) const {
  return entry(sub->get_display_name(true), sub->get_description());
}

std::string HelpFormatter::make_description(const CLI::App* app) const {
  return wrapped(app->get_description(), text_width(80), 0) + "\n";
}

std::string HelpFormatter::make_footer(const CLI::App* app) const {
  std::string out;
  for (const std::string& line : CLI::detail::split(app->get_footer(), '\n'))
    out += wrapped(line, text_width(80), 0) + "\n";
  return out;
}

std::optional<std::string> unknown_command(const CLI::App& app, int argc, char** argv) {
  const CLI::App* at = &app;
  for (int i = 1; i < argc && argv[i][0] != '-'; ++i) {
    const auto known = names_of_commands(*at);
    if (known.empty()) return std::nullopt;  // what follows is this command's own
    const CLI::App* const next = command_named(*at, argv[i]);
    if (next == nullptr) {
      const auto near = nearest(argv[i], known);
      return fmt::format("found \"{}\", which is no command{}; wanted one of {}", printable(argv[i]),
                         near ? fmt::format(" (did you mean \"{}\"?)", *near) : "", fmt::join(known, ", "));
    }
    at = next;
  }
  return std::nullopt;
}

std::string stated_command(const CLI::App& app, int argc, char** argv) {
  std::string out = "mxident";
  const CLI::App* at = &app;
  for (int i = 1; i < argc; ++i) {
    const CLI::App* const next = command_named(*at, argv[i]);
    if (next == nullptr) break;
    at = next;
    out += fmt::format(" {}", argv[i]);
  }
  return out;
}

std::optional<std::string> unknown_option(const CLI::App& app, int argc, char** argv) {
  const CLI::App* at = &app;
  for (int i = 1; i < argc; ++i) {
    if (const CLI::App* const next = command_named(*at, argv[i])) {
      at = next;
      continue;
    }
    const std::string_view word = argv[i];
    const std::string name(word.substr(0, word.find('=')));
    if (!is_option(name)) continue;
    std::vector<std::string> known;
    for (const CLI::Option* option : at->get_options()) {
      for (const auto& long_name : option->get_lnames()) known.push_back("--" + long_name);
    }
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto near = nearest(name.starts_with("--") ? name : "-" + name, known);
    return fmt::format("found \"{}\", which is no option of \"{}\"{}", printable(name),
                       stated_command(app, argc, argv),
                       near ? fmt::format(" (did you mean \"{}\"?)", *near) : "");
  }
  return std::nullopt;
}

}  // namespace mxident::harness::cli
