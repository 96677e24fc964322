// The network of the sandbox: a loopback interface and nothing else.
#pragma once

#include <string>

namespace mxident::harness::sandbox {

/// Brings `lo` of the present network namespace up, gives it 192.0.2.1/32 and fd6d:7864::1/128 (with loopback
/// addresses alone getaddrinfo's AI_ADDRCONFIG, RFC 3493 section 6.1, finds nothing), and makes
/// fd6d:7864::/32 and the documentation networks (RFC 5737, RFC 3849) addresses of this machine. Opens all
/// ports to every user. Returns a note for people (empty if all went well; a machine without IPv6 is noted).
/// Throws SetupError.
std::string set_up_loopback();

}  // namespace mxident::harness::sandbox
