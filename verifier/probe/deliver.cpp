#include "deliver.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "../net/wire.hpp"
#include "facts.hpp"

namespace mxident::probe {
namespace asio = boost::asio;

namespace {

using Clock = Wire::Clock;

class Delivery {
 public:
  Delivery(Resolver& resolver, DeliveryOptions options)
      : resolver_(resolver), options_(std::move(options)), deadline_(Clock::now() + options_.timeout) {}

  asio::awaitable<DeliveryReport> run();

 private:
  asio::awaitable<void> to_domain();
  asio::awaitable<void> to_literal();
  asio::awaitable<void> to_host(std::string host, bool last);
  asio::awaitable<void> to_address(HostFacts facts, bool last);
  asio::awaitable<SessionReport> session(const std::string& address, const Applied& applied, TlsDemand demand,
                                         bool last);
  HostFacts facts_of(std::string host) const;
  void give_up(std::string host, Reason reason, std::string error, PolicyId applied);
  void record(HostReport report);
  void conclude();

  Resolver& resolver_;
  DeliveryOptions options_;
  Clock::time_point deadline_;
  ReferenceIdentifier domain_;
  DeliveryReport report_;
  bool done_ = false;
};

asio::awaitable<DeliveryReport> Delivery::run() {
  const ReferenceResult domain =
      make_reference(options_.domain, ReferenceOrigin::recipient_domain, options_.policy.rules);
  if (!domain.reference) {
    report_.reason = domain.reason;
    report_.error = info(domain.reason).sentence;
    co_return std::move(report_);
  }
  domain_ = *domain.reference;
  if (domain_.type == ReferenceType::ip) {
    co_await to_literal();
  } else {
    co_await to_domain();
  }
  conclude();
  co_return std::move(report_);
}

HostFacts Delivery::facts_of(std::string host) const {
  HostFacts facts;
  facts.domain = domain_.text;
  facts.host = std::move(host);
  facts.configured = options_.configured;
  return facts;
}

asio::awaitable<void> Delivery::to_literal() {
  // Neither DANE nor MTA-STS applies to a literal (RFC 7672 2.2, RFC 8461 3.4), so nothing is looked up.
  HostFacts facts = facts_of(domain_.text);
  facts.host_source = Published::HostSource::configured;
  facts.address = domain_.text;
  co_await to_address(std::move(facts), true);
}

asio::awaitable<void> Delivery::to_domain() {
  report_.mx = co_await lookup_mx(resolver_, domain_.domain);
  if (report_.mx.kind == MxResult::Kind::none || report_.mx.kind == MxResult::Kind::null_mx) {
    report_.reason = report_.mx.reason.value_or(Reason::dns_error);
    report_.error = report_.mx.error.empty() ? std::string(info(report_.reason).sentence) : report_.mx.error;
    co_return;
  }
  if (options_.policy.id == PolicyId::mta_sts) {
    StsFetchOptions fetch;
    fetch.domain = domain_.domain;
    fetch.port = options_.https_port;
    fetch.trust = options_.trust;
    fetch.time = options_.time;
    fetch.family = options_.family;
    // Half of what is left, so that a policy host that says nothing does not keep the mail from an MX host.
    fetch.timeout = std::min(
        fetch.timeout, std::chrono::duration_cast<std::chrono::milliseconds>((deadline_ - Clock::now()) / 2));
    report_.sts = co_await fetch_sts_policy(resolver_, std::move(fetch));
  }
  for (std::size_t i = 0; i < report_.mx.hosts.size() && !done_; ++i) {
    co_await to_host(report_.mx.hosts[i].name, i + 1 == report_.mx.hosts.size());
  }
}

asio::awaitable<void> Delivery::to_host(std::string host, bool last) {
  const AddressResult addresses = co_await lookup_mx_addresses(resolver_, host, options_.family);
  if (addresses.addresses.empty()) {
    give_up(host, addresses.reason.value_or(Reason::dns_no_address), addresses.error, options_.policy.id);
    co_return;
  }
  TlsaResult tlsa;
  HostFacts facts = facts_of(host);
  facts.mx = &report_.mx;
  facts.sts = &report_.sts;
  if (options_.policy.references == ReferenceSelection::dane) {
    tlsa = co_await lookup_tlsa(resolver_, host, options_.port, addresses);
    if (tlsa.kind == TlsaResult::Kind::failed) {
      give_up(host, tlsa.reason, tlsa.error, options_.policy.id);
      co_return;
    }
    facts.tlsa = &tlsa;
  }
  if (const auto refused = apply(options_.policy, published(facts)).refused;
      refused && options_.policy.references != ReferenceSelection::address) {
    give_up(host, *refused, {}, options_.policy.id);
    co_return;
  }
  for (std::size_t i = 0; i < addresses.addresses.size() && !done_; ++i) {
    facts.address = addresses.addresses[i];
    co_await to_address(facts, last && i + 1 == addresses.addresses.size());
  }
}

asio::awaitable<SessionReport> Delivery::session(const std::string& address, const Applied& applied,
                                                 TlsDemand demand, bool last) {
  SessionOptions options;
  options.address = address;
  options.port = options_.port;
  options.tls = options_.tls;
  options.sni = applied.sni;
  options.helo = options_.helo;
  options.policy = applied.obeyed();
  options.policy.tls = demand;
  options.references = applied.references;
  if (applied.effect == Applied::Effect::enforce) options.veto = applied.veto;
  options.tlsa = applied.tlsa;
  options.trust = options_.trust;
  options.time = options_.time;
  options.deliver = options_.deliver;
  options.sender = options_.sender;
  options.recipient = options_.recipient;
  options.message = options_.message;
  options.is_public_suffix = options_.is_public_suffix;
  // A host that drags its feet gets half of what is left, unless nobody comes after it.
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now());
  options.timeout = last ? left : left / 2;
  SessionReport report = co_await run_session(std::move(options));
  co_return report;
}

asio::awaitable<void> Delivery::to_address(HostFacts facts, bool last) {
  const Applied applied = apply(options_.policy, published(facts));
  const PolicyId holds = applied.obeyed().id;
  if (applied.refused) {
    give_up(std::move(facts.host), *applied.refused, {}, holds);
    co_return;
  }
  if (Clock::now() >= deadline_) {
    done_ = true;
    give_up(std::move(facts.host), Reason::smtp_timeout, {}, holds);
    co_return;
  }
  const TlsDemand demand = applied.obeyed().tls;
  const bool may_retry = demand == TlsDemand::if_offered && options_.tls == TlsMode::starttls;
  HostReport first{facts.host, facts.address, holds, Reason::connect_failed, {}};
  first.session = co_await session(facts.address, applied, demand, last && !may_retry);
  first.reason = first.session.reason;
  const Layers& layers = first.session.layers;
  // STARTTLS was agreed and then TLS did not come about.
  const bool tls_broke =
      layers.handshake == LayerState::failed ||
      (layers.starttls == LayerState::failed && first.session.decision == SessionDecision::reject &&
       first.reason != Reason::mail_refused);
  record(std::move(first));
  if (done_ || !may_retry || !tls_broke || Clock::now() >= deadline_) co_return;
  // Opportunistic TLS goes on in clear, on a new connection (RFC 7435 3, RFC 3207 4.1).
  HostReport second{facts.host, facts.address, holds, Reason::connect_failed, {}};
  second.session = co_await session(facts.address, applied, TlsDemand::never, last);
  second.reason = second.session.reason;
  if (second.session.decision == SessionDecision::plaintext) {
    second.reason = second.session.reason = Reason::plaintext_allowed;
  }
  record(std::move(second));
}

void Delivery::give_up(std::string host, Reason reason, std::string error, PolicyId applied) {
  HostReport report;
  report.host = std::move(host);
  report.applied = applied;
  report.reason = reason;
  report.session.reason = reason;
  report.session.error = error.empty() ? std::string(info(reason).sentence) : std::move(error);
  record(std::move(report));
}

void Delivery::record(HostReport report) {
  const SessionReport& session = report.session;
  const bool went_on =
      session.decision == SessionDecision::accept || session.decision == SessionDecision::plaintext;
  if (went_on && session.layers.delivery != LayerState::failed) done_ = true;
  // 5yz is the end for the message, at every host (RFC 5321 4.2.1).
  if (session.refusal_code >= 500) done_ = true;
  report_.hosts.push_back(std::move(report));
  if (report_.hosts.size() == kMaxSessions) done_ = true;
}

// The message decides: who took it; else who came closest.
void Delivery::conclude() {
  const HostReport* best = nullptr;
  const auto rank = [](const HostReport& report) {
    const bool failed = report.session.layers.delivery == LayerState::failed;
    switch (report.session.decision) {
      case SessionDecision::accept:
      case SessionDecision::plaintext:
        return failed ? 2 : 3;
      case SessionDecision::reject:
        return 1;
      case SessionDecision::none:
        break;
    }
    return 0;
  };
  for (const auto& host : report_.hosts) {
    if (best == nullptr || rank(host) > rank(*best)) best = &host;
  }
  if (best == nullptr) return;
  report_.decision = best->session.decision;
  report_.reason = best->reason;
  report_.layers = best->session.layers;
  report_.error = best->session.error;
}

asio::awaitable<DeliveryReport> deliver_with_stub(DeliveryOptions options) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  StubOptions stub;
  stub.address = options.resolver_address;
  stub.port = options.resolver_port;
  const std::unique_ptr<Resolver> resolver = make_stub_resolver(executor, std::move(stub));
  DeliveryReport report = co_await deliver(*resolver, std::move(options));
  co_return report;
}

}  // namespace

asio::awaitable<DeliveryReport> deliver(Resolver& resolver, DeliveryOptions options) {
  Delivery delivery(resolver, std::move(options));
  DeliveryReport report = co_await delivery.run();
  co_return report;
}

void start_delivery(asio::any_io_executor serial, DeliveryOptions options,
                    std::function<void(DeliveryReport)> done) {
  asio::co_spawn(std::move(serial), deliver_with_stub(std::move(options)),
                 [done = std::move(done)](std::exception_ptr failed, DeliveryReport report) {
                   if (failed) {
                     report = {};
                     report.error = "the delivery failed inside";
                   }
                   done(std::move(report));
                 });
}

}  // namespace mxident::probe
