#include "mocks/dns/zone_lines.hpp"

#include <ldns/ldns.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "mocks/dns/ldns_ptr.hpp"
#include "mocks/world.hpp"

namespace mxident::mocks::dns {
namespace {

constexpr std::size_t kMaxLine = 131072;  // 64 KiB of RDATA in hex

constexpr std::array<std::pair<std::string_view, Misbehaviour>, 4> kMisbehaviours{{
    {"SERVFAIL", Misbehaviour::servfail},
    {"NXDOMAIN", Misbehaviour::nxdomain},
    {"TIMEOUT", Misbehaviour::timeout},
    {"TRUNCATE", Misbehaviour::truncate},
}};

bool is_control(char c) {
  return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 127;
}

[[noreturn]] void fail(const std::string& line, const std::string& why) {
  std::string shown = line.substr(0, 200);
  std::replace_if(
      shown.begin(), shown.end(), [](unsigned char c) { return c < ' ' || c == 127; }, '?');
  throw WorldError("zone line \"" + shown + "\": " + why);
}

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while ((at = line.find_first_not_of(" \t", at)) != std::string::npos) {
    const std::size_t end = std::min(line.find_first_of(" \t", at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

bool is_ttl(const std::string& word) {
  return !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
}

std::optional<std::uint16_t> type_from(const std::string& word) {
  const ldns_rr_type type = ldns_get_rr_type_by_name(word.c_str());
  if (type == 0) return std::nullopt;
  return static_cast<std::uint16_t>(type);
}

/// The line as a misbehaviour, if its last word is one and nothing but an owner, TTL, class and type stands
/// before.
std::optional<MisbehaviourLine> read_misbehaviour(const std::string& line) {
  // Most lines are none: look at the last word before all are cut out.
  const std::size_t end = line.find_last_not_of(" \t");
  const std::size_t start = line.find_last_of(" \t", end) + 1;
  const std::string_view last = std::string_view(line).substr(start, end + 1 - start);
  const auto known = std::find_if(kMisbehaviours.begin(), kMisbehaviours.end(),
                                  [&](const auto& entry) { return entry.first == last; });
  if (known == kMisbehaviours.end()) return std::nullopt;
  const std::vector<std::string> words = words_of(line);
  MisbehaviourLine result;
  result.what = known->second;
  std::size_t next = 1;
  if (next + 1 < words.size() && is_ttl(words[next])) ++next;
  if (next + 1 < words.size() && words[next] == "IN") ++next;
  if (next + 1 < words.size()) {
    const auto type = type_from(words[next++]);
    if (!type) return std::nullopt;
    result.type = *type;
  }
  if (next + 1 != words.size()) return std::nullopt;
  const auto owner = name_from_text(words[0]);
  if (!owner) fail(line, "the owner is no domain name");
  result.owner = *owner;
  return result;
}

}  // namespace

std::variant<RecordLine, MisbehaviourLine> read_zone_line(const std::string& line) {
  if (line.size() > kMaxLine) fail(line, "longer than any record");
  // ldns 1.8.3 writes beyond its buffers when parentheses hold line ends; other control octets are written as
  // \DDD.
  if (std::any_of(line.begin(), line.end(), is_control)) fail(line, "holds a control octet other than a tab");
  const std::size_t owner_end = line.find_first_of(" \t");
  if (owner_end == 0 || owner_end == std::string::npos || line[owner_end - 1] != '.') {
    fail(line, "wanted an owner name with final dot, a type and data");
  }
  if (auto misbehaviour = read_misbehaviour(line)) return *misbehaviour;

  ldns_rr* raw = nullptr;
  const ldns_status status = ldns_rr_new_frm_str(&raw, line.c_str(), kDefaultTtl, nullptr, nullptr);
  const Rr rr(raw);
  if (status != LDNS_STATUS_OK || !rr) fail(line, ldns_get_errorstr_by_id(status));
  if (ldns_rr_get_class(rr.get()) != LDNS_RR_CLASS_IN) fail(line, "the class is not IN");
  const ldns_rdf* owner = ldns_rr_owner(rr.get());
  RecordLine record;
  record.owner = WireName(reinterpret_cast<const char*>(ldns_rdf_data(owner)), ldns_rdf_size(owner));
  record.type = static_cast<std::uint16_t>(ldns_rr_get_type(rr.get()));
  record.ttl = ldns_rr_ttl(rr.get());
  record.rdata = rdata_of(rr.get());
  return record;
}

std::string txt_rdata(const std::string& octets) {
  std::string rdata;
  std::size_t at = 0;
  do {  // an empty text is one empty character-string: RDATA of TXT is never empty (RFC 1035 3.3.14)
    const std::string piece = octets.substr(at, 255);
    rdata += static_cast<char>(piece.size());
    rdata += piece;
    at += piece.size();
  } while (at < octets.size());
  return rdata;
}

std::string type_name(std::uint16_t type) {
  char* text = ldns_rr_type2str(static_cast<ldns_rr_type>(type));
  std::string name = text ? text : "TYPE" + std::to_string(type);
  std::free(text);
  return name;
}

}  // namespace mxident::mocks::dns
