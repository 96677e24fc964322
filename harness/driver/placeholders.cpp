#include "harness/driver/placeholders.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>

namespace mxident::harness {
namespace {

constexpr std::array<std::string_view, 23> kNames{
    "mxident",      "program_dir", "cache_dir",        "build_dir",   "host_bracketed", "smtp_dialogue",
    "domain",       "recipient",   "sender",           "mx_host",     "address",        "address_bracketed",
    "port",         "dns_address", "ca_file",          "ca_dir",      "work_dir",       "message",
    "message_file", "helo",        "domain_bracketed", "daemon_port", "fingerprint"};

/// The same in all cells of a run.
constexpr std::array<std::string_view, 6> kOfTheRun{"mxident",   "program_dir", "cache_dir",
                                                    "build_dir", "ca_file",     "ca_dir"};

/// The same for all messages of a daemon.
constexpr std::array<std::string_view, 8> kOfTheDaemon{
    "program_dir", "cache_dir", "build_dir", "ca_file", "ca_dir", "work_dir", "dns_address", "daemon_port"};

/// Calls `literal` for runs of text and `name` for placeholders; returns the first fault.
template <typename Literal, typename Name>
std::optional<std::string> scan(std::string_view text, Literal&& literal, Name&& name) {
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c != '{' && c != '}') {
      const std::size_t end = std::min(text.find_first_of("{}", i), text.size());
      literal(text.substr(i, end - i));
      i = end;
    } else if (i + 1 < text.size() && text[i + 1] == c) {
      literal(text.substr(i, 1));
      i += 2;
    } else if (c == '{') {
      const std::size_t end = text.find('}', i);
      if (end == std::string_view::npos) return "a \"{\" without \"}\" (a literal brace is \"{{\")";
      if (auto fault = name(text.substr(i + 1, end - i - 1))) return fault;
      i = end + 1;
    } else {
      return "a \"}\" without \"{\" (a literal brace is \"}}\")";
    }
  }
  return std::nullopt;
}

std::optional<std::string> first_beside(std::string_view text, std::span<const std::string_view> known) {
  return scan(
      text, [](std::string_view) {},
      [&](std::string_view name) -> std::optional<std::string> {
        if (std::find(known.begin(), known.end(), name) != known.end()) return std::nullopt;
        return std::string(name);
      });
}

}  // namespace

bool is_placeholder(std::string_view name) {
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

std::optional<std::string> placeholder_fault(std::string_view text) {
  return scan(
      text, [](std::string_view) {},
      [](std::string_view name) -> std::optional<std::string> {
        if (is_placeholder(name)) return std::nullopt;
        return "unknown placeholder {" + std::string(name) + "}";
      });
}

std::optional<std::string> first_placeholder_of_a_cell(std::string_view text) {
  return first_beside(text, kOfTheRun);
}

std::optional<std::string> first_placeholder_of_a_message(std::string_view text) {
  return first_beside(text, kOfTheDaemon);
}

std::string own_program() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).string();
}

std::string expand_placeholders(std::string_view text, const PlaceholderValues& values) {
  std::string out;
  scan(
      text, [&](std::string_view literal) { out += literal; },
      [&](std::string_view name) -> std::optional<std::string> {
        if (const auto it = values.find(name); it != values.end()) out += it->second;
        return std::nullopt;
      });
  return out;
}

}  // namespace mxident::harness
