#include "mocks/dns/name.hpp"

#include <ldns/ldns.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "mocks/dns/ldns_ptr.hpp"

namespace mxident::mocks::dns {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Offsets of the length octets of all labels but the root's.
std::vector<std::size_t> label_starts(const WireName& name) {
  std::vector<std::size_t> starts;
  std::size_t at = 0;
  while (at < name.size() && name[at] != '\0') {
    starts.push_back(at);
    at += 1 + static_cast<unsigned char>(name[at]);
  }
  return starts;
}

}  // namespace

std::optional<WireName> name_from_text(const std::string& text) {
  ldns_rdf* raw = nullptr;
  const ldns_status status = ldns_str2rdf_dname(&raw, text.c_str());
  const Rdf rdf(raw);
  if (status != LDNS_STATUS_OK || !rdf || text.find('\0') != std::string::npos) return std::nullopt;
  return WireName(reinterpret_cast<const char*>(ldns_rdf_data(rdf.get())), ldns_rdf_size(rdf.get()));
}

std::string name_to_text(const WireName& name) {
  const Rdf rdf(ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, name.size(), name.data()));
  char* text = rdf ? ldns_rdf2str(rdf.get()) : nullptr;
  std::string result = text ? text : "";
  std::free(text);
  return result;
}

WireName to_lower(WireName name) {
  // Length octets are at most 63 and so never in the range of letters.
  std::transform(name.begin(), name.end(), name.begin(), lower);
  return name;
}

NameKey key_of(const WireName& name) {
  NameKey key;
  key.reserve(name.size());
  const auto starts = label_starts(name);
  for (auto start = starts.rbegin(); start != starts.rend(); ++start) {
    const auto length = static_cast<unsigned char>(name[*start]);
    for (const char c : std::string_view(name).substr(*start + 1, length)) {
      // 0 is the separator, which must sort before every octet of a label: "a" comes before "a\0" (RFC
      // 4034 6.1).
      if (c == '\0' || c == '\1') {
        key += '\1';
        key += static_cast<char>(c + 1);
      } else {
        key += lower(c);
      }
    }
    key += '\0';
  }
  return key;
}

NameKey parent_key(std::string_view key) {
  if (key.empty()) return {};
  const std::size_t separator = key.substr(0, key.size() - 1).rfind('\0');
  return separator == std::string_view::npos ? NameKey() : NameKey(key.substr(0, separator + 1));
}

NameKey wildcard_key(const NameKey& parent) {
  NameKey key = parent;
  key += '*';
  key += '\0';
  return key;
}

std::size_t label_count(std::string_view key) {
  return static_cast<std::size_t>(std::count(key.begin(), key.end(), '\0'));
}

WireName suffix(const WireName& name, std::size_t labels) {
  const auto starts = label_starts(name);
  if (labels >= starts.size()) return name;
  if (labels == 0) return WireName(1, '\0');
  return name.substr(starts[starts.size() - labels]);
}

}  // namespace mxident::mocks::dns
