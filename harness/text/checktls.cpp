#include "harness/text/checktls.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

namespace mxident::harness {
namespace {

constexpr std::size_t kMaxShown = 20;
constexpr std::size_t kMaxName = 253;

std::string printable(const std::string& octets) {
  std::string out;
  for (const char c : octets.substr(0, kMaxName)) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x20 || octet >= 0x7f || c == '\\') {
      out += fmt::format("\\x{:02x}", octet);
    } else {
      out += c;
    }
  }
  return octets.size() > kMaxName ? out + "..." : out;
}

std::string address_text(const std::string& octets) {
  char text[INET6_ADDRSTRLEN];
  if (octets.size() == 4) return inet_ntop(AF_INET, octets.data(), text, sizeof text);
  if (octets.size() == 16) return inet_ntop(AF_INET6, octets.data(), text, sizeof text);
  return printable(octets);
}

std::string label(const PresentedIdentifier& id) {
  switch (id.type()) {
    case PresentedType::dns:
      return "DNS:" + printable(id.octets());
    case PresentedType::ip:
      return "IP:" + address_text(id.octets());
    case PresentedType::uri:
      return "URI:" + printable(id.octets());
    case PresentedType::srv:
      return "SRV:" + printable(id.octets());
    case PresentedType::email:
      return "email:" + printable(id.octets());
    case PresentedType::common_name:
      return "CN:" + printable(id.octets());
    case PresentedType::other:
      return "other";
  }
  return "other";
}

}  // namespace

std::string checktls_mismatch(const PresentedNames& presented, const std::string& host) {
  std::string names = presented.common_names.empty() ? "" : printable(presented.common_names.front().octets);
  std::size_t shown = 0;
  for (const auto& id : presented.identifiers) {
    if (++shown > kMaxShown) {
      names += fmt::format(" | and {} more", presented.identifiers.size() - kMaxShown);
      break;
    }
    names += (names.empty() ? "" : " | ") + label(id);
  }
  return fmt::format("Cert Hostname DOES NOT VERIFY ({} != {})", host, names.empty() ? "no name" : names);
}

std::string checktls_match(const std::string& host, const std::string& presented) {
  return fmt::format("Cert Hostname VERIFIED ({} = {})", host, printable(presented));
}

}  // namespace mxident::harness
