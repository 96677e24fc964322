#include "harness/driver/packages.hpp"

#include <cstdio>
#include <memory>
#include <string_view>

namespace mxident::harness {
namespace {

/// Packages that hold the code which checks certificates, by the word that a manifest's "engine" begins with.
struct Engine {
  std::string_view word, package;
};
constexpr Engine kEngines[] = {{"OpenSSL", "libssl3"},
                               {"GnuTLS", "libgnutls30"},
                               {"NSS", "libnss3"},
                               {"Mbed TLS", "libmbedtls14"},
                               {"Mbed TLS", "libmbedx509-1"},
                               {"wolfSSL", "libwolfssl35"},
                               {"Botan", "libbotan-2-19"},
                               {"JSSE", "openjdk-17-jre-headless"},
                               {"Erlang", "erlang-public-key"},
                               {"Erlang", "erlang-ssl"},
                               {"Mono", "libmono-btls-interface4.0-cil"},
                               {"Mono", "mono-runtime-common"}};
/// Languages bring the check of the name, or a TLS library of their own.
constexpr Engine kParts[] = {{"IO::Socket::SSL", "libio-socket-ssl-perl"},
                             {"service-identity", "python3-service-identity"},
                             {"Go", "golang-go"},
                             {"Node", "nodejs"},
                             {"its own", "nodejs"}};

}  // namespace

std::map<std::string, std::string> installed_packages() {
  std::map<std::string, std::string> out;
  // Quiet where there is no such program: then nothing is known, which is what an empty answer says.
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(
      popen("dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\\n' 2>/dev/null", "r"), pclose);
  if (!pipe) return out;
  char line[512];
  while (std::fgets(line, sizeof line, pipe.get())) {
    const std::string_view text(line);
    const std::size_t first = text.find(' '), second = text.find(' ', first + 1);
    if (second == std::string_view::npos || text.substr(0, first) != "installed") continue;
    const std::size_t end = text.find_last_not_of(" \n");
    out[std::string(text.substr(first + 1, second - first - 1))] = text.substr(second + 1, end - second);
  }
  return out;
}

std::map<std::string, std::string> packages_of(const Manifest& manifest,
                                               const std::map<std::string, std::string>& installed) {
  std::map<std::string, std::string> out;
  const auto take = [&](const std::string& package) {
    if (const auto found = installed.find(package); found != installed.end()) out.insert(*found);
  };
  for (const auto& package : manifest.packages) take(package);
  for (const auto& engine : kEngines) {
    if (manifest.engine.starts_with(engine.word)) take(std::string(engine.package));
  }
  for (const auto& part : kParts) {
    if (manifest.engine.find(part.word) != std::string::npos) take(std::string(part.package));
  }
  for (const auto& package : manifest.npm) {
    const std::size_t at = package.rfind('@');
    if (at != std::string::npos && at > 0) out["npm:" + package.substr(0, at)] = package.substr(at + 1);
  }
  return out;
}

std::vector<std::string> missing_packages(const Manifest& manifest,
                                          const std::map<std::string, std::string>& installed,
                                          const std::filesystem::path& cache) {
  std::vector<std::string> out;
  for (const auto& package : manifest.packages) {
    if (!installed.empty() && !installed.contains(package)) out.push_back(package);
  }
  for (const auto& package : manifest.unpack) {
    if (!std::filesystem::exists(cache / package / ".complete")) out.push_back(package);
  }
  for (const auto& package : manifest.npm) {
    const std::string name = package.substr(0, package.rfind('@'));
    if (!std::filesystem::exists(cache / "npm" / manifest.id / "node_modules" / name)) out.push_back(name);
  }
  return out;
}

}  // namespace mxident::harness
