// --help in lines that fit a terminal, and command lines that name no command.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

namespace mxident::harness::cli {

/// As CLI::Range, but "nan", which lies in every range of CLI11's, is no number.
CLI::Validator number_between(double low, double high);
/// CLI11 takes "-1" for the largest number that there is.
CLI::Validator not_negative();

/// A port that one can connect to. Says nothing in --help.
CLI::Validator port_number();

/// Wraps what CLI11 prints in lines without end.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
  std::string make_option(const CLI::Option* option, bool is_positional) const override;
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_subcommand(const CLI::App* sub) const override;
  std::string make_description(const CLI::App* app) const override;
  std::string make_footer(const CLI::App* app) const override;
};

/// The first word that ought to be a command and is none, as one sentence; also where --help stands behind
/// it.
std::optional<std::string> unknown_command(const CLI::App& app, int argc, char** argv);

/// The first word that looks like an option and is none of the command's, as one sentence.
std::optional<std::string> unknown_option(const CLI::App& app, int argc, char** argv);

/// "mxident baseline record": whose --help is the one to read.
std::string stated_command(const CLI::App& app, int argc, char** argv);

}  // namespace mxident::harness::cli
