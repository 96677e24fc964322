#include "harness/run/wanted.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/input/data_dirs.hpp"
#include "harness/input/json_input.hpp"
#include "harness/text/digest.hpp"

namespace mxident::harness {
namespace {

std::string hint(const std::string& word, const std::vector<std::string>& known) {
  const auto near = nearest(word, known);
  return near ? fmt::format(" (did you mean \"{}\"?)", *near) : "";
}

/// "./acme.json:MODE" names a file and one of its modes; a file may have a colon in its own name.
struct Named {
  std::string client, mode;
  bool has_mode = false;
};
Named split(const std::string& text) {
  if (text.ends_with(".json")) return {text, "", false};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return {text, "", false};
  return {text.substr(0, colon), text.substr(colon + 1), true};
}

std::string digest_of(const std::filesystem::path& manifest) {
  return sha256_hex(read_text_file(manifest));
}

Wanted shipped_one(const Manifest& manifest) {
  return {manifest, "", digest_of(manifest.program_dir / "client.json")};
}

/// "TAG:*": all clients that have the tag.
std::vector<Wanted> clients_of_tag(const std::vector<Manifest>& shipped, const Named& named) {
  std::vector<Wanted> out;
  if (named.mode != "*") return out;
  for (const auto& manifest : shipped) {
    if (std::find(manifest.tags.begin(), manifest.tags.end(), named.client) != manifest.tags.end())
      out.push_back(shipped_one(manifest));
  }
  return out;
}

/// What is asked for twice is run once: a mode beside the whole client, or beside a tag that has it.
void add(std::vector<Wanted>& out, Wanted wanted) {
  for (const auto& other : out) {
    if (other.manifest.id != wanted.manifest.id) continue;
    if (other.file != wanted.file)
      throw InputError("client", "",
                       fmt::format("found two manifests of the id \"{}\" ({} and {}), wanted one of each id",
                                   wanted.manifest.id, other.file.empty() ? "a shipped one" : other.file,
                                   wanted.file.empty() ? "a shipped one" : wanted.file));
    if (other.mode.empty() || other.mode == wanted.mode) return;
  }
  if (wanted.mode.empty())
    std::erase_if(out, [&](const Wanted& other) { return other.manifest.id == wanted.manifest.id; });
  out.push_back(std::move(wanted));
}

}  // namespace

std::vector<Wanted> wanted_clients(const std::vector<std::string>& texts) {
  std::vector<Wanted> out;
  const auto shipped = load_manifests(data_dirs().clients);
  if (texts.empty()) {
    for (const auto& manifest : shipped) out.push_back(shipped_one(manifest));
    return out;
  }
  for (const auto& text : texts) {
    const Named named = split(text);
    if (const auto tagged = clients_of_tag(shipped, named); !tagged.empty()) {
      for (const auto& each : tagged) add(out, each);
      continue;
    }
    Wanted wanted;
    if (named.client.ends_with(".json")) {
      wanted = {load_manifest(named.client), "", digest_of(named.client), named.client};
    } else {
      const auto it =
          std::find_if(shipped.begin(), shipped.end(), [&](const auto& m) { return m.id == named.client; });
      if (it == shipped.end()) {
        std::vector<std::string> known;
        for (const auto& manifest : shipped) known.push_back(manifest.id);
        throw NothingSelected(
            fmt::format("client: found \"{}\", which is no known client{}; wanted one of {}, or a manifest "
                        "ending in .json",
                        named.client, hint(named.client, known), fmt::join(known, ", ")));
      }
      wanted = shipped_one(*it);
    }
    const auto& modes = wanted.manifest.modes;
    if (named.has_mode &&
        std::none_of(modes.begin(), modes.end(), [&](const auto& m) { return m.id == named.mode; })) {
      std::vector<std::string> ids;
      for (const auto& mode : modes) ids.push_back(mode.id);
      throw NothingSelected(fmt::format("client: found \"{}\", and {} has no mode \"{}\"{}; wanted one of {}",
                                        text, wanted.manifest.id, named.mode, hint(named.mode, ids),
                                        fmt::join(ids, ", ")));
    }
    wanted.mode = named.mode;
    add(out, std::move(wanted));
  }
  return out;
}

}  // namespace mxident::harness
