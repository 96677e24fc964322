#include "harness/catalogue/read_certificate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "harness/input/values.hpp"

namespace mxident::harness {
namespace {

using certs::NameType;
using certs::StringType;

struct AttributeType {
  std::string_view key, oid;
  StringType type;  ///< what RFC 5280 appendix A.1 and 4.1.2.6 ask for
};
constexpr AttributeType kAttributes[] = {{"cn", "2.5.4.3", StringType::utf8},
                                         {"c", "2.5.4.6", StringType::printable},
                                         {"l", "2.5.4.7", StringType::utf8},
                                         {"st", "2.5.4.8", StringType::utf8},
                                         {"o", "2.5.4.10", StringType::utf8},
                                         {"ou", "2.5.4.11", StringType::utf8},
                                         {"dc", "0.9.2342.19200300.100.1.25", StringType::ia5},
                                         {"emailAddress", "1.2.840.113549.1.9.1", StringType::ia5}};

constexpr std::pair<std::string_view, NameType> kNameTypes[] = {
    {"dns", NameType::dns},           {"ip", NameType::ip},
    {"email", NameType::email},       {"uri", NameType::uri},
    {"srv", NameType::srv},           {"xmpp", NameType::xmpp},
    {"smtputf8", NameType::smtputf8}, {"dirname", NameType::dirname},
    {"rid", NameType::rid},           {"der", NameType::der}};

constexpr std::pair<std::string_view, certs::KeyType> kKeyTypes[] = {{"p256", certs::KeyType::p256},
                                                                     {"p384", certs::KeyType::p384},
                                                                     {"ed25519", certs::KeyType::ed25519},
                                                                     {"rsa2048", certs::KeyType::rsa2048},
                                                                     {"rsa1024", certs::KeyType::rsa1024}};

/// Bits in the order of RFC 5280 4.2.1.3.
constexpr std::pair<std::string_view, std::uint16_t> kKeyUsages[] = {
    {"digitalSignature", 0}, {"nonRepudiation", 1}, {"keyEncipherment", 2},
    {"dataEncipherment", 3}, {"keyAgreement", 4},   {"keyCertSign", 5},
    {"cRLSign", 6},          {"encipherOnly", 7},   {"decipherOnly", 8}};

constexpr std::pair<std::string_view, std::string_view> kPurposes[] = {
    {"serverAuth", "1.3.6.1.5.5.7.3.1"},   {"clientAuth", "1.3.6.1.5.5.7.3.2"},
    {"codeSigning", "1.3.6.1.5.5.7.3.3"},  {"emailProtection", "1.3.6.1.5.5.7.3.4"},
    {"timeStamping", "1.3.6.1.5.5.7.3.8"}, {"OCSPSigning", "1.3.6.1.5.5.7.3.9"},
    {"anyExtendedKeyUsage", "2.5.29.37.0"}};

bool is_oid(std::string_view text) {
  std::size_t arcs = 0, digits = 0;
  for (const char c : text) {
    if (c == '.') {
      if (digits == 0) return false;
      ++arcs;
      digits = 0;
    } else if (c < '0' || c > '9' || ++digits > 20) {
      return false;
    }
  }
  return digits > 0 && arcs >= 1 && text.size() <= 200;
}

std::string read_oid(const JsonNode& node) {
  const std::string text = node.string();
  if (!is_oid(text))
    node.fail(fmt::format("found \"{}\", wanted an object identifier like \"2.5.4.3\"", text));
  return text;
}

/// The one member of an object that stands for a choice.
std::pair<std::string, JsonNode> only_member(const JsonNode& node, const char* wanted) {
  const auto members = node.members();
  if (members.size() != 1)
    node.fail(fmt::format("found an object with {} keys, wanted one: {}", members.size(), wanted));
  return members.front();
}

certs::Attribute read_attribute(const JsonNode& node) {
  const auto [key, value] =
      only_member(node, "an attribute (write a list of objects for a multi-valued RDN)");
  for (const auto& attribute : kAttributes) {
    if (attribute.key == key) return {std::string(attribute.oid), read_text(value, attribute.type)};
  }
  if (is_oid(key)) return {key, read_text(value, StringType::utf8)};
  std::vector<std::string> known;
  for (const auto& attribute : kAttributes) known.emplace_back(attribute.key);
  node.object(known);
  node.fail(fmt::format("unknown attribute \"{}\"", key));
}

certs::DistinguishedName read_name(const JsonNode& node) {
  certs::DistinguishedName name;
  for (const auto& element : node.array()) {
    certs::Rdn rdn;
    if (element.is_array()) {
      for (const auto& part : element.array()) rdn.push_back(read_attribute(part));
    } else {
      rdn.push_back(read_attribute(element));
    }
    name.push_back(std::move(rdn));
  }
  return name;
}

enum class AddressForm { host, network };

certs::Octets read_address(const JsonNode& node, AddressForm form) {
  if (node.is_object()) return read_text(node, StringType::ia5).octets;
  const std::string text = node.string();
  if (is_address_placeholder(text)) return text;
  if (const auto octets = form == AddressForm::host ? parse_address(text) : parse_network(text))
    return *octets;
  node.fail(fmt::format(
      "found \"{}\", wanted {}, or {{\"hex\": \"...\"}}", text,
      form == AddressForm::host ? "an IP address or {address:HOST}" : "a network like 192.0.2.0/24"));
}

certs::GeneralName read_general_name(const JsonNode& node, AddressForm form) {
  const auto [key, value] = only_member(node, "the type of the name");
  std::vector<std::string> known;
  for (const auto& [word, type] : kNameTypes) {
    known.emplace_back(word);
    if (word != key) continue;
    certs::GeneralName name{type, {}, {}};
    switch (type) {
      case NameType::ip:
        name.value = read_address(value, form);
        break;
      case NameType::dirname:
        name.directory = read_name(value);
        break;
      case NameType::rid:
        name.value = read_oid(value);
        break;
      case NameType::der:
        name.value = read_octets(value);
        break;
      case NameType::xmpp:
      case NameType::smtputf8:
        name.value = read_text(value, StringType::utf8).octets;
        break;
      default:
        name.value = read_text(value, StringType::ia5).octets;
        break;
    }
    return name;
  }
  node.object(known);
  node.fail(fmt::format("unknown type of name \"{}\"", key));
}

std::vector<certs::GeneralName> read_general_names(const JsonNode& node, AddressForm form) {
  std::vector<certs::GeneralName> names;
  for (const auto& element : node.array()) names.push_back(read_general_name(element, form));
  return names;
}

certs::Validity read_validity(const JsonNode& node) {
  if (node.is_object()) {
    node.object({"from", "to"});
    return {read_time(node.at("from")), read_time(node.at("to"))};
  }
  constexpr std::pair<std::string_view, certs::Validity> kWords[] = {
      {"ok", certs::Validity{}}, {"expired", kExpired}, {"not-yet", kNotYet}};
  return read_word<certs::Validity>(node, kWords);
}

std::vector<std::string> read_purposes(const JsonNode& node) {
  std::vector<std::string> oids;
  for (const auto& element : node.array()) {
    const bool number = is_oid(element.string());
    oids.push_back(number ? element.string() : std::string(read_word<std::string_view>(element, kPurposes)));
  }
  return oids;
}

std::uint16_t read_key_usage(const JsonNode& node) {
  unsigned bits = 0;
  for (const auto& element : node.array()) bits |= 1u << read_word<std::uint16_t>(element, kKeyUsages);
  return static_cast<std::uint16_t>(bits);
}

/// Decimal text of any length as the content of a positive INTEGER.
certs::Octets decimal_integer(std::string_view digits) {
  std::vector<unsigned char> little{0};
  for (const char digit : digits) {
    unsigned carry = static_cast<unsigned>(digit - '0');
    for (auto& octet : little) {
      carry += octet * 10u;
      octet = static_cast<unsigned char>(carry);
      carry >>= 8;
    }
    if (carry) little.push_back(static_cast<unsigned char>(carry));
  }
  if (little.back() & 0x80) little.push_back(0);  // else it would read as a negative number (X.690 8.3)
  return {little.rbegin(), little.rend()};
}

certs::Octets read_serial(const JsonNode& node) {
  if (node.is_object()) return read_octets(node);
  std::string digits;
  if (node.is_string()) {
    digits = node.string();
  } else {
    digits = std::to_string(node.integer(0, std::numeric_limits<std::int64_t>::max()));
  }
  if (digits.empty() || digits.size() > 100 || digits.find_first_not_of("0123456789") != std::string::npos) {
    node.fail(
        "found a text that is no number of at most 100 decimal digits, wanted one or {\"hex\": \"...\"}");
  }
  return decimal_integer(digits);
}

certs::NameConstraints read_constraints(const JsonNode& node) {
  node.object({"permitted", "excluded", "critical"});
  certs::NameConstraints out;
  if (const auto names = node.find("permitted"))
    out.permitted = read_general_names(*names, AddressForm::network);
  if (const auto names = node.find("excluded"))
    out.excluded = read_general_names(*names, AddressForm::network);
  if (const auto critical = node.find("critical")) out.critical = critical->boolean();
  return out;
}

certs::Extension read_extension(const JsonNode& node) {
  node.object({"oid", "critical", "der"});
  certs::Extension out{read_oid(node.at("oid")), false, read_octets(node.at("der"))};
  if (const auto critical = node.find("critical")) out.critical = critical->boolean();
  return out;
}

}  // namespace

bool is_address_placeholder(std::string_view text) {
  return text.starts_with(kAddressPlaceholder) && text.find('}') == text.size() - 1;
}

certs::CertificateRequest read_certificate(const JsonNode& node) {
  node.object({"subject", "version", "san", "san_critical", "validity", "eku", "key_usage", "key", "issuer",
               "ca", "path_length", "name_constraints", "serial", "subject_key_identifier", "extensions",
               "without", "sends"});
  certs::CertificateRequest out;
  certs::CertificateSpec& spec = out.spec;
  if (const auto value = node.find("subject")) spec.subject = read_name(*value);
  if (const auto value = node.find("version")) spec.version = static_cast<unsigned>(value->integer(1, 9));
  if (const auto value = node.find("san")) spec.san = read_general_names(*value, AddressForm::host);
  if (const auto value = node.find("san_critical")) spec.san_critical = value->boolean();
  if (const auto value = node.find("validity")) spec.validity = read_validity(*value);
  if (const auto value = node.find("eku")) spec.extended_key_usage = read_purposes(*value);
  if (const auto value = node.find("key_usage")) spec.key_usage = read_key_usage(*value);
  if (const auto value = node.find("key")) spec.key = read_word<certs::KeyType>(*value, kKeyTypes);
  if (const auto value = node.find("ca")) spec.ca = value->boolean();
  if (const auto value = node.find("path_length"))
    spec.path_length = static_cast<unsigned>(value->integer(0, 100));
  if (const auto value = node.find("name_constraints")) spec.name_constraints = read_constraints(*value);
  if (const auto value = node.find("serial")) spec.serial = read_serial(*value);
  if (const auto value = node.find("subject_key_identifier"))
    spec.subject_key_identifier = read_octets(*value);
  if (const auto value = node.find("extensions")) {
    for (const auto& element : value->array()) spec.extensions.push_back(read_extension(element));
  }
  if (const auto value = node.find("without")) spec.without = value->strings();
  if (const auto value = node.find("issuer")) out.issuer = value->non_empty_string();
  if (const auto value = node.find("sends")) out.sends = value->strings();
  // An empty subject asks for a critical SAN (RFC 5280 4.1.2.6): that is odd, and must be written as such.
  if (!spec.ca && !node.find("subject"))
    spec.subject = {{certs::Attribute{"2.5.4.10", {"Example", StringType::utf8}}}};
  if (!spec.ca && (spec.path_length || spec.name_constraints)) {
    node.fail("found path_length or name_constraints without \"ca\": true, wanted them on an authority");
  }
  return out;
}

certs::CertificateRequest right_certificate(const std::string& host) {
  constexpr std::size_t kMaxCommonName = 64;  // ub-common-name, RFC 5280 appendix A.1
  certs::CertificateRequest out;
  if (host.size() <= kMaxCommonName) {
    out.spec.subject = {{certs::Attribute{"2.5.4.3", {host, StringType::utf8}}}};
  } else {
    out.spec.san_critical = true;  // an empty subject asks for it (RFC 5280 4.1.2.6)
  }
  out.spec.san = {certs::GeneralName{NameType::dns, host, {}}};
  return out;
}

}  // namespace mxident::harness
