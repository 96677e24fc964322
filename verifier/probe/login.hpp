// Who hands a message over.
#pragma once

#include <string>

namespace mxident::probe {

/// For AUTH PLAIN (RFC 4616), under TLS and never in clear (RFC 4954 4).
struct Login {
  std::string user, password;  ///< UTF-8 without NUL, at most 255 octets each (RFC 4616 2)
};

}  // namespace mxident::probe
