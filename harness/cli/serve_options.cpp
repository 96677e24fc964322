#include "harness/cli/serve_options.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "harness/input/json_input.hpp"
#include "harness/text/printable.hpp"

namespace mxident::harness::cli {
namespace {

constexpr const char* kListen = "--listen";
constexpr unsigned kWidest = 8, kNarrowest = 27;  // 27: one scenario and the resolver

struct Network {
  std::uint32_t first;
  unsigned prefix;
};

/// Where only neighbours can come from: this machine, RFC 1918, RFC 3927, RFC 6598.
bool is_private(const Network& network) {
  constexpr std::array<Network, 6> kPrivate{{{0x7f000000, 8},
                                             {0x0a000000, 8},
                                             {0xac100000, 12},
                                             {0xc0a80000, 16},
                                             {0xa9fe0000, 16},
                                             {0x64400000, 10}}};
  return std::any_of(kPrivate.begin(), kPrivate.end(), [&](const Network& known) {
    return network.prefix >= known.prefix &&
           (network.first >> (32 - known.prefix)) == (known.first >> (32 - known.prefix));
  });
}

Network network_of(const std::string& text) {
  const auto wanted = [&](const std::string& what) {
    return InputError(kListen, "", fmt::format("found \"{}\", wanted {}", printable(text), what));
  };
  const std::size_t slash = text.find('/');
  in_addr raw{};
  if (inet_pton(AF_INET, text.substr(0, slash).c_str(), &raw) != 1)
    throw wanted("an IPv4 address of this machine (10.9.0.1) or a network of its own (10.9.0.0/18)");
  Network out{ntohl(raw.s_addr), 32};
  if (slash != std::string::npos) {
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data() + slash + 1, end, out.prefix);
    if (error != std::errc() || at != end ||
        (out.prefix != 32 && (out.prefix < kWidest || out.prefix > kNarrowest)))
      throw wanted(fmt::format("a prefix of {} to {}, or 32", kWidest, kNarrowest));
    if (out.prefix != 32 && (out.first & ((std::uint64_t{1} << (32 - out.prefix)) - 1)) != 0)
      throw wanted("the first address of the network before the \"/\"");
  }
  const unsigned top = out.first >> 24U;
  if (top == 0 || top >= 224) throw wanted("an address of a host: this one is nobody's or everybody's");
  return out;
}

}  // namespace

Outpost outpost_of(const ServeOptions& options) {
  const Network network = network_of(options.listen);
  if (!is_private(network) && !(options.is_public && options.really_public)) {
    throw InputError(
        kListen, "",
        fmt::format("found \"{}\", which is public: anybody could send mail there; with --public{} "
                    "it is served all the same",
                    options.listen,
                    options.is_public ? " and --really-public" : " and --really-public both"));
  }
  Outpost out;
  out.first = network.first;
  out.prefix = network.prefix;
  out.first_port = options.first_port;
  out.dns_port = options.dns_port;
  out.limits.connections_per_s = options.rate;
  out.limits.connections_at_once = static_cast<std::size_t>(std::max(1.0, 4 * options.rate));
  return out;
}

namespace {

/// The word between `braces` braces at the beginning of a text; empty if there is none of small letters.
std::string_view placeholder_at(std::string_view text, std::size_t braces) {
  if (text.size() < 2 * braces) return {};
  const std::size_t end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", braces);
  if (end == text.npos || end == braces) return {};
  return text.substr(end, braces) == std::string(braces, '}') ? text.substr(braces, end - braces)
                                                              : std::string_view();
}

}  // namespace

void fill_command(std::vector<std::string>& command, const PlaceholderValues& values) {
  const auto value_of = [&](std::string_view name) -> const std::string& {
    const auto value = values.find(name);
    if (value == values.end()) {
      std::vector<std::string> known;
      for (const auto& [each, ignored] : values) known.push_back("{" + each + "}");
      throw InputError(
          "serve", "",
          fmt::format("found {{{}}}, which serve cannot fill; it can {}", name, fmt::join(known, " ")));
    }
    if (value->second.empty())
      throw InputError("serve", "", fmt::format("found {{{}}}, and this scenario has none", name));
    return value->second;
  };
  for (auto& word : command) {
    std::string filled;
    for (std::string_view rest = word; !rest.empty();) {
      const std::size_t open = std::min(rest.find('{'), rest.size());
      filled += rest.substr(0, open);
      rest.remove_prefix(open);
      const std::size_t braces = rest.starts_with("{{") ? 2 : 1;
      const std::string_view name = placeholder_at(rest, braces);
      if (name.empty()) {
        filled += rest.substr(0, 1);
        rest.remove_prefix(std::min<std::size_t>(1, rest.size()));
        continue;
      }
      filled += braces == 2 ? fmt::format("{{{}}}", name) : value_of(name);
      rest.remove_prefix(name.size() + 2 * braces);
    }
    word = std::move(filled);
  }
}

int run_here(std::vector<std::string> command, CommandOutput output) {
  std::vector<char*> argv;
  for (auto& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  const sigset_t own = interrupts();
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &own);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  if (output == CommandOutput::to_standard_error)
    posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, argv[0], &files, &attributes, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (error)
    throw InputError("serve", "",
                     fmt::format("\"{}\" cannot be started: {}", command[0], std::strerror(error)));
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : kExitHarness;
}

}  // namespace mxident::harness::cli
