// Directory names and general names as DER, whatever their octets are (RFC 5280 4.1.2.4, 4.2.1.6).
#pragma once

#include <vector>

#include "certs/spec.hpp"

namespace mxident::certs {

/// Name. Attributes of a multi-valued RDN are put in DER's order, whatever their order in the specification.
Octets name_der(const DistinguishedName& name);

/// One GeneralName, tag and length included. Throws MintError for a `rid` that is no OID.
Octets general_name_der(const GeneralName& name);

/// The encodings of all names, one after the other.
Octets general_names_content(const std::vector<GeneralName>& names);

}  // namespace mxident::certs
