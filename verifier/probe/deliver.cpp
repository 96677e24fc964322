#include "deliver.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "../net/wire.hpp"

namespace mxident::probe {
namespace asio = boost::asio;

namespace {

using Clock = Wire::Clock;

std::string_view without_literal_marks(std::string_view domain) {
  // RFC 5321 4.1.3; make_reference() knows brackets, the tag belongs to SMTP alone.
  constexpr std::string_view kTag = "[IPv6:";
  if (domain.size() > kTag.size() && domain.starts_with(kTag) && domain.back() == ']') {
    return domain.substr(kTag.size(), domain.size() - kTag.size() - 1);
  }
  return domain;
}

// What holds for one host after its data are known.
struct HostPlan {
  Policy policy;
  std::vector<ReferenceIdentifier> references;
  std::vector<TlsaRecord> tlsa;
  std::string sni;
  Reason refused = Reason::reference_ok;  // else: the host may not be connected to
  Reason veto = Reason::reference_ok;     // else: it may, but gets no mail
  std::string error;
};

class Delivery {
 public:
  Delivery(Resolver& resolver, DeliveryOptions options)
      : resolver_(resolver), options_(std::move(options)), deadline_(Clock::now() + options_.timeout) {}

  asio::awaitable<DeliveryReport> run();

