#include "harness/offline/pem_scenario.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>
#include <set>

#include "harness/input/json_input.hpp"
#include "harness/input/values.hpp"
#include "verifier/certificate_facts.hpp"
#include "verifier/openssl_ptr.hpp"
#include "verifier/presented.hpp"

namespace mxident::harness::cli {
namespace {

using Json = nlohmann::ordered_json;

template <typename T, auto Free>
std::unique_ptr<T, FreeWith<Free>> extension(X509* x, int nid) {
  return std::unique_ptr<T, FreeWith<Free>>(static_cast<T*>(X509_get_ext_d2i(x, nid, nullptr, nullptr)));
}

bool is_plain(std::string_view text) {
  return !text.empty() && text.find_first_not_of(
                              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              ".-_*@:/ ") == std::string_view::npos;
}

/// The key of the same kind that the mint has.
std::string key_of(X509* x, std::set<std::string>& lost) {
  const EVP_PKEY* const key = X509_get0_pubkey(x);
  const int type = key == nullptr ? 0 : EVP_PKEY_get_base_id(key);
  const int bits = key == nullptr ? 0 : EVP_PKEY_get_bits(key);
  if (type == EVP_PKEY_ED25519) return "ed25519";
  if (type == EVP_PKEY_RSA) {
    if (bits != 2048 && bits != 1024) lost.insert(fmt::format("the size of RSA keys ({} bits)", bits));
    return bits < 1536 ? "rsa1024" : "rsa2048";
  }
  if (type == EVP_PKEY_EC && bits == 256) return "p256";
  if (type == EVP_PKEY_EC && bits == 384) return "p384";
  lost.insert("a kind of key that is not minted here (P-256 stands for it)");
  return "p256";
}

Json usages_of(X509* x) {
  constexpr std::pair<std::uint32_t, const char*> kUsageWords[] = {{KU_DIGITAL_SIGNATURE, "digitalSignature"},
                                                                   {KU_NON_REPUDIATION, "nonRepudiation"},
                                                                   {KU_KEY_ENCIPHERMENT, "keyEncipherment"},
                                                                   {KU_DATA_ENCIPHERMENT, "dataEncipherment"},
                                                                   {KU_KEY_AGREEMENT, "keyAgreement"},
                                                                   {KU_KEY_CERT_SIGN, "keyCertSign"},
                                                                   {KU_CRL_SIGN, "cRLSign"},
                                                                   {KU_ENCIPHER_ONLY, "encipherOnly"},
                                                                   {KU_DECIPHER_ONLY, "decipherOnly"}};
  Json out = Json::array();
  const std::uint32_t usage = X509_get_key_usage(x);
  for (const auto& [bit, word] : kUsageWords) {
    if (usage != UINT32_MAX && (usage & bit) != 0) out.push_back(word);
  }
  return out;
}

Json purposes_of(X509* x) {
  Json out = Json::array();
  const auto usage = extension<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>(x, NID_ext_key_usage);
  for (int i = 0; usage && i < sk_ASN1_OBJECT_num(usage.get()); ++i) {
    char oid[200];
    if (OBJ_obj2txt(oid, sizeof oid, sk_ASN1_OBJECT_value(usage.get(), i), 1) < static_cast<int>(sizeof oid))
      out.push_back(oid);
  }
  return out;
}

Json subtrees_of(const STACK_OF(GENERAL_SUBTREE) * trees, std::set<std::string>& lost) {
  Json out = Json::array();
  for (int i = 0; i < sk_GENERAL_SUBTREE_num(trees); ++i) {
    const GENERAL_NAME* const base = sk_GENERAL_SUBTREE_value(trees, i)->base;
    int type = 0;
    const void* const value = GENERAL_NAME_get0_value(base, &type);
    const auto* const string = static_cast<const ASN1_STRING*>(value);
    if (type != GEN_DNS || !is_plain({reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
                                      static_cast<std::size_t>(ASN1_STRING_length(string))})) {
      lost.insert("name constraints of other types than dNSName");
      continue;
    }
    out.push_back({{"dns", std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
                                       static_cast<std::size_t>(ASN1_STRING_length(string)))}});
  }
  return out;
}

void add_authority(X509* x, Json& out, std::set<std::string>& lost) {
  const auto basic = extension<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free>(x, NID_basic_constraints);
  if (!basic || basic->ca == 0) return;
  out["ca"] = true;
  if (basic->pathlen != nullptr) {
    const long length = ASN1_INTEGER_get(basic->pathlen);
    if (length >= 0 && length <= 100) out["path_length"] = length;
  }
  const auto constraints = extension<NAME_CONSTRAINTS, NAME_CONSTRAINTS_free>(x, NID_name_constraints);
  if (!constraints) return;
  Json object = Json::object();
  if (constraints->permittedSubtrees != nullptr)
    object["permitted"] = subtrees_of(constraints->permittedSubtrees, lost);
  if (constraints->excludedSubtrees != nullptr)
    object["excluded"] = subtrees_of(constraints->excludedSubtrees, lost);
  const int place = X509_get_ext_by_NID(x, NID_name_constraints, -1);
  object["critical"] = place >= 0 && X509_EXTENSION_get_critical(X509_get_ext(x, place)) != 0;
  out["name_constraints"] = std::move(object);
}

/// Extensions that nothing above reads, by their short names.
void note_others(X509* x, std::set<std::string>& lost) {
  static const std::set<int> kKept{
      NID_subject_alt_name,        NID_basic_constraints, NID_key_usage,
      NID_ext_key_usage,           NID_name_constraints,  NID_subject_key_identifier,
      NID_authority_key_identifier};
  for (int i = 0; i < X509_get_ext_count(x); ++i) {
    const ASN1_OBJECT* const oid = X509_EXTENSION_get_object(X509_get_ext(x, i));
    const int nid = OBJ_obj2nid(oid);
    if (kKept.contains(nid)) continue;
    char text[100] = {};
    OBJ_obj2txt(text, sizeof text, oid, 0);
    lost.insert(fmt::format("extension {}", text));
  }
}

/// An authority is named as it is; of the server's own the names are asked for elsewhere.
Json authority_subject(X509* x) {
  Json out = Json::array();
  for (const auto& [nid, word] : {std::pair{NID_organizationName, "o"}, std::pair{NID_commonName, "cn"}}) {
    char text[200] = {};
    if (X509_NAME_get_text_by_NID(X509_get_subject_name(x), nid, text, sizeof text) > 0 && is_plain(text))
      out.push_back({{word, text}});
  }
  if (out.empty()) out.push_back({{"o", "Authority"}});
  return out;
}

void add_names(std::string_view der, PemScenario& out, std::set<std::string>& lost) {
  const auto names = read_presented_names(der);
  if (!names) return;
  for (const auto& name : names->common_names) {
    if (name.decodable && is_plain(name.octets))
      out.common_names.push_back(name.octets);
    else
      lost.insert("a common name with odd octets");
  }
  for (const auto& name : names->identifiers) {
    if (name.type() == PresentedType::common_name) continue;
    const bool address = name.type() == PresentedType::ip;
    if (name.type() == PresentedType::other || (!address && !is_plain(name.octets()))) {
      lost.insert("subject alternative names of other types, or with odd octets");
      continue;
    }
    out.san.push_back(fmt::format("{}:{}", to_string(name.type()), printable(name.type(), name.octets())));
    if (address) lost.insert("addresses (one of the documentation networks stands for each)");
    if (name.type() == PresentedType::email) lost.insert("mailboxes (\"someone\" stands for each)");
  }
}

std::string id_of(std::size_t index) {
  return index == 0 ? "mx" : fmt::format("ca{}", index);
}

/// By name and signature alone: usages that are wrong are the certificate's own, and are minted again.
bool is_issued_by(X509* x, X509* issuer) {
  return X509_NAME_cmp(X509_get_issuer_name(x), X509_get_subject_name(issuer)) == 0 &&
         X509_verify(x, X509_get0_pubkey(issuer)) == 1;
}

std::vector<X509Ptr> parsed_all(std::span<const std::string> certificates, const std::string& file) {
  std::vector<X509Ptr> out;
  for (std::size_t i = 0; i < certificates.size(); ++i) {
    out.push_back(parse_x509(certificates[i]));
    if (!out.back())
      throw InputError(file, fmt::format("certificate {}", i + 1), "is none, wanted X.509 in PEM");
  }
  return out;
}

/// An authority's own names no host; a self-signed one that OpenSSL made for a server is marked as an
/// authority.
bool is_a_servers(X509* x, std::string_view der) {
  if (X509_check_ca(x) != 1) return true;
  const auto names = read_presented_names(der);
  return names && std::any_of(names->identifiers.begin(), names->identifiers.end(),
                              [](const auto& name) { return name.type() == PresentedType::dns; });
}

/// By certificate, those that issued it; itself is not among them.
std::vector<std::vector<std::size_t>> issuers_of(const std::vector<X509Ptr>& parsed) {
  std::vector<std::vector<std::size_t>> out(parsed.size());
  for (std::size_t i = 0; i < parsed.size(); ++i) {
    for (std::size_t j = 0; j < parsed.size(); ++j) {
      if (i != j && is_issued_by(parsed[i].get(), parsed[j].get())) out[i].push_back(j);
    }
  }
  return out;
}

}  // namespace

