#include "certs/mint.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <set>

#include "certs/certificate.hpp"

namespace mxident::certs {
namespace {

constexpr std::array<const char*, 5> kReserved = {"leaf", "self", "intermediate", "root", "unknown-ca"};

// Each Chain holds its whole path, so a path of n requests costs n * n certificates.
constexpr std::size_t kMaxIssuers = 256;

/// A key of the pool that nobody in `used` has: equal keys would make a TLSA record, or a key identifier, fit
/// a certificate that it must not fit.
Key take_unused(KeyPool& keys, KeyType type, std::set<const EVP_PKEY*>& used) {
  constexpr int kTries = 8;  // the pool hands out in turn, so the next one is nearly always free
  for (int i = 0; i < kTries; ++i) {
    Key key = keys.take(type);
    if (used.insert(key.get()).second) return key;
  }
  Key key = Key::generate(type);
  used.insert(key.get());
  return key;
}

/// Puts the id before the text of an error.
template <class Step>
auto about(const std::string& id, Step step) {
  try {
    return step();
  } catch (const MintError& error) {
    throw MintError("certificate '" + id + "': " + error.what());
  }
}

/// The certificates of one call, minted from the top of each path downwards.
class Minting {
 public:
  Minting(const CertificateRequests& requests, const Authority& authority, KeyPool& keys)
      : requests_(requests),
        authority_(authority),
        keys_(keys),
        used_{authority.root.key.get(), authority.intermediate.key.get(), authority.unknown_root.key.get()} {}

  std::map<std::string, Chain> all() {
    std::map<std::string, std::vector<std::string>> paths;
    for (const auto& [id, request] : requests_) {
      const auto& path = paths[id] = about(id, [this, &name = id] { return path_to_top(name); });
      for (auto step = path.rbegin(); step != path.rend(); ++step) {
        about(*step, [&] { mint_one(*step); });
      }
    }
    std::map<std::string, Chain> out;  // only now, as `sends` may name any certificate
    for (const auto& [id, path] : paths) {
      out.emplace(id, about(id, [this, &name = id, &above = path] { return chain(name, above); }));
    }
    return out;
  }

 private:
  const Certificate* of_authority(const std::string& word) const {
    if (word == "intermediate") return &authority_.intermediate;
    if (word == "root") return &authority_.root;
    if (word == "unknown-ca") return &authority_.unknown_root;
    return nullptr;
  }

  std::string known_ids() const {
    std::string out;
    for (const auto& [id, request] : requests_) out += ", " + id;
    return out;
  }

  /// The request and the requests above it, nearest first.
  std::vector<std::string> path_to_top(const std::string& id) const {
    if (std::find(kReserved.begin(), kReserved.end(), id) != kReserved.end()) {
      throw MintError("this id is a reserved word; wanted another one");
    }
    std::vector<std::string> path{id};
    while (true) {
      const std::string& issuer = requests_.at(path.back()).issuer;
      if (issuer == "self" || of_authority(issuer) != nullptr) return path;
      if (!requests_.contains(issuer)) {
        const std::string whose = path.back() == id ? "" : " of its issuer '" + path.back() + "'";
        throw MintError("issuer '" + issuer + "'" + whose +
                        " is not known; wanted one of intermediate, root, self, unknown-ca" + known_ids());
      }
      if (std::find(path.begin(), path.end(), issuer) != path.end()) {
        std::string circle;
        for (const auto& step : path) circle += "'" + step + "' issued by ";
        throw MintError("issuers go in a circle: " + circle + "'" + issuer +
                        "'; the issuer of a certificate that signs itself is self");
      }
      if (path.size() > kMaxIssuers) {
        throw MintError("more than " + std::to_string(kMaxIssuers) + " issuers stand above it");
      }
      path.push_back(issuer);
    }
  }

  void mint_one(const std::string& id) {
    if (minted_.contains(id)) return;
    const auto& request = requests_.at(id);
    const Certificate* issuer = nullptr;
    if (request.issuer != "self") {
      issuer = of_authority(request.issuer);
      if (issuer == nullptr) issuer = &minted_.at(request.issuer);
    }
    minted_.emplace(id, issue(request.spec, issuer, take_unused(keys_, request.spec.key, used_), id));
  }

