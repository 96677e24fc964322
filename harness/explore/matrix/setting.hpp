// The references of the matrix: how a client is led to a server, and by which name it ought to know it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mxident::harness::matrix {

/// A value of a dimension, as specs, ids and titles name it.
struct Value {
  std::string name;                ///< kebab-case
  std::string title;               ///< a phrase for the scenario's title
  std::vector<std::string> rules;  ///< ids of the rules that it is about
};

/// The names of one cell.
struct Setting {
  std::string token;                   ///< a label that no other cell has
  std::string parent;                  ///< the name below which the cell's names lie
  std::string domain;                  ///< of the recipient, or an address literal
  std::string reference;               ///< MX host as the DNS gives it, or address text
  std::string server;                  ///< host that answers: the MX host, or what it is an alias of
  std::optional<std::string> address;  ///< that the server is pinned to
  std::vector<std::string> dns;        ///< zone lines

  bool literal() const { return address.has_value(); }
  /// A name that no reference of the cell equals.
  std::string other() const { return "mail.other-" + token + "." + parent; }
};

/// Octets that a token has.
inline constexpr std::size_t kTokenOctets = 9;
/// A parent may be this long, so that every reference below it can be an owner name (RFC 1035 2.3.4).
inline constexpr std::size_t kMaxParentOctets = 100;

struct ReferenceForm {
  Value value;
  Setting (*make)(const std::string& token, const std::string& parent);
};

std::span<const ReferenceForm> reference_forms();

/// Labels between the dots of a text; "" has one, the empty one.
std::vector<std::string> labels_of(std::string_view text);
/// Labels from `first` on, joined by dots.
std::string join_labels(const std::vector<std::string>& labels, std::size_t first = 0);

}  // namespace mxident::harness::matrix
