// The places where clients look for the system's trust, filled with the run's roots and nothing else.
#pragma once

#include <string>
#include <vector>

namespace mxident::harness::sandbox {

/// Names inside a trust directory.
inline constexpr const char* kBundleName = "ca-certificates.crt";
inline constexpr const char* kJavaName = "java/cacerts";

/// Fills `directory` (which exists) as Debian's /etc/ssl/certs is filled: one PEM file a root with its
/// OpenSSL hash link, the bundle ca-certificates.crt, and java/cacerts (a JKS store, password "changeit").
/// What an earlier call wrote is replaced; the bundle and cacerts keep their inodes. `root_pems` may hold
/// several certificates a string. Throws SetupError, also for a text that holds no certificate.
void write_trust_store(const std::string& directory, const std::vector<std::string>& root_pems);

}  // namespace mxident::harness::sandbox