std::vector<std::vector<std::string>> chains_in(std::span<const std::string> certificates,
                                                const std::string& file) {
  std::vector<std::string> all;
  for (const auto& der : certificates) {
    if (std::find(all.begin(), all.end(), der) == all.end()) all.push_back(der);
    if (all.size() > kMaxPemText)
      throw InputError(
          file, "",
          fmt::format("found more than {} certificates, wanted those of one complaint", kMaxPemText));
  }
  const std::vector<X509Ptr> parsed = parsed_all(all, file);
  const auto issuers = issuers_of(parsed);
  std::set<std::size_t> above, servers;
  for (const auto& each : issuers) above.insert(each.begin(), each.end());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!above.contains(i) && is_a_servers(parsed[i].get(), all[i])) servers.insert(i);
  }
  if (servers.empty()) servers.insert(0);  // a server that shows an authority's certificate as its own
  std::vector<std::vector<std::string>> out;
  for (const std::size_t server : servers) {
    std::vector<std::size_t> order{server};
    for (std::size_t i = 0; i < order.size(); ++i) {
      for (const std::size_t issuer : issuers[order[i]]) {
        if (std::find(order.begin(), order.end(), issuer) == order.end()) order.push_back(issuer);
      }
    }
    for (std::size_t i = 0; i < all.size() && servers.size() == 1; ++i) {
      if (std::find(order.begin(), order.end(), i) == order.end()) order.push_back(i);
    }
    std::sort(order.begin() + 1, order.end());
    out.emplace_back();
    for (const std::size_t i : order) out.back().push_back(all[i]);
  }
  return out;
}

