#include "dane.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "certificate.hpp"
#include "chain_check.hpp"
#include "dns_name.hpp"
#include "openssl_ptr.hpp"

namespace mxident {
namespace {

// RFC 6698 2.1, names of RFC 7218.
enum Usage : std::uint8_t { kPkixTa = 0, kPkixEe = 1, kDaneTa = 2, kDaneEe = 3 };
enum Selector : std::uint8_t { kCertificate = 0, kSpki = 1 };
enum Matching : std::uint8_t { kFull = 0, kSha256 = 1, kSha512 = 2 };

constexpr std::size_t kSha256Octets = 32;
constexpr std::size_t kSha512Octets = 64;
constexpr std::size_t kMaxTlsaData = 65535 - 3;
constexpr int kMaxBareKeyChecks = 100;  // the server chooses how many certificates, the zone how many keys

std::string digest(const EVP_MD* algorithm, std::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> octets{};
  unsigned size = 0;
  if (EVP_Digest(data.data(), data.size(), octets.data(), &size, algorithm, nullptr) != 1) return {};
  return {reinterpret_cast<const char*>(octets.data()), size};
}

// A certificate as the selectors see it, each digest made once and only if a record asks for it.
class Selected {
 public:
  explicit Selected(std::string_view der) : certificate_(der) {
    if (const auto view = view_certificate(der)) spki_ = view->spki_tlv;
  }

  bool matches(const TlsaRecord& record) {
    if (record.selector > kSpki || record.matching > kSha512) return false;
    const std::string_view data = record.selector == kSpki ? spki_ : certificate_;
    if (data.empty()) return false;
    if (record.matching == kFull) return record.data == data;
    std::string& made = digests_[record.selector][record.matching - 1U];
    if (made.empty()) made = digest(record.matching == kSha256 ? EVP_sha256() : EVP_sha512(), data);
    return !made.empty() && record.data == made;
  }

 private:
  std::string_view certificate_, spki_;
  std::array<std::array<std::string, 2>, 2> digests_;
};

// A whole SubjectPublicKeyInfo or certificate: one SEQUENCE, nothing behind it.
bool is_full_data(const TlsaRecord& record) {
  if (record.selector == kCertificate) return view_certificate(record.data).has_value();
  der::Reader reader(record.data);
  return reader.skip(der::kSequence) && reader.at_end();
}

std::optional<std::size_t> first_match(std::span<const TlsaRecord> records, std::uint8_t usage,
                                       Selected& certificate) {
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (records[i].usage == usage && certificate.matches(records[i])) return i;
  }
  return std::nullopt;
}

EvpKeyPtr bare_key(const TlsaRecord& record) {
  if (record.usage != kDaneTa || record.selector != kSpki || record.matching != kFull) return nullptr;
  const auto* at = reinterpret_cast<const unsigned char*>(record.data.data());
  EvpKeyPtr key(d2i_PUBKEY(nullptr, &at, static_cast<long>(record.data.size())));
  ERR_clear_error();
  return key;
}

bool has_signed(const EvpKeyPtr& key, std::string_view der) {
  const X509Ptr certificate = key == nullptr ? nullptr : parse_x509(der);
  const bool signed_by_key = certificate != nullptr && X509_verify(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  return signed_by_key;
}

// Certificates just below an authority that was not sent, and of which a record holds the whole key: what
// that key signed ends the path (RFC 7671 5.2.3).
void add_signed_by_bare_keys(TrustStore& anchors, std::span<const std::string> sent,
                             std::span<const TlsaRecord> records) {
  int checks = kMaxBareKeyChecks;
  for (const auto& record : records) {
    const EvpKeyPtr key = bare_key(record);
    if (key == nullptr) continue;
    for (const auto& der : sent) {
      if (checks-- == 0) return;
      if (has_signed(key, der)) anchors.add_der(der);
    }
  }
}

// Certificates that DANE-TA records point to: sent above the leaf, or given in full by the record itself.
TrustStore dane_anchors(std::span<const std::string> sent, std::span<const TlsaRecord> records) {
  TrustStore anchors;
  for (std::size_t depth = 1; depth < sent.size(); ++depth) {
    Selected certificate(sent[depth]);
    if (first_match(records, kDaneTa, certificate)) anchors.add_der(sent[depth]);
  }
  Selected leaf(sent[0]);
  if (anchors.size() == 0 && !first_match(records, kDaneTa, leaf))
    add_signed_by_bare_keys(anchors, sent, records);
  for (const auto& record : records) {
    if (record.usage == kDaneTa && record.selector == kCertificate && record.matching == kFull) {
      anchors.add_der(record.data);
    }
  }
  return anchors;
}

void add_reference(std::vector<ReferenceIdentifier>& references, std::string_view name,
                   ReferenceOrigin origin, const NameRules& rules) {
  auto made = make_reference(name, origin, rules);
  if (!made.reference || made.reference->type != ReferenceType::dns) return;
  const auto same = [&](const ReferenceIdentifier& other) { return other.domain == made.reference->domain; };
  if (std::none_of(references.begin(), references.end(), same))
    references.push_back(std::move(*made.reference));
}

std::optional<std::uint8_t> take_number(std::string_view& text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  unsigned value = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && dns_name::is_digit(text[digits]); ++digits) {
    value = value * 10 + static_cast<unsigned>(text[digits] - '0');
    if (digits == 3 || value > 255) return std::nullopt;
  }
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  return static_cast<std::uint8_t>(value);
}

// What stands behind the type in a line of a zone (RFC 1035 5.1): without comment, parentheses as blanks.
std::string tlsa_data(std::string_view line) {
  std::string text = " ", folded = " ";
  for (const char c : line.substr(0, line.find(';'))) {
    text += c == '\t' || c == '(' || c == ')' ? ' ' : c;
    folded += dns_name::lower(text.back());
  }
  constexpr std::string_view kType = " tlsa ";
  const std::size_t type = folded.find(kType);
  return type == std::string::npos ? text : text.substr(type + kType.size());
}

std::optional<unsigned> hex_digit(char c) {
  if (dns_name::is_digit(c)) return static_cast<unsigned>(c - '0');
  const char folded = dns_name::lower(c);
  if (folded >= 'a' && folded <= 'f') return static_cast<unsigned>(folded - 'a' + 10);
  return std::nullopt;
}

}  // namespace