 private:
  asio::awaitable<void> to_domain();
  asio::awaitable<void> to_literal();
  asio::awaitable<void> to_host(std::string host, bool last);
  asio::awaitable<void> to_address(std::string host, std::string address, HostPlan plan, bool last);
  asio::awaitable<SessionReport> session(const std::string& address, const HostPlan& plan, bool last);
  asio::awaitable<HostPlan> plan_for(std::string host, const AddressResult& addresses);
  asio::awaitable<void> plan_dane(std::string host, const AddressResult& addresses, HostPlan& plan);
  void plan_sts(const std::string& host, HostPlan& plan);
  void add_reference(const std::string& text, ReferenceOrigin origin, HostPlan& plan);
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
  const ReferenceResult domain = make_reference(without_literal_marks(options_.domain),
                                                ReferenceOrigin::recipient_domain, options_.policy.rules);
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

asio::awaitable<void> Delivery::to_literal() {
  // Neither DANE nor MTA-STS applies to a literal (RFC 7672 2.2, RFC 8461 3.4); SNI has no place for it (RFC
  // 6066 3).
  HostPlan plan;
  plan.policy = options_.policy;
  const bool by_data = options_.policy.id == PolicyId::dane || options_.policy.id == PolicyId::mta_sts;
  if (by_data) plan.policy = policy(PolicyId::opportunistic);
  if (plan.policy.names == NameDemand::required) {
    if (options_.policy.references == ReferenceSelection::configured) {
      for (const auto& name : options_.configured) add_reference(name, ReferenceOrigin::configured, plan);
      plan.sni = sni_for(plan.references);
    } else {
      plan.references.push_back(domain_);
    }
  }
  co_await to_address(domain_.text, domain_.text, std::move(plan), true);
}

asio::awaitable<void> Delivery::to_domain() {
  report_.mx = co_await lookup_mx(resolver_, domain_.domain);
  if (report_.mx.kind == MxResult::Kind::none || report_.mx.kind == MxResult::Kind::null_mx) {
    report_.reason = report_.mx.reason;
    report_.error =
        report_.mx.error.empty() ? std::string(info(report_.mx.reason).sentence) : report_.mx.error;
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
  const AddressResult addresses = co_await lookup_addresses(resolver_, host, options_.family);
  if (addresses.addresses.empty()) {
    give_up(host, addresses.reason, addresses.error, options_.policy.id);
    co_return;
  }
  HostPlan plan = co_await plan_for(host, addresses);
  if (plan.refused != Reason::reference_ok) {
    give_up(host, plan.refused, plan.error, plan.policy.id);
    co_return;
  }
  for (std::size_t i = 0; i < addresses.addresses.size() && !done_; ++i) {
    co_await to_address(host, addresses.addresses[i], plan, last && i + 1 == addresses.addresses.size());
  }
}

void Delivery::add_reference(const std::string& text, ReferenceOrigin origin, HostPlan& plan) {
  ReferenceResult result = make_reference(text, origin, plan.policy.rules);
  if (result.reference) {
    plan.references.push_back(std::move(*result.reference));
  } else if (plan.refused == Reason::reference_ok) {
    plan.refused = result.reason;
    plan.error = info(result.reason).sentence;
  }
}

asio::awaitable<HostPlan> Delivery::plan_for(std::string host, const AddressResult& addresses) {
  HostPlan plan;
  plan.policy = options_.policy;
  plan.sni = host;
  switch (options_.policy.references) {
    case ReferenceSelection::none:
      co_return plan;
    case ReferenceSelection::mx_host:
      add_reference(host, ReferenceOrigin::mx_host, plan);
      break;
    case ReferenceSelection::recipient_domain:
      plan.references.push_back(domain_);
      break;
    case ReferenceSelection::configured:
      for (const auto& name : options_.configured) add_reference(name, ReferenceOrigin::configured, plan);
      if (options_.configured.empty()) plan.refused = Reason::no_reference;
      break;
    case ReferenceSelection::address:
      break;  // each session's own
    case ReferenceSelection::mta_sts:
      plan_sts(host, plan);
      co_return plan;
    case ReferenceSelection::dane:
      co_await plan_dane(host, addresses, plan);
      co_return plan;
  }
  plan.sni = sni_for(plan.references);
  co_return plan;
}

void Delivery::plan_sts(const std::string& host, HostPlan& plan) {
  const bool enforced = report_.sts.policy && report_.sts.policy->mode == StsMode::enforce;
  if (!enforced) {
    // Testing, none, or no policy at all: the mail goes anyway (RFC 8461 5).
    plan.policy = policy(PolicyId::opportunistic);
    return;
  }
  add_reference(host, ReferenceOrigin::mx_host, plan);
  if (plan.refused != Reason::reference_ok) return;
  plan.sni = sni_for(plan.references);
  if (!sts_pattern_for(*report_.sts.policy, plan.references.front().domain)) {
    plan.veto = Reason::sts_mx_not_listed;
  }
}

asio::awaitable<void> Delivery::plan_dane(std::string host, const AddressResult& addresses, HostPlan& plan) {
  TlsaResult tlsa = co_await lookup_tlsa(resolver_, host, options_.port, addresses);
  switch (tlsa.kind) {
    case TlsaResult::Kind::failed:
      plan.refused = tlsa.reason;
      plan.error = tlsa.error;
      co_return;
    case TlsaResult::Kind::none:
      plan.policy = policy(PolicyId::opportunistic);
      co_return;
    case TlsaResult::Kind::unusable:
      plan.policy = policy(PolicyId::encrypt);
      co_return;
    case TlsaResult::Kind::usable:
      break;
  }
  plan.tlsa = std::move(tlsa.usable);
  plan.sni = tlsa.base_domain;  // RFC 7672 8.1
  plan.references =
      dane_references(dane_path(domain_.domain, host, report_.mx, tlsa.base_domain), plan.policy.rules);
}

asio::awaitable<SessionReport> Delivery::session(const std::string& address, const HostPlan& plan,
                                                 bool last) {
  SessionOptions options;
  options.address = address;
  options.port = options_.port;
  options.tls = options_.tls;
  options.sni = plan.sni;
  options.helo = options_.helo;
  options.policy = plan.policy;
  options.references = plan.references;
  if (plan.policy.references == ReferenceSelection::address) {
    const ReferenceResult own = make_reference(address, ReferenceOrigin::address, plan.policy.rules);
    if (own.reference) options.references = {*own.reference};
  }
  options.veto = plan.veto;
  options.tlsa = plan.tlsa;
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

asio::awaitable<void> Delivery::to_address(std::string host, std::string address, HostPlan plan, bool last) {
  if (plan.refused != Reason::reference_ok) {
    give_up(std::move(host), plan.refused, std::move(plan.error), plan.policy.id);
    co_return;
  }
  if (Clock::now() >= deadline_) {
    done_ = true;
    give_up(std::move(host), Reason::smtp_timeout, {}, plan.policy.id);
    co_return;
  }
  const bool may_retry = plan.policy.tls == TlsDemand::if_offered && options_.tls == TlsMode::starttls;
  HostReport first{host, address, plan.policy.id, Reason::connect_failed, {}};
  first.session = co_await session(address, plan, last && !may_retry);
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
  plan.policy.tls = TlsDemand::never;
  HostReport second{std::move(host), address, plan.policy.id, Reason::connect_failed, {}};
  second.session = co_await session(address, plan, last);
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

DanePath dane_path(const std::string& domain, const std::string& host, const MxResult& mx,
                   const std::string& base_domain) {
  DanePath path;
  path.next_hop = domain;
  const bool secure = mx.state == DnsState::secure;
  if (secure) path.next_hop_expanded = mx.canonical;
  if (mx.kind == MxResult::Kind::hosts) {
    path.mx = secure ? DanePath::Mx::secure : DanePath::Mx::insecure;
    path.mx_host = host;
  }
  path.base_domain = base_domain;
  return path;
}

asio::awaitable<DeliveryReport> deliver(Resolver& resolver, DeliveryOptions options) {
  Delivery delivery(resolver, std::move(options));
  DeliveryReport report = co_await delivery.run();
  co_return report;
}

void start_delivery(asio::io_context& context, DeliveryOptions options,
                    std::function<void(DeliveryReport)> done) {
  asio::co_spawn(asio::make_strand(context), deliver_with_stub(std::move(options)),
                 [done = std::move(done)](std::exception_ptr failed, DeliveryReport report) {
                   if (failed) {
                     report = {};
                     report.error = "the delivery failed inside";
                   }
                   done(std::move(report));
                 });
}

}  // namespace mxident::probe