  Chain chain(const std::string& id, const std::vector<std::string>& path) const {
    const CertificateRequest& request = requests_.at(id);
    Chain out{minted_.at(id), {}, {}};
    for (auto step = path.begin() + 1; step != path.end(); ++step)
      out.issuers.push_back(minted_.at(*step).der);
    const std::string& top = requests_.at(path.back()).issuer;
    if (top == "intermediate") out.issuers.push_back(authority_.intermediate.der);
    if (top == "intermediate" || top == "root") out.issuers.push_back(authority_.root.der);
    if (top == "unknown-ca") out.issuers.push_back(authority_.unknown_root.der);

    if (!request.sends) {
      out.sends.push_back(out.leaf.der);
      // The last issuer is a root: one of the authority's, or a request that signs itself.
      const auto below_root = out.issuers.empty() ? out.issuers.end() : out.issuers.end() - 1;
      out.sends.insert(out.sends.end(), out.issuers.begin(), below_root);
      return out;
    }
    for (const auto& word : *request.sends) out.sends.push_back(sent(word, out.leaf));
    return out;
  }

  Octets sent(const std::string& word, const Certificate& leaf) const {
    if (word == "leaf") return leaf.der;
    if (const auto* certificate = of_authority(word)) return certificate->der;
    const auto found = requests_.find(word);
    if (found == requests_.end()) {
      throw MintError("'" + word +
                      "' in sends is not known; wanted one of leaf, intermediate, root, unknown-ca" +
                      known_ids());
    }
    return minted_.at(word).der;
  }

  const CertificateRequests& requests_;
  const Authority& authority_;
  KeyPool& keys_;
  std::set<const EVP_PKEY*> used_;
  std::map<std::string, Certificate> minted_;
};

CertificateSpec authority_spec(const char* common_name) {
  CertificateSpec spec;
  spec.subject = {{{"2.5.4.10", {"mxident test certificates (keys not secret)", StringType::utf8}}},
                  {{"2.5.4.3", {common_name, StringType::utf8}}}};
  spec.ca = true;
  return spec;
}

}  // namespace

Authority Authority::make(KeyPool& keys) {
  std::set<const EVP_PKEY*> used;
  const auto key = [&] { return take_unused(keys, KeyType::p256, used); };
  Certificate root = issue(authority_spec("mxident test root"), nullptr, key(), "root");
  Certificate intermediate = issue(authority_spec("mxident test intermediate"), &root, key(), "intermediate");
  Certificate unknown = issue(authority_spec("mxident test unknown root"), nullptr, key(), "unknown-ca");
  return {std::move(root), std::move(intermediate), std::move(unknown)};
}

std::map<std::string, Chain> mint(const CertificateRequests& requests, const Authority& authority,
                                  KeyPool& keys) {
  return Minting(requests, authority, keys).all();
}

std::string to_pem(const Octets& der) {
  constexpr std::size_t kLine = 48;  // octets in a line of 64 characters (RFC 7468 2)
  std::string out = "-----BEGIN CERTIFICATE-----\n";
  std::array<unsigned char, 65> line{};
  for (std::size_t at = 0; at < der.size(); at += kLine) {
    const std::size_t size = std::min(kLine, der.size() - at);
    const int written = EVP_EncodeBlock(line.data(), reinterpret_cast<const unsigned char*>(der.data()) + at,
                                        static_cast<int>(size));
    out.append(reinterpret_cast<const char*>(line.data()), static_cast<std::size_t>(written)).push_back('\n');
  }
  return out + "-----END CERTIFICATE-----\n";
}

std::string Certificate::pem() const {
  return to_pem(der);
}

std::string pem_chain(const Chain& chain) {
  std::string out;
  for (const auto& der : chain.sends) out += to_pem(der);
  return out;
}

}  // namespace mxident::certs