std::optional<TlsaRecord> parse_tlsa(std::string_view rdata) {
  if (rdata.size() < 3) return std::nullopt;
  const auto octet = [&](std::size_t at) { return static_cast<std::uint8_t>(rdata[at]); };
  return TlsaRecord{octet(0), octet(1), octet(2), std::string(rdata.substr(3))};
}

std::string to_string(const TlsaRecord& record) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text = std::to_string(record.usage) + " " + std::to_string(record.selector) + " " +
                     std::to_string(record.matching) + " ";
  for (const char c : record.data) {
    text += kHex[static_cast<unsigned char>(c) >> 4];
    text += kHex[static_cast<unsigned char>(c) & 0xf];
  }
  return text;
}

std::optional<TlsaRecord> tlsa_from_text(std::string_view line) {
  const std::string data = tlsa_data(line);
  std::string_view text = data;
  TlsaRecord record;
  for (std::uint8_t* const field : {&record.usage, &record.selector, &record.matching}) {
    const auto number = take_number(text);
    if (!number || text.empty() || text.front() != ' ') return std::nullopt;
    *field = *number;
  }
  int high = -1;  // the digit that waits for a second one; -1: none
  for (const char c : text) {
    if (c == ' ') continue;
    const auto digit = hex_digit(c);
    if (!digit || record.data.size() > kMaxTlsaData) return std::nullopt;
    if (high >= 0) {
      record.data += static_cast<char>(static_cast<unsigned>(high) << 4 | *digit);
      high = -1;
    } else {
      high = static_cast<int>(*digit);
    }
  }
  if (high >= 0 || record.data.empty()) return std::nullopt;
  return record;
}

std::optional<TlsaRecord> tlsa_for(TlsaFor whose, std::string_view der) {
  const auto view = view_certificate(der);
  if (!view) return std::nullopt;
  const std::uint8_t usage = whose == TlsaFor::server ? kDaneEe : kDaneTa;
  return TlsaRecord{usage, kSpki, kSha256, digest(EVP_sha256(), view->spki_tlv)};
}

std::string tlsa_mistake(const TlsaRecord& record, std::span<const std::string> sent) {
  const EVP_MD* const algorithm = record.matching == kSha512 ? EVP_sha512() : EVP_sha256();
  if (record.matching != kFull && record.data == digest(algorithm, {})) {
    return "its data is the digest of no octets: whatever made it was given nothing to digest";
  }
  for (std::size_t depth = 0; depth < sent.size(); ++depth) {
    Selected certificate(sent[depth]);
    for (const std::uint8_t selector : {kCertificate, kSpki}) {
      for (const std::uint8_t matching : {kFull, kSha256, kSha512}) {
        const TlsaRecord other{depth == 0 ? kDaneEe : kDaneTa, selector, matching, record.data};
        if (!certificate.matches(other)) continue;
        return "its data fits certificate " + std::to_string(depth) + " that the server sent, with " +
               std::to_string(other.usage) + " " + std::to_string(selector) + " " + std::to_string(matching) +
               " in front";
      }
    }
  }
  return {};
}

Reason tlsa_usability(const TlsaRecord& record) {
  if (record.usage == kPkixTa || record.usage == kPkixEe) return Reason::tlsa_usage_undefined;
  if (record.usage > kDaneEe) return Reason::tlsa_usage_unknown;
  if (record.selector > kSpki) return Reason::tlsa_selector_unknown;
  switch (record.matching) {
    case kFull:
      return is_full_data(record) ? Reason::tlsa_usable : Reason::tlsa_malformed;
    case kSha256:
      return record.data.size() == kSha256Octets ? Reason::tlsa_usable : Reason::tlsa_digest_length;
    case kSha512:
      return record.data.size() == kSha512Octets ? Reason::tlsa_usable : Reason::tlsa_digest_length;
    default:
      return Reason::tlsa_matching_unknown;
  }
}

