// Chain verification on libcrypto, with an explicit time and explicit trust anchors.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy.hpp"
#include "reasons.hpp"

typedef struct x509_st X509;
struct stack_st_X509;

namespace mxident {

enum class PartialChain { refuse, accept };

/// Trust anchors, parsed once and shared by many verifications. Thread-safe after it is made.
class TrustStore {
 public:
  TrustStore();
  ~TrustStore();
  TrustStore(TrustStore&&) noexcept;
  TrustStore& operator=(TrustStore&&) noexcept;
  /// All certificates of a PEM text. Returns how many were read; `error` tells what could not be.
  std::size_t add_pem(std::string_view pem, std::string& error);
  /// False: not a certificate.
  bool add_der(std::string_view der);
  std::size_t size() const;  ///< certificates added, without those of the system
  void add_system_default();
  struct Certificate {
    std::string der;
    std::string subject;  ///< RFC 2253 form
  };
  /// Those that are in memory; of a folder of the system only those that were wanted so far.
  std::vector<Certificate> certificates() const;
  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

struct ChainOptions {
  std::int64_t time = 0;  ///< seconds since 1970; always given, the core has no clock
  PartialChain partial = PartialChain::refuse;
  std::size_t max_certificates = 100;  ///< more sent by a server is an error of the chain
  int max_intermediates = 20;  ///< between the leaf and the trust anchor, self-issued ones not counted
  int security_level =
      2;  ///< of libcrypto: 2 asks for 112 bits, RSA-2048 and SHA-256 at least; 0 for anything
  Profile profile = Profile::mail;  ///< what the certificates are held to beside the rules of validation
};

enum class ChainVerdict { ok, failed };

struct ChainResult {
  ChainVerdict verdict = ChainVerdict::failed;
  Reason reason = Reason::chain_unknown_ca;
  int depth = 0;                  ///< certificate it concerns: 0 the leaf
  std::string subject;            ///< its subject, RFC 2253 form
  std::string library_text;       ///< libcrypto's own words, or the rule of the profile that is broken
  std::vector<std::string> path;  ///< DER of the path that was built, leaf first, trust anchor last
};

/// A chain alone, which says nothing about whose it is: verify() asks for both and is what most callers want.
/// `sent`: DER in the order of the wire, leaf first. Name constraints hold for the common name wherever some
/// policy would let it identify a server, so that a match under any rules may follow (D19).
ChainResult verify_chain(std::span<const std::string> sent, const TrustStore& trust,
                         const ChainOptions& options);

/// The same for certificates that are parsed already, as SSL_get_peer_cert_chain() gives them on a client:
/// `sent` holds the leaf first. Nothing is taken over or changed; null is an empty chain.
ChainResult verify_chain(const stack_st_X509* sent, const TrustStore& trust, const ChainOptions& options);

}  // namespace mxident
