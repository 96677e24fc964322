#include "mocks/dns/message.hpp"

#include <ldns/ldns.h>

#include <algorithm>
#include <memory>

namespace mxident::mocks::dns {
namespace {

constexpr std::size_t kHeader = 12;
/// A question and an OPT record with some options; a longer query has no business here.
constexpr std::size_t kMaxQuery = 4096;
constexpr std::uint16_t kTypeOpt = 41;
/// What this side can take (RFC 6891 6.2.5).
constexpr std::uint16_t kOwnUdpSize = 1232;

struct PacketFree {
  void operator()(ldns_pkt* packet) const { ldns_pkt_free(packet); }
};

std::uint16_t read16(std::span<const std::uint8_t> octets, std::size_t at) {
  return static_cast<std::uint16_t>((octets[at] << 8) | octets[at + 1]);
}

class Writer {
 public:
  explicit Writer(std::size_t size_hint) { out_.reserve(size_hint); }
  void put8(unsigned value) { out_.push_back(static_cast<std::uint8_t>(value)); }
  void put16(std::size_t value) {
    put8((value >> 8) & 0xff);
    put8(value & 0xff);
  }
  void put32(std::uint32_t value) {
    put16(value >> 16);
    put16(value & 0xffff);
  }
  void put(const std::string& octets) { out_.insert(out_.end(), octets.begin(), octets.end()); }
  void put(const WireSet& set) {
    for (const std::string& rdata : set.rdata) {
      put(*set.owner);
      put16(set.type);
      put16(kClassIn);
      put32(set.ttl);
      put16(rdata.size());
      put(rdata);
    }
  }
  std::vector<std::uint8_t> take() { return std::move(out_); }

 private:
  std::vector<std::uint8_t> out_;
};

std::size_t count_of(std::span<const WireSet> sets) {
  std::size_t count = 0;
  for (const WireSet& set : sets) count += set.rdata.size();
  return count;
}

}  // namespace

ReadQuery read_query(std::span<const std::uint8_t> octets) {
  ReadQuery read;
  const bool is_reply = octets.size() >= kHeader && (octets[2] & 0x80) != 0;
  if (octets.size() < kHeader || is_reply) {
    read.ignore = true;
    return read;
  }
  read.query.id = read16(octets, 0);
  read.query.recursion_desired = (octets[2] & 0x01) != 0;
  if (((octets[2] >> 3) & 0x0f) != 0) {
    read.refusal = Rcode::notimp;
    return read;
  }
  read.refusal = Rcode::formerr;
  // Counts are looked at before anything is taken apart: one question, no answers, and no more than OPT
  // behind them.
  if (octets.size() > kMaxQuery || read16(octets, 4) != 1 || read16(octets, 6) != 0 ||
      read16(octets, 8) != 0 || read16(octets, 10) > 1) {
    return read;
  }
  ldns_pkt* raw = nullptr;
  const ldns_status status = ldns_wire2pkt(&raw, octets.data(), octets.size());
  const std::unique_ptr<ldns_pkt, PacketFree> packet(raw);
  if (status != LDNS_STATUS_OK || !packet) return read;
  const ldns_rr_list* questions = ldns_pkt_question(packet.get());
  if (ldns_rr_list_rr_count(questions) != 1) return read;
  // ldns takes OPT out of the additional records; whatever else stood there is none of ours.
  if (ldns_rr_list_rr_count(ldns_pkt_additional(packet.get())) != 0 || ldns_pkt_tsig(packet.get()))
    return read;

  Query& query = read.query;
  const ldns_rr* question = ldns_rr_list_rr(questions, 0);
  const ldns_rdf* owner = ldns_rr_owner(question);
  query.name.assign(reinterpret_cast<const char*>(ldns_rdf_data(owner)), ldns_rdf_size(owner));
  query.type = static_cast<std::uint16_t>(ldns_rr_get_type(question));
  query.klass = static_cast<std::uint16_t>(ldns_rr_get_class(question));
  query.authentic_data = ldns_pkt_ad(packet.get());
  query.checking_disabled = ldns_pkt_cd(packet.get());
  query.edns = read16(octets, 10) == 1;
  if (query.edns) {
    query.dnssec_ok = ldns_pkt_edns_do(packet.get());
    query.edns_version = ldns_pkt_edns_version(packet.get());
    query.udp_size = std::clamp<std::uint16_t>(ldns_pkt_edns_udp_size(packet.get()), 512, 4096);
  }
  read.refusal = Rcode::noerror;
  return read;
}

std::vector<std::uint8_t> write_reply(const Query& query, const Reply& reply,
                                      std::span<const WireSet> answers, std::span<const WireSet> authority) {
  Writer out(512);
  out.put16(query.id);
  out.put8(0x80u | (reply.authoritative ? 0x04u : 0u) | (reply.truncated ? 0x02u : 0u) |
           (query.recursion_desired ? 0x01u : 0u));
  out.put8((reply.recursion_available ? 0x80u : 0u) | (reply.authentic_data ? 0x20u : 0u) |
           (query.checking_disabled ? 0x10u : 0u) | (reply.rcode & 0x0fu));
  out.put16(query.name.empty() ? 0 : 1);  // none if the question could not be read
  out.put16(count_of(answers));
  out.put16(count_of(authority));
  out.put16(query.edns ? 1 : 0);
  if (!query.name.empty()) {
    out.put(query.name);
    out.put16(query.type);
    out.put16(query.klass);
  }
  for (const WireSet& set : answers) out.put(set);
  for (const WireSet& set : authority) out.put(set);
  if (query.edns) {
    out.put8(0);
    out.put16(kTypeOpt);
    out.put16(kOwnUdpSize);
    out.put8(static_cast<unsigned>(reply.rcode >> 4));
    out.put8(0);  // version
    out.put16(query.dnssec_ok ? 0x8000 : 0);
    out.put16(0);
  }
  return out.take();
}

}  // namespace mxident::mocks::dns
