// The two name servers of a world behind the seam of world_parts.hpp.
#include <array>
#include <exception>
#include <list>
#include <string>
#include <utility>

#include "mocks/dns/lookup.hpp"
#include "mocks/dns/message.hpp"
#include "mocks/dns/signer.hpp"
#include "mocks/dns/zone_tree.hpp"
#include "mocks/world_parts.hpp"

namespace mxident::mocks {
namespace dns {
namespace {

constexpr std::uint16_t kTypeIxfr = 251;
constexpr std::uint16_t kTypeAxfr = 252;
constexpr std::size_t kMaxMessage = 65535;

std::string_view rcode_name(Rcode rcode) {
  switch (rcode) {
    case Rcode::noerror:
      return "NOERROR";
    case Rcode::formerr:
      return "FORMERR";
    case Rcode::servfail:
      return "SERVFAIL";
    case Rcode::nxdomain:
      return "NXDOMAIN";
    case Rcode::notimp:
      return "NOTIMP";
    case Rcode::refused:
      return "REFUSED";
  }
  return "?";
}

bool validates(ZoneState state) {
  return state == ZoneState::secure || state == ZoneState::insecure;
}

/// Sets with their signatures, and the storage that these need until the reply is written.
class Sets {
 public:
  Sets(std::int64_t clock, bool signatures) : clock_(clock), signatures_(signatures) {}

  void add(const Answer& answer) {
    sets_.push_back({&answer.owner, answer.set->type, answer.set->ttl, answer.set->rdata});
    if (!signatures_ || !answer.zone->is_signed()) return;
    const ZoneState state = answer.zone->state;
    const Damage damage = state == ZoneState::bogus     ? Damage::tampered
                          : state == ZoneState::expired ? Damage::expired
                                                        : Damage::none;
    made_.push_back(signature(answer.zone->apex, answer.signed_owner, *answer.set, clock_, damage));
    sets_.push_back({&answer.owner, kTypeRrsig, answer.set->ttl, {&made_.back(), 1}});
  }

  std::span<const WireSet> get() const { return sets_; }

 private:
  std::int64_t clock_;
  bool signatures_;
  std::list<std::string> made_;  // a list: its elements stay where they are
  std::vector<WireSet> sets_;
};

class Service final : public DnsService {
 public:
  Service(const DnsSpec& spec, const DnsContext& context) : tree_(spec, context), clock_(context.clock) {}

  DnsReply answer(std::span<const std::uint8_t> octets, Transport transport, DnsRole role) const override {
    const ReadQuery read = read_query(octets);
    if (read.ignore) return {};
    const Query& query = read.query;
    if (read.refusal != Rcode::noerror) {
      return refuse(query, read.refusal, "malformed query " + std::string(rcode_name(read.refusal)));
    }
    const std::string asked = name_to_text(query.name) + ' ' + type_name(query.type) + ' ';
    if (query.edns_version != 0) {
      Reply reply;
      reply.rcode = kRcodeBadVersion;
      return {write_reply(query, reply, {}, {}), asked + "BADVERS"};
    }
    if (query.klass != kClassIn || query.type == kTypeAxfr || query.type == kTypeIxfr) {
      return refuse(query, Rcode::refused, asked + "REFUSED");
    }
    try {
      return find(query, transport, role, asked);
    } catch (const std::exception&) {  // ldns refuses to sign, or memory ran out
      return refuse(query, Rcode::servfail, asked + "SERVFAIL");
    }
  }

  std::vector<std::string> trust_anchors() const override {
    if (!tree_.is_signed()) return {};
    return {ds_text(WireName(1, '\0'))};
  }

 private:
  static DnsReply refuse(const Query& query, Rcode rcode, std::string said) {
    Reply reply;
    reply.rcode = static_cast<std::uint16_t>(rcode);
    return {write_reply(query, reply, {}, {}), std::move(said)};
  }

  DnsReply find(const Query& query, Transport transport, DnsRole role, const std::string& asked) const {
    Found found = look_up(tree_, query.name, query.type, role);
    if (found.timeout) return {std::nullopt, asked + "TIMEOUT"};
    const bool resolver = role == DnsRole::resolver;
    // RFC 4035 3.2.2 and 5.5: what does not validate is a failure, unless the asker wants to check for
    // itself.
    if (resolver && !validates(found.state) && !query.checking_disabled) {
      found = Found{};
      found.rcode = Rcode::servfail;
    }
    Reply reply;
    reply.rcode = static_cast<std::uint16_t>(found.rcode);
    reply.authoritative = !resolver;
    reply.recursion_available = resolver;
    reply.authentic_data = resolver && found.state == ZoneState::secure && found.rcode != Rcode::servfail &&
                           (query.authentic_data || query.dnssec_ok);  // RFC 6840 5.8
    const std::string said = asked + std::string(rcode_name(found.rcode));
    if (transport == Transport::udp && found.truncate_udp) return truncated(query, reply, said);

    Sets answers(clock_, query.dnssec_ok), authority(clock_, query.dnssec_ok);
    for (const Answer& answer : found.answers) answers.add(answer);
    for (const Answer& answer : found.soa) authority.add(answer);
    if (query.dnssec_ok) {
      for (const Answer& answer : found.denials) authority.add(answer);
    }
    std::vector<std::uint8_t> octets = write_reply(query, reply, answers.get(), authority.get());
    if (transport == Transport::udp && octets.size() > query.udp_size) return truncated(query, reply, said);
    if (octets.size() > kMaxMessage) return refuse(query, Rcode::servfail, asked + "SERVFAIL");
    return {std::move(octets), said};
  }

  static DnsReply truncated(const Query& query, Reply reply, std::string said) {
    reply.truncated = true;
    return {write_reply(query, reply, {}, {}), std::move(said)};
  }

  ZoneTree tree_;
  std::int64_t clock_;
};

}  // namespace
}  // namespace dns

std::unique_ptr<DnsService> DnsService::make(const DnsSpec& spec, const DnsContext& context) {
  return std::make_unique<dns::Service>(spec, context);
}

}  // namespace mxident::mocks
