#include "service_match.hpp"

#include <algorithm>

#include "address.hpp"
#include "dns_name.hpp"

namespace mxident {
namespace {

using namespace dns_name;

// A domain inside an SRV-ID or URI-ID: a host name, no wildcard, no address.
bool is_domain(std::string_view text) {
  return !text.empty() && text.size() <= kMaxName &&
         (classes_of(text) & ~(kHyphen | kDot | kUnderscore)) == 0 && labels_fit(text) && !ipv4_octets(text);
}

// The host of a URI that has one (RFC 3986 3.2; RFC 9525 7.2 leaves out URIs without a host name).
std::string_view host_of(std::string_view after_scheme) {
  if (after_scheme.substr(0, 2) == "//") {
    std::string_view authority = after_scheme.substr(2);
    authority = authority.substr(0, authority.find_first_of("/?#"));
    const std::size_t at = authority.rfind('@');
    if (at != std::string_view::npos) authority.remove_prefix(at + 1);
    const std::size_t colon = authority.find(':');
    const std::string_view port = colon == std::string_view::npos ? "" : authority.substr(colon + 1);
    if (!std::all_of(port.begin(), port.end(), is_digit)) return {};
    return authority.substr(0, colon);
  }
  if (after_scheme.find('@') != std::string_view::npos) return {};  // names a user, as mailto: does
  return after_scheme.substr(0, after_scheme.find_first_of("/?#;:"));
}

}  // namespace

Comparison compare_srv(std::string_view presented, std::string_view service, std::string_view domain) {
  std::string_view rest = presented;
  const std::string_view label = take_label(rest);
  const bool valid = label.size() >= 2 && label.front() == '_' &&
                     (classes_of(label.substr(1)) & ~kHyphen) == 0 && is_domain(rest) && rest.front() != '_';
  if (!valid) return {Reason::presented_bad_srv, Closeness::flawed};
  if (!equal_fold(rest, domain)) return {Reason::no_presented_identifier_matches, Closeness::plain};
  if (!equal_fold(label, service)) return {Reason::srv_service_differs, Closeness::close};
  return {Reason::match_exact, Closeness::match};
}

std::string_view host_of_uri(std::string_view uri) {
  const std::size_t colon = uri.find(':');
  if (colon == std::string_view::npos || colon == 0) return {};
  const std::string_view host = host_of(uri.substr(colon + 1));
  return is_domain(host) ? host : std::string_view();
}

Comparison compare_uri(std::string_view presented, std::string_view scheme, std::string_view domain) {
  const std::size_t colon = presented.find(':');
  const std::string_view host = host_of_uri(presented);
  if (host.empty()) return {Reason::presented_bad_uri, Closeness::flawed};
  if (!equal_fold(host, domain)) return {Reason::no_presented_identifier_matches, Closeness::plain};
  if (!equal_fold(presented.substr(0, colon), scheme)) return {Reason::uri_scheme_differs, Closeness::close};
  return {Reason::match_exact, Closeness::match};
}

}  // namespace mxident
