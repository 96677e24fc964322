#include "certs/names.hpp"

#include "certs/der.hpp"

namespace mxident::certs {
namespace {

// otherName types: RFC 6120 13.7.1.4, RFC 4985 2, RFC 9598 3.
constexpr std::string_view kXmppAddr = "1.3.6.1.5.5.7.8.5";
constexpr std::string_view kDnsSrv = "1.3.6.1.5.5.7.8.7";
constexpr std::string_view kSmtpUtf8Mailbox = "1.3.6.1.5.5.7.8.9";

der::Tag string_tag(StringType type) {
  switch (type) {
    case StringType::utf8:
      return 0x0c;
    case StringType::printable:
      return 0x13;
    case StringType::t61:
      return 0x14;
    case StringType::ia5:
      return 0x16;
    case StringType::universal:
      return 0x1c;
    case StringType::bmp:
      return 0x1e;
  }
  return 0x0c;
}

Octets other_name(std::string_view type, StringType string, const Octets& value) {
  return der::tlv(
      der::context_constructed(0),
      {der::oid(type), der::tlv(der::context_constructed(0), {der::tlv(string_tag(string), {value})})});
}

}  // namespace

Octets name_der(const DistinguishedName& name) {
  Octets rdns;
  for (const auto& rdn : name) {
    std::vector<Octets> attributes;
    attributes.reserve(rdn.size());
    for (const auto& [type, value] : rdn) {
      attributes.push_back(der::sequence({der::oid(type), der::tlv(string_tag(value.type), {value.octets})}));
    }
    rdns += der::set_of(std::move(attributes));
  }
  return der::sequence({rdns});
}

Octets general_name_der(const GeneralName& name) {
  switch (name.type) {
    case NameType::dns:
      return der::tlv(der::context(2), {name.value});
    case NameType::ip:
      return der::tlv(der::context(7), {name.value});
    case NameType::email:
      return der::tlv(der::context(1), {name.value});
    case NameType::uri:
      return der::tlv(der::context(6), {name.value});
    case NameType::srv:
      return other_name(kDnsSrv, StringType::ia5, name.value);
    case NameType::xmpp:
      return other_name(kXmppAddr, StringType::utf8, name.value);
    case NameType::smtputf8:
      return other_name(kSmtpUtf8Mailbox, StringType::utf8, name.value);
    // Name is a CHOICE, so its tag is explicit.
    case NameType::dirname:
      return der::tlv(der::context_constructed(4), {name_der(name.directory)});
    case NameType::rid:
      return der::tlv(der::context(8), {der::oid_content(name.value)});
    case NameType::der:
      return name.value;
  }
  return {};
}

Octets general_names_content(const std::vector<GeneralName>& names) {
  Octets out;
  for (const auto& name : names) out += general_name_der(name);
  return out;
}

}  // namespace mxident::certs
