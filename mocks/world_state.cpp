#include "mocks/world_state.hpp"

#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <exception>
#include <utility>

#include "mocks/dns/stream.hpp"

namespace mxident::mocks {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kMaxOpen = 1024;  // connections of one world, mail and others apart
constexpr std::uint16_t kHttpsPort = 443;
constexpr int kPolicyHostLevel = 1;

OnHello on_hello(Starttls behaviour) {
  switch (behaviour) {
    case Starttls::garbage:
    case Starttls::silent:
    case Starttls::closed:
      return OnHello::stop;
    case Starttls::alert:
      return OnHello::refuse;
    default:
      return OnHello::serve;
  }
}

}  // namespace

WorldState::WorldState(asio::io_context& context, std::shared_ptr<const TlsContext> tls,
                       IdentityReader& identities, const WorldSpec& spec, std::uint32_t block,
                       Placement placement)
    : context_(context),
      tls_(std::move(tls)),
      idle_limit_(spec.idle_limit),
      life_limit_(spec.life_limit),
      plan_(plan_world(spec.servers, spec.sts, block, placement)) {
  add_servers(spec, identities, placement);
  add_policy_hosts(spec, identities, placement);
  add_name_servers(spec, placement);
}

/// Null for an empty id.
std::shared_ptr<const Identity> WorldState::identity(const WorldSpec& spec, IdentityReader& identities,
                                                     const std::string& id, int security_level) const {
  if (id.empty()) return nullptr;
  const auto chain = spec.certificates.find(id);
  if (chain == spec.certificates.end()) throw WorldError("there is no certificate \"" + id + "\"");
  // That it can be used is asked now, not when a client comes: a handshake that fails for this reason would
  // look like the client's refusal.
  return identities.read(id, chain->second, *tls_, security_level);
}

void WorldState::add_servers(const WorldSpec& spec, IdentityReader& identities, Placement placement) {
  for (const auto& server : spec.servers) {
    std::vector<const SmtpServerSpec*> stages{&server};
    for (const auto& later : server.then) stages.push_back(&later);
    const auto met = std::make_shared<std::atomic<std::size_t>>(0);
    const auto& addresses = plan_.hosts.at(server.host);
    for (std::size_t i = 0; i < addresses.size(); ++i) {
      auto site = std::make_shared<SmtpSite>();
      site->met = met;
      for (const auto* stage : stages) site->endpoints.push_back(endpoint(spec, *stage, identities, i));
      auto place = std::make_shared<Place>();
      place->host = server.host;
      place->address = addresses[i];
      if (placement != Placement::loopback) place->ports = server.ports;
      place->smtp = std::move(site);
      places_.push_back(std::move(place));
    }
  }
}

/// What `server` is at its address number `index`.
std::shared_ptr<const SmtpEndpoint> WorldState::endpoint(const WorldSpec& spec, const SmtpServerSpec& server,
                                                         IdentityReader& identities,
                                                         std::size_t index) const {
  auto out = std::make_shared<SmtpEndpoint>();
  out->spec = server;
  TlsSettings& tls = out->tls;
  tls.min = server.tls_min;
  tls.max = server.tls_max;
  tls.security_level = server.security_level;
  tls.on_hello = on_hello(server.starttls);
  tls.sni = server.sni;
  tls.resumption = server.resumption;
  // What is said about one address is nearer than what SNI says.
  if (index < server.addresses.size() && server.addresses[index].certificate) {
    tls.identity = identity(spec, identities, *server.addresses[index].certificate, server.security_level);
    return out;
  }
  tls.identity = identity(spec, identities, server.certificate, server.security_level);
  for (const auto& [name, id] : server.certificates_by_sni) {
    tls.by_sni.emplace(plain_host(name), identity(spec, identities, id, server.security_level));
  }
  return out;
}

void WorldState::add_policy_hosts(const WorldSpec& spec, IdentityReader& identities, Placement placement) {
  for (const auto& sts : spec.sts) {
    auto site = std::make_shared<PolicySite>();
    site->service = StsService::make(sts);
    site->tls.identity = identity(spec, identities, sts.certificate, kPolicyHostLevel);
    auto place = std::make_shared<Place>();
    place->host = "mta-sts";
    place->site_host = policy_host(sts);
    place->address = plan_.hosts.at(place->site_host).front();
    if (placement != Placement::loopback) place->ports = {kHttpsPort};
    place->policy = std::move(site);
    places_.push_back(std::move(place));
  }
}

void WorldState::add_name_servers(const WorldSpec& spec, Placement placement) {
  DnsContext dns;
  for (const auto& [host, addresses] : plan_.hosts) dns.addresses[plain_host(host)] = addresses;
  for (const auto& sts : spec.sts) {
    if (sts.record) dns.texts["_mta-sts." + plain_host(sts.domain)] = *sts.record;
  }
  dns.authority_address = plan_.authority.front();
  dns.clock = spec.clock;
  if (dns.clock == 0) {
    dns.clock =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
  }
  dns_ = DnsService::make(spec.dns, dns);
  if (placement == Placement::outside) return;
  const auto add = [&](DnsRole role, const char* host, const std::vector<std::string>& addresses) {
    for (const auto& address : addresses) {
      auto place = std::make_shared<Place>();
      place->host = host;
      place->address = address;
      place->dns = role;
      if (placement == Placement::namespaced) place->ports = {kDnsPort};
      places_.push_back(std::move(place));
    }
  };
  add(DnsRole::resolver, "dns", plan_.resolver);
  add(DnsRole::authority, "authority", plan_.authority);
}

