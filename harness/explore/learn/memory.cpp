#include "harness/explore/learn/memory.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "harness/input/json_input.hpp"
#include "harness/results/writer.hpp"
#include "harness/text/digest.hpp"

namespace mxident::harness::learn {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostOctets = 64u << 20;

std::string head_of(const Identity& identity) {
  // Names may hold octets that are no UTF-8.
  return Json{{"schema", "mxident-learn-answers/1"},
              {"client", identity.client},
              {"version", identity.version},
              {"mode", identity.mode},
              {"manifest", identity.manifest},
              {"packages", identity.packages},
              {"side", identity.side == Side::references ? "references" : "presented"},
              {"fixed", shown(identity.fixed)}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

MemoryFile::MemoryFile(const std::filesystem::path& folder, const Identity& identity)
    : head_(head_of(identity)) {
  if (folder.empty()) return;
  make_folder(folder);
  file_ = folder / fmt::format("learn-{}-{}-{}.ndjson", identity.client, identity.mode,
                               sha256_hex(head_).substr(0, 12));
  // Before the first question: what cannot be kept would be lost after the last.
  if (!std::filesystem::exists(file_)) {
    save();
    return;
  }
  const std::string text = read_text_file(file_, kMostOctets);
  std::size_t line = 0;
  for (std::size_t at = 0; at < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view one(text.data() + at, end - at);
    at = end + 1;
    const auto bad = [&](const char* wanted) {
      throw InputError(file_.string(), fmt::format("line {}", line + 1),
                       fmt::format("wanted {}; the file can be deleted", wanted));
    };
    if (line == 0) {
      if (one != head_) bad("the answers of this client, version and mode");
      continue;
    }
    const Json entry = Json::parse(one, nullptr, false);
    if (!entry.is_array() || entry.size() != 2 || !entry[0].is_string() || !entry[1].is_string())
      bad("[NAME, ANSWER]");
    const auto name = unescaped(entry[0].get<std::string>());
    const std::string answer = entry[1].get<std::string>();
    if (!name || (answer != "accepted" && answer != "refused" && answer != "unreached"))
      bad("a name and \"accepted\", \"refused\" or \"unreached\"");
    answers[*name] = answer == "accepted";
    if (answer == "unreached") unreached.insert(*name);
  }
}

void MemoryFile::save() const {
  if (file_.empty()) return;
  std::string text = head_ + "\n";
  for (const auto& [name, accepted] : answers) {
    std::string octets;
    for (const char c : name) {
      const auto octet = static_cast<unsigned char>(c);
      octets +=
          octet > 0x20 && octet < 0x7f && c != '\\' ? std::string(1, c) : fmt::format("\\x{:02x}", octet);
    }
    text += Json::array({octets, accepted                   ? "accepted"
                                 : unreached.contains(name) ? "unreached"
                                                            : "refused"})
                .dump() +
            "\n";
  }
  write_file(file_, text);
}

}  // namespace mxident::harness::learn
