// Presented SRV-IDs and URI-IDs against a reference. Internal to the verifier.
#pragma once

#include <string_view>

#include "dns_match.hpp"

namespace mxident {

/// `presented`: the string of an SRVName, "_service.name". `service` and `domain` are lower case.
Comparison compare_srv(std::string_view presented, std::string_view service, std::string_view domain);
/// `presented`: a URI; only its scheme and its host name count.
Comparison compare_uri(std::string_view presented, std::string_view scheme, std::string_view domain);

/// The host name of a URI; empty if it has none, or an address.
std::string_view host_of_uri(std::string_view uri);

}  // namespace mxident
