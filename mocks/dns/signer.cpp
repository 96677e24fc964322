#include "mocks/dns/signer.hpp"

#include <ldns/ldns.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include "mocks/dns/ldns_ptr.hpp"

namespace mxident::mocks::dns {
namespace {

constexpr std::int64_t kDay = 86400;
constexpr std::size_t kMaxKept = 8192;

template <typename T>
T* must(T* pointer) {
  if (!pointer) throw std::runtime_error("ldns could not make a DNSSEC record");
  return pointer;
}

Rdf rdf_of(const WireName& name) {
  return Rdf(must(ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, name.size(), name.data())));
}

void append16(std::string& out, std::size_t value) {
  out += static_cast<char>((value >> 8) & 0xff);
  out += static_cast<char>(value & 0xff);
}

/// One record as ldns knows it.
Rr rr_of(const WireName& owner, const RrSet& set, const std::string& rdata) {
  std::string wire = owner;
  append16(wire, set.type);
  append16(wire, LDNS_RR_CLASS_IN);
  append16(wire, set.ttl >> 16);
  append16(wire, set.ttl & 0xffff);
  append16(wire, rdata.size());
  wire += rdata;
  ldns_rr* rr = nullptr;
  std::size_t at = 0;
  const auto* octets = reinterpret_cast<const std::uint8_t*>(wire.data());
  if (ldns_wire2rr(&rr, octets, wire.size(), &at, LDNS_SECTION_ANSWER) != LDNS_STATUS_OK) must<char>(nullptr);
  return Rr(rr);
}

struct ZoneKey {
  Key key;
  RrSet dnskey;
  std::uint16_t tag = 0;
};

ZoneKey make_key() {
  ZoneKey made;
  made.key.reset(must(ldns_key_new_frm_algorithm(LDNS_SIGN_ECDSAP256SHA256, 256)));
  ldns_key_set_flags(made.key.get(), LDNS_KEY_ZONE_KEY | LDNS_KEY_SEP_KEY);
  ldns_key_set_pubkey_owner(made.key.get(), rdf_of(WireName(1, '\0')).release());
  const Rr rr(must(ldns_key2rr(made.key.get())));
  made.dnskey = {kTypeDnskey, kDefaultTtl, {rdata_of(rr.get())}};
  made.tag = ldns_calc_keytag(rr.get());
  return made;
}

const ZoneKey& zone_key() {
  static const ZoneKey kKey = make_key();
  return kKey;
}

Rr ds_of(const WireName& apex) {
  const Rr dnskey = rr_of(apex, zone_key().dnskey, zone_key().dnskey.rdata.front());
  Rr ds(must(ldns_key_rr2ds(dnskey.get(), LDNS_SHA256)));
  ldns_rr_set_ttl(ds.get(), kDefaultTtl);
  return ds;
}

struct Period {
  std::int64_t inception, expiration;
};

Period period_of(std::int64_t clock, Damage damage) {
  // Whole days, so that worlds opened one after the other share signatures.
  const std::int64_t today = clock - clock % kDay;
  if (damage == Damage::expired) return {today - 60 * kDay, today - 30 * kDay};
  return {today - 7 * kDay, today + 30 * kDay};
}

std::string sign(const WireName& apex, const WireName& owner, const RrSet& set, Period period) {
  const RrList records(must(ldns_rr_list_new()));
  for (const std::string& rdata : set.rdata)
    ldns_rr_list_push_rr(records.get(), rr_of(owner, set, rdata).release());
  const KeyList keys(must(ldns_key_list_new()));
  ldns_key* key = must(ldns_key_new());
  ldns_key_list_push_key(keys.get(), key);
  EVP_PKEY* shared = ldns_key_evp_key(zone_key().key.get());
  EVP_PKEY_up_ref(shared);
  ldns_key_set_algorithm(key, LDNS_SIGN_ECDSAP256SHA256);
  ldns_key_set_evp_key(key, shared);
  ldns_key_set_flags(key, LDNS_KEY_ZONE_KEY | LDNS_KEY_SEP_KEY);
  ldns_key_set_keytag(key, zone_key().tag);
  ldns_key_set_pubkey_owner(key, rdf_of(to_lower(apex)).release());
  ldns_key_set_origttl(key, set.ttl);
  ldns_key_set_inception(key, static_cast<std::uint32_t>(period.inception));
  ldns_key_set_expiration(key, static_cast<std::uint32_t>(period.expiration));
  ldns_key_set_use(key, true);
  const RrList signatures(must(ldns_sign_public(records.get(), keys.get())));
  return rdata_of(must(ldns_rr_list_rr(signatures.get(), 0)));
}

/// Everything that decides on a signature.
std::string cache_key(const WireName& apex, const WireName& owner, const RrSet& set, Period period) {
  std::string key = std::to_string(period.inception) + ' ' + std::to_string(set.ttl) + ' ';
  append16(key, set.type);
  key += to_lower(apex);
  key += to_lower(owner);
  for (const std::string& rdata : set.rdata) {
    append16(key, rdata.size());
    key += rdata;
  }
  return key;
}

}  // namespace

RrSet dnskey_set() {
  return zone_key().dnskey;
}

RrSet ds_set(const WireName& apex) {
  return {kTypeDs, kDefaultTtl, {rdata_of(ds_of(apex).get())}};
}

std::string ds_text(const WireName& apex) {
  const Rr ds = ds_of(apex);
  char* text = must(ldns_rr2str(ds.get()));
  std::string line = text;
  std::free(text);
  // ldns sets a comment and a line end behind it, and tabs in between.
  line.resize(std::min(line.find_first_of(";\n"), line.size()));
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.pop_back();
  std::replace(line.begin(), line.end(), '\t', ' ');
  return line;
}

RrSet nsec_set(const WireName& next, std::vector<std::uint16_t> types) {
  std::sort(types.begin(), types.end());
  types.erase(std::unique(types.begin(), types.end()), types.end());
  std::vector<ldns_rr_type> list;
  for (const std::uint16_t type : types) list.push_back(static_cast<ldns_rr_type>(type));
  const Rdf bitmap(must(ldns_dnssec_create_nsec_bitmap(list.data(), list.size(), LDNS_RR_TYPE_NSEC)));
  // Lower case, because texts disagree whether the name is folded before signing (RFC 4034 6.2, RFC
  // 6840 5.1).
  std::string rdata = to_lower(next);
  rdata.append(reinterpret_cast<const char*>(ldns_rdf_data(bitmap.get())), ldns_rdf_size(bitmap.get()));
  return {kTypeNsec, kDefaultTtl, {std::move(rdata)}};
}

std::string signature(const WireName& apex, const WireName& owner, const RrSet& set, std::int64_t clock,
                      Damage damage) {
  static std::mutex mutex;
  static std::unordered_map<std::string, std::string> kept;
  const Period period = period_of(clock, damage);
  const std::string key = cache_key(apex, owner, set, period);
  std::string made;
  {
    const std::lock_guard lock(mutex);
    if (const auto found = kept.find(key); found != kept.end()) made = found->second;
  }
  if (made.empty()) {
    made = sign(apex, owner, set, period);
    const std::lock_guard lock(mutex);
    if (kept.size() >= kMaxKept) kept.clear();
    kept.emplace(key, made);
  }
  if (damage == Damage::tampered) made.back() = static_cast<char>(made.back() ^ 1);
  return made;
}

}  // namespace mxident::mocks::dns