PemScenario pem_scenario(std::span<const std::string> chain, const std::string& file, std::int64_t now) {
  if (chain.size() > kMaxPemChain) {
    throw InputError(file, "",
                     fmt::format("found {} certificates, wanted the chain of one server, at most {}",
                                 chain.size(), kMaxPemChain));
  }
  const std::vector<X509Ptr> parsed = parsed_all(chain, file);
  PemScenario out;
  std::set<std::string> lost{"keys, serial numbers, and the names of authorities that are not in the file"};
  add_names(chain[0], out, lost);
  Json sends = Json::array();
  std::vector<bool> is_root(parsed.size());
  for (std::size_t i = 0; i < parsed.size(); ++i) {
    is_root[i] = i > 0 && is_issued_by(parsed[i].get(), parsed[i].get());
    sends.push_back(is_root[i] ? "root" : id_of(i));
  }
  for (std::size_t i = 0; i < parsed.size(); ++i) {
    if (is_root[i]) continue;  // the sandbox's own stands for it
    X509* const x = parsed[i].get();
    Json object = Json::object();
    if (i > 0) object["subject"] = authority_subject(x);
    const CertificateFacts facts = certificate_facts(chain[i]).value_or(CertificateFacts{});
    object["validity"] = {{"from", format_rfc3339(facts.not_before)},
                          {"to", format_rfc3339(facts.not_after)}};
    if (facts.not_after < now) out.chain = "expired";
    object["eku"] = purposes_of(x);
    object["key_usage"] = usages_of(x);
    object["key"] = key_of(x, lost);
    if (X509_get_version(x) != 2) object["version"] = X509_get_version(x) + 1;
    add_authority(x, object, lost);
    note_others(x, lost);
    std::string issuer = chain.size() == 1 ? "intermediate" : "root";
    for (std::size_t j = 1; j < parsed.size(); ++j) {
      if (j != i && is_issued_by(x, parsed[j].get())) {
        issuer = is_root[j] ? "root" : id_of(j);
        break;
      }
    }
    if (i == 0 && is_issued_by(x, x)) {
      issuer = "self";
      out.chain = "self-signed";
    }
    object["issuer"] = issuer;
    out.certificates[id_of(i)] = std::move(object);
  }
  Json& own = out.certificates["mx"];
  if (own["issuer"] == "intermediate")
    out.remarks.push_back(
        fmt::format("{} holds the server's certificate only: an intermediate and a root are "
                    "filled in, and sent",
                    file));
  else if (own["issuer"] != "self" || chain.size() > 1)
    own["sends"] = std::move(sends);
  out.remarks.push_back(fmt::format("{}: not kept are {}", file, fmt::join(lost, "; ")));
  return out;
}

}  // namespace mxident::harness::cli
