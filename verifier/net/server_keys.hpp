#pragma once

namespace mxident::probe {

/// Which certificates a server may choose from, by their keys: one that has several shows the others only to
/// a client that cannot take its favourite (RFC 8446 4.4.2.2, RFC 5246 7.4.2).
enum class ServerKeys { any, rsa, not_rsa };

}  // namespace mxident::probe
