#include "mocks/dns/test_messages.hpp"

#include <ldns/ldns.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace mxident::mocks::dns {
namespace {

struct PacketFree {
  void operator()(ldns_pkt* packet) const { ldns_pkt_free(packet); }
};
using Packet = std::unique_ptr<ldns_pkt, PacketFree>;

std::string take(char* text) {
  std::string result = text ? text : "?";
  std::free(text);
  return result;
}

std::string describe(const ldns_rr* rr) {
  const ldns_rr_type type = ldns_rr_get_type(rr);
  std::string line = take(ldns_rdf2str(ldns_rr_owner(rr))) + ' ' + take(ldns_rr_type2str(type));
  if (type == LDNS_RR_TYPE_SOA) return line;
  if (type == LDNS_RR_TYPE_RRSIG) {
    return line + ' ' + take(ldns_rdf2str(ldns_rr_rrsig_typecovered(rr))) + ' ' +
           take(ldns_rdf2str(ldns_rr_rrsig_signame(rr)));
  }
  for (std::size_t i = 0; i < ldns_rr_rd_count(rr); ++i) line += ' ' + take(ldns_rdf2str(ldns_rr_rdf(rr, i)));
  while (line.back() == ' ') line.pop_back();  // ldns ends type bitmaps in a space
  return line;
}

std::string describe(const ldns_rr_list* list) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(list); ++i)
    lines.push_back(describe(ldns_rr_list_rr(list, i)));
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const auto& line : lines) text += "; " + line;
  return text;
}

}  // namespace

std::vector<std::uint8_t> make_query(const std::string& name, const std::string& type, const Asking& asking) {
  const Packet packet(ldns_pkt_query_new(ldns_dname_new_frm_str(name.c_str()),
                                         ldns_get_rr_type_by_name(type.c_str()), LDNS_RR_CLASS_IN, LDNS_RD));
  ldns_pkt_set_id(packet.get(), 0x1234);
  if (asking.edns || asking.dnssec_ok) ldns_pkt_set_edns_udp_size(packet.get(), asking.udp_size);
  ldns_pkt_set_edns_do(packet.get(), asking.dnssec_ok);
  ldns_pkt_set_ad(packet.get(), asking.authentic_data);
  ldns_pkt_set_cd(packet.get(), asking.checking_disabled);
  std::uint8_t* wire = nullptr;
  std::size_t size = 0;
  if (ldns_pkt2wire(&wire, packet.get(), &size) != LDNS_STATUS_OK) return {};
  std::vector<std::uint8_t> octets(wire, wire + size);
  std::free(wire);
  return octets;
}

std::string describe_reply(std::span<const std::uint8_t> octets) {
  ldns_pkt* raw = nullptr;
  if (ldns_wire2pkt(&raw, octets.data(), octets.size()) != LDNS_STATUS_OK) return "unreadable";
  const Packet packet(raw);
  if (!ldns_pkt_qr(raw)) return "no reply";
  std::string text = take(ldns_pkt_rcode2str(ldns_pkt_get_rcode(raw)));
  if (ldns_pkt_aa(raw)) text += " aa";
  if (ldns_pkt_tc(raw)) text += " tc";
  if (ldns_pkt_ra(raw)) text += " ra";
  if (ldns_pkt_ad(raw)) text += " ad";
  return text + describe(ldns_pkt_answer(raw)) + describe(ldns_pkt_authority(raw));
}

}  // namespace mxident::mocks::dns
