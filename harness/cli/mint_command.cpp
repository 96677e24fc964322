#include "harness/cli/mint_command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <memory>

#include "certs/summary.hpp"
#include "harness/input/json_input.hpp"
#include "harness/results/writer.hpp"
#include "harness/world/world_builder.hpp"

namespace mxident::harness::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSummaryHead = "Minted by mxident for tests";

struct MintOptions {
  std::string scenario, output;
  std::vector<std::string> directories;
};

enum class Secret { no, yes };
struct OutputFile {
  std::string name, text;
  Secret secret = Secret::no;
};

std::vector<OutputFile> files_of(const Scenario& scenario) {
  certs::KeyPool keys(2);
  const certs::Authority authority = certs::Authority::make(keys);
  // Block 1 as in a world of its own: addresses in certificates are those that a first world would have.
  const auto chains = mint_certificates(scenario, 1, mocks::Placement::namespaced, authority, keys);
  std::string summary =
      fmt::format("{}: {}\n{}\nkeys and signatures are new at each mint; do not use them for anything else\n",
                  kSummaryHead, scenario.id, printable(scenario.title));
  std::vector<OutputFile> out{{"root.pem", authority.root.pem()},
                              {"unknown-ca.pem", authority.unknown_root.pem()}};
  for (const auto& [id, chain] : chains) {
    out.push_back({id + ".pem", certs::pem_chain(chain)});
    out.push_back({id + ".crt", chain.leaf.pem()});
    out.push_back({id + ".key", chain.leaf.key.pem(), Secret::yes});
    summary += fmt::format("\n{}.crt ({}.pem holds the {} certificates that a server sends)\n{}", id, id,
                           chain.sends.size(), certs::summary(chain.leaf.der));
  }
  summary += fmt::format("\nroot.pem\n{}", certs::summary(authority.root.der));
  out.push_back({"summary.txt", std::move(summary)});
  return out;
}

bool minted_before(const fs::path& directory) {
  std::ifstream in(directory / "summary.txt");
  std::string line;
  return std::getline(in, line) && line.starts_with(kSummaryHead);
}

void write(const fs::path& file, const OutputFile& content) {
  std::error_code error;
  fs::remove(file, error);  // a new file: never through a link, never with an older file's permissions
  std::ofstream out(file, std::ios::binary);
  if (content.secret == Secret::yes)
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write, error);
  out << content.text;
  out.close();
  if (!out)
    throw OutputError(
        fmt::format("{}: could not be written, wanted a folder with room and permission", file.string()));
}

}  // namespace

std::vector<fs::path> mint_to(const Scenario& scenario, const fs::path& directory) {
  make_folder(directory);
  std::error_code error;
  const auto files = files_of(scenario);
  if (!minted_before(directory)) {
    for (const auto& file : files) {
      if (fs::exists(fs::symlink_status(directory / file.name, error))) {
        throw InputError((directory / file.name).string(), "",
                         "is there and was not minted here, wanted another folder");
      }
    }
  }
  std::vector<fs::path> written;
  for (const auto& file : files) {
    write(directory / file.name, file);
    written.push_back(directory / file.name);
  }
  return written;
}

void add_mint_command(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<MintOptions>();
  CLI::App* command = app.add_subcommand("mint", "Write a scenario's certificates and keys");
  command->add_option("scenario", options->scenario, "Id, or a scenario file")->required();
  command->add_option("--output", options->output, "Folder to write to")->required();
  command
      ->add_option("--scenarios", options->directories, "Folder of scenarios, in place of the shipped ones")
      ->allow_extra_args(false);
  command->footer("Example: mxident mint rfc9525/exact-name --output minted");
  command->callback([options, &invocation] {
    for (const auto& file :
         mint_to(find_scenario(options->scenario, options->directories), options->output)) {
      fmt::print("{}\n", file.string());
    }
    invocation.exit_code = kExitOk;
  });
}

}  // namespace mxident::harness::cli
