// Presented identifiers: the names that a certificate carries, as its DER says them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mxident {

/// Kinds of presented identifier that the rules speak of; `other` ones never identify a server.
enum class PresentedType { dns, ip, uri, srv, email, common_name, other };
/// "dns", "ip", "uri", "srv", "email", "cn", "other".
std::string_view to_string(PresentedType type);

/// One name as the certificate carries it. Its octets are over the full DER length; for `ip` address octets,
/// for `srv` the string inside the otherName.
class PresentedIdentifier {
 public:
  PresentedIdentifier(PresentedType type, std::string octets);
  PresentedType type() const { return type_; }
  const std::string& octets() const { return octets_; }
  /// What a comparison asks of a dNSName, seen once when it is read: the classes of its octets (bits of
  /// dns_name::Class), and whether every label has a length that labels may have.
  std::uint8_t octet_classes() const { return octet_classes_; }
  bool labels_fit() const { return labels_fit_; }
  /// Without "*", NUL and final dot: it equals a reference, or it comes nowhere near.
  bool is_plain_dns() const { return plain_dns_; }

 private:
  std::string octets_;
  PresentedType type_;
  std::uint8_t octet_classes_ = 0;
  bool labels_fit_ = false;
  bool plain_dns_ = false;
};

/// A commonName with its place in the subject.
struct PresentedCommonName {
  std::string octets;           ///< decoded to UTF-8 by its string type
  bool decodable = true;        ///< its octets fit its string type
  bool only_one_in_rdn = true;  ///< its RDN holds exactly one commonName (RFC 6125 1.8)
};

/// All names of one certificate, in the order of the DER.
struct PresentedNames {
  enum class San { absent, empty, present, malformed, repeated, too_many };
  San san = San::absent;
  std::vector<PresentedIdentifier> identifiers;
  std::vector<PresentedCommonName> common_names;
};

/// At most so many subject alternative names and common names are read; more make `san` too_many.
inline constexpr std::size_t kMaxPresented = 10000;
/// Reads the names of a DER certificate with our own bounded reader. nullopt: not a certificate.
std::optional<PresentedNames> read_presented_names(std::string_view der);

/// For people, ASCII only, at most a few hundred characters: text with odd octets as \xNN, an address as
/// text.
std::string printable(PresentedType type, std::string_view octets);

}  // namespace mxident