std::vector<Reason> classify_tlsa(std::span<const TlsaRecord> records) {
  std::vector<Reason> reasons;
  std::array<std::array<bool, 2>, 4> has_sha512{};  // by usage and selector
  for (std::size_t i = 0; i < records.size(); ++i) {
    const TlsaRecord& record = records[i];
    const Reason reason = i < kMaxTlsaRecords ? tlsa_usability(record) : Reason::tlsa_malformed;
    reasons.push_back(reason);
    if (reason == Reason::tlsa_usable && record.matching == kSha512)
      has_sha512[record.usage][record.selector] = true;
  }
  // Digest agility (RFC 7671 9): of the digests for the same usage and selector only the strongest one
  // counts. Records with full data are no digests and always count.
  for (std::size_t i = 0; i < records.size(); ++i) {
    const TlsaRecord& record = records[i];
    const bool weaker = reasons[i] == Reason::tlsa_usable && record.matching == kSha256 &&
                        has_sha512[record.usage][record.selector];
    if (weaker) reasons[i] = Reason::tlsa_weaker_digest;
  }
  return reasons;
}

std::vector<TlsaRecord> usable_tlsa(std::span<const TlsaRecord> records) {
  const auto reasons = classify_tlsa(records);
  std::vector<TlsaRecord> usable;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (reasons[i] == Reason::tlsa_usable) usable.push_back(records[i]);
  }
  return usable;
}

std::vector<ReferenceIdentifier> dane_references(const DanePath& path, const NameRules& rules) {
  std::vector<ReferenceIdentifier> references;
  add_reference(references, path.base_domain, ReferenceOrigin::tlsa_base_domain, rules);
  switch (path.mx) {
    case DanePath::Mx::insecure:
      // The next hop does not vouch for the host, so its own name proves nothing (RFC 7672 3.2.2).
      add_reference(references, path.mx_host, ReferenceOrigin::mx_host, rules);
      break;
    case DanePath::Mx::secure:
      add_reference(references, path.next_hop, ReferenceOrigin::recipient_domain, rules);
      add_reference(references, path.next_hop_expanded, ReferenceOrigin::cname_target, rules);
      break;
    case DanePath::Mx::none:
      add_reference(references, path.next_hop, ReferenceOrigin::recipient_domain, rules);
      break;
  }
  return references;
}

std::optional<UnsentAnchor> unsent_anchor(std::span<const TlsaRecord> records, const TrustStore& trust) {
  for (const auto& [der, subject] : trust.certificates()) {
    Selected certificate(der);
    if (const auto record = first_match(records, kDaneTa, certificate)) return UnsentAnchor{*record, subject};
  }
  return std::nullopt;
}

DaneResult verify_dane(std::span<const std::string> sent, std::span<const TlsaRecord> records,
                       std::span<const ReferenceIdentifier> references, const NameRules& rules,
                       const ChainOptions& options, Explain explain) {
  DaneResult result;
  if (sent.empty()) {
    result.reason = Reason::chain_empty;
    return result;
  }
  if (sent.size() > options.max_certificates) {
    result.reason = Reason::chain_too_many_certificates;
    return result;
  }
  Selected leaf(sent[0]);
  if (const auto record = first_match(records, kDaneEe, leaf)) {
    result.verdict = DaneVerdict::authenticated;
    result.reason = Reason::dane_ee_match;
    result.record = record;
    result.depth = 0;
    return result;
  }
  const auto is_ta = [](const TlsaRecord& record) { return record.usage == kDaneTa; };
  if (std::none_of(records.begin(), records.end(), is_ta)) return result;
  const TrustStore anchors = dane_anchors(sent, records);
  if (anchors.size() == 0) {
    result.reason = Reason::dane_ta_not_in_chain;
    return result;
  }
  const auto presented = read_presented_names(sent[0]);
  if (!presented) {
    result.reason = Reason::certificate_unreadable;
    return result;
  }
  CheckedChain to_anchor{options, constraint_scope(*presented, rules)};
  to_anchor.partial = PartialChain::accept;
  result.chain = check_chain(sent, anchors, to_anchor);
  if (result.chain.verdict != ChainVerdict::ok) {
    result.reason = result.chain.reason;
    return result;
  }
  Selected anchor(result.chain.path.back());
  result.record = first_match(records, kDaneTa, anchor);
  for (std::size_t i = 0; i < records.size() && !result.record; ++i) {
    if (has_signed(bare_key(records[i]), result.chain.path.back())) result.record = i;
  }
  result.depth = static_cast<int>(result.chain.path.size()) - 1;
  result.names = match(*presented, references, rules, explain);
  if (result.names.verdict == MatchVerdict::match) {
    result.verdict = DaneVerdict::authenticated;
    result.reason = Reason::dane_ta_match;
  } else {
    result.reason = result.names.reason;
  }
  return result;
}

}  // namespace mxident
