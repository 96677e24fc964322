#include "harness/scenario/presented_names.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include "harness/text/printable.hpp"

namespace mxident::harness {
namespace {

std::string address_text(const certs::Octets& octets) {
  if (octets.starts_with("{")) return octets;
  char text[INET6_ADDRSTRLEN];
  const int family = octets.size() == 4 ? AF_INET : octets.size() == 16 ? AF_INET6 : 0;
  if (family != 0) return inet_ntop(family, octets.data(), text, sizeof text);
  return fmt::format("{} octets", octets.size());
}

std::string name_text(const certs::GeneralName& name) {
  using certs::NameType;
  switch (name.type) {
    case NameType::dns:
      return "dns:" + printable(name.value);
    case NameType::ip:
      return "ip:" + address_text(name.value);
    case NameType::email:
      return "email:" + printable(name.value);
    case NameType::uri:
      return "uri:" + printable(name.value);
    case NameType::srv:
      return "srv:" + printable(name.value);
    case NameType::xmpp:
      return "xmpp:" + printable(name.value);
    case NameType::smtputf8:
      return "smtputf8:" + printable(name.value);
    case NameType::rid:
      return "rid:" + printable(name.value);
    case NameType::dirname:
      return "dirname";
    case NameType::der:
      break;
  }
  return "der:" + printable(name.value);
}

}  // namespace

std::vector<std::string> names_of(const certs::CertificateSpec& spec) {
  std::vector<std::string> out;
  for (const auto& name : spec.san.value_or(std::vector<certs::GeneralName>{}))
    out.push_back(name_text(name));
  if (!spec.san) out.emplace_back("(no SAN)");
  if (spec.san && spec.san->empty()) out.emplace_back("(empty SAN)");
  for (const auto& rdn : spec.subject) {
    for (const auto& attribute : rdn) {
      if (attribute.oid == "2.5.4.3") out.push_back("CN " + printable(attribute.value.octets));
    }
  }
  return out;
}

}  // namespace mxident::harness