void WorldState::admit(UniqueFd connection, std::shared_ptr<const Place> place, std::shared_ptr<void> pass) {
  auto& count = place->smtp ? smtp_open_ : others_open_;
  if (++count > kMaxOpen) {
    --count;
    return;
  }
  asio::post(context_,
             [self = shared_from_this(), fd = std::move(connection), place = std::move(place),
              pass = std::move(pass)]() mutable { self->serve(std::move(fd), place, std::move(pass)); });
}

void WorldState::serve(UniqueFd fd, const std::shared_ptr<const Place>& place, std::shared_ptr<void> pass) {
  const Source source{++last_connection_, place->host, place->address, place->role()};
  const bool ipv6 = place->address.find(':') != std::string::npos;
  asio::ip::tcp::socket socket(context_);
  boost::system::error_code error;
  const bool closed = closed_;  // asked once: it may become true at any time
  if (!closed) socket.assign(ipv6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), fd.get(), error);
  if (closed || error) return ended(nullptr, *place);
  fd.release();
  const auto connection = std::make_shared<Connection>(
      std::move(socket), place->is_dns() ? nullptr : recorder_, source, idle_limit_);
  if (life_limit_.count() > 0) connection->end_after(life_limit_);
  connections_.insert(connection.get());
  const auto finished = [self = shared_from_this(), connection, place,
                         pass = std::move(pass)](const std::exception_ptr& failure) {
    self->ended(connection.get(), *place);
    if (failure)
      std::rethrow_exception(failure);  // ends the program: a broken mock must not look like a verdict
  };
  if (place->smtp) {
    asio::co_spawn(context_, serve_smtp(connection, place->smtp->next(), tls_), finished);
  } else if (place->policy) {
    asio::co_spawn(context_, serve_policy(connection, source, place->policy), finished);
  } else {
    const auto answered = [self = shared_from_this(), source,
                           role = place->dns](std::span<const std::uint8_t> query) {
      return self->answer(query, Transport::tcp, role, source);
    };
    asio::co_spawn(context_, dns::serve_stream(connection, answered), finished);
  }
}

void WorldState::ended(Connection* connection, const Place& place) {
  connections_.erase(connection);
  --(place.smtp ? smtp_open_ : others_open_);
  tell_idle();
}

std::vector<std::uint8_t> WorldState::answer(std::span<const std::uint8_t> query, const Place& place) const {
  return answer(query, Transport::udp, place.dns, {0, place.host, place.address, place.role()});
}

std::vector<std::uint8_t> WorldState::answer(std::span<const std::uint8_t> query, Transport transport,
                                             const std::string& directory) const {
  return answer(query, transport, DnsRole::resolver, {0, "dns", directory, Role::name_server});
}

std::vector<std::uint8_t> WorldState::answer(std::span<const std::uint8_t> query, Transport transport,
                                             DnsRole role, const Source& source) const {
  auto reply = dns_->answer(query, transport, role);
  if (!reply.said.empty()) recorder_->add(source, EventKind::dns_query, reply.said);
  return std::move(reply.octets).value_or(std::vector<std::uint8_t>());
}

asio::awaitable<void> WorldState::serve_policy(std::shared_ptr<Connection> connection, Source source,
                                               std::shared_ptr<const PolicySite> site) {
  constexpr std::size_t kMaxInput = 1U << 20U;
  connection->start();
  const auto session = site->service->open();
  std::size_t received = 0;
  if (co_await connection->start_tls(*tls_, site->tls, "")) {
    for (bool go_on = true; go_on;) {
      if (connection->input().empty() && !co_await connection->fill()) break;
      received += connection->input().size();
      const auto output = session->feed(connection->input());
      connection->input().clear();
      for (const auto& request : output.requests)
        recorder_->add(source, EventKind::https_request, request, true);
      connection->queue(output.octets);
      co_await connection->flush();
      go_on = !output.close && received <= kMaxInput;
    }
  }
  co_await connection->finish(Connection::Goodbye::orderly);
}

void WorldState::want_idle(std::function<void()> done) {
  const std::lock_guard lock(idle_mutex_);
  on_idle_ = std::move(done);
}

void WorldState::watch_idle() {
  idle_watched_ = true;
  tell_idle();
}

void WorldState::tell_idle() {
  if (!idle_watched_ || smtp_open_ != 0) return;
  std::function<void()> done;
  {
    const std::lock_guard lock(idle_mutex_);
    done.swap(on_idle_);
  }
  idle_watched_ = false;
  if (done) done();
}

void WorldState::close() {
  recorder_->close();
  want_idle(nullptr);
  closed_ = true;
  if (smtp_open_ + others_open_ == 0) return;  // one that is admitted from now on finds the world closed
  asio::post(context_, [self = shared_from_this()] {
    for (Connection* connection : self->connections_) connection->stop();
  });
}

}  // namespace mxident::mocks
