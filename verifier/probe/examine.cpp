#include "examine.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "../certificate_facts.hpp"
#include "shared_sessions.hpp"

namespace mxident::probe {
namespace asio = boost::asio;

namespace {

// Runs all tasks at once and returns when the last has ended. An exception of a task is rethrown then.
asio::awaitable<void> all_of(std::vector<asio::awaitable<void>> tasks) {
  if (tasks.empty()) co_return;
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  asio::steady_timer done(executor, asio::steady_timer::time_point::max());
  std::size_t open = tasks.size();
  std::exception_ptr failure;
  for (auto& task : tasks) {
    asio::co_spawn(executor, std::move(task), [&](std::exception_ptr failed) {
      if (failed) failure = failed;
      if (--open == 0) done.cancel();
    });
  }
  while (open > 0) {
    const auto [ignored] = co_await done.async_wait(asio::as_tuple(asio::use_awaitable));
    (void)ignored;
  }
  if (failure) std::rethrow_exception(failure);
}

// The other kind of TLS is not for `--tls` to say where a record of the DNS led to the port.
TlsHint hint_of_service(TlsHint hint) {
  if (hint == TlsHint::wants_tls_at_once) return TlsHint::srv_wants_tls_at_once;
  if (hint == TlsHint::greets_in_clear) return TlsHint::srv_greets_in_clear;
  return hint;
}

// A server that ends the handshake may dislike the name: with another one, or none, it may go on.
bool began_tls(const SessionReport& session) {
  return session.layers.handshake == LayerState::ok ||
         (session.layers.handshake == LayerState::failed &&
          (session.reason == Reason::tls_alert || session.reason == Reason::tls_closed));
}

class Examination {
 public:
  Examination(Resolver& resolver, ExamineOptions options)
      : resolver_(resolver), options_(std::move(options)) {}

  asio::awaitable<DomainExamination> run();

 private:
  asio::awaitable<void> find_hosts();
  asio::awaitable<void> find_service();
  void add_host(std::string name, std::uint16_t preference, std::uint16_t port);
  asio::awaitable<void> fetch_sts();
  asio::awaitable<void> look_at_host(HostExamination& host);
  asio::awaitable<void> look_at_address(HostExamination& host, AddressExamination& address);
  asio::awaitable<SessionReport> session(std::string address, std::uint16_t port, std::string sni,
                                         ServerKeys keys = ServerKeys::any);
  asio::awaitable<void> look_for_other_key(const HostExamination& host, AddressExamination& address,
                                           std::string sni);
  HostFacts facts_of(const HostExamination& host, const AddressExamination& address) const;
  bool refuse(Reason reason, std::string error = {});
  bool set_domain();
  void judge_all();
  DomainVerdict sum_up(std::size_t policy) const;
  PolicyId strongest() const;

  Resolver& resolver_;
  ExamineOptions options_;
  DomainExamination result_;
  bool literal_ = false;  // the domain is an address
};

bool Examination::refuse(Reason reason, std::string error) {
  result_.reason = reason;
  result_.error = error.empty() ? std::string(info(reason).sentence) : std::move(error);
  return false;
}

bool Examination::set_domain() {
  if (options_.domain.empty()) return true;
  NameRules rules;
  const ReferenceResult made = make_reference(options_.domain, ReferenceOrigin::recipient_domain, rules);
  if (!made.reference) return refuse(made.reason);
  result_.domain = made.reference->text;
  literal_ = made.reference->type == ReferenceType::ip;
  return true;
}

asio::awaitable<DomainExamination> Examination::run() {
  if (set_domain()) {
    std::vector<asio::awaitable<void>> first;
    first.push_back(find_hosts());
    // MTA-STS speaks of domains, and a literal is none (RFC 8461 3.4).
    if (!result_.domain.empty() && !literal_ && options_.service.empty()) first.push_back(fetch_sts());
    co_await all_of(std::move(first));
  }
  std::vector<asio::awaitable<void>> hosts;
  for (auto& host : result_.hosts) hosts.push_back(look_at_host(host));
  co_await all_of(std::move(hosts));
  judge_all();
  co_return std::move(result_);
}

void Examination::add_host(std::string name, std::uint16_t preference, std::uint16_t port) {
  if (result_.hosts.size() == kMaxHostsExamined) return;
  HostExamination host;
  host.host = std::move(name);
  host.preference = preference;
  host.port = port;
  result_.hosts.push_back(std::move(host));
}

asio::awaitable<void> Examination::find_service() {
  result_.srv = co_await lookup_srv(resolver_, "_" + options_.service + "._tcp." + result_.domain);
  if (result_.srv->reason) refuse(*result_.srv->reason, result_.srv->error);
  for (const auto& target : result_.srv->targets) add_host(target.name, target.priority, target.port);
}

asio::awaitable<void> Examination::find_hosts() {
  if (!options_.service.empty()) {
    if (literal_) {
      refuse(Reason::dns_no_service,
             "an address literal has no SRV records: wanted the domain of mail addresses");
      co_return;
    }
    co_await find_service();
    co_return;
  }
  if (!options_.relay.empty() || literal_) {
    add_host(options_.relay.empty() ? result_.domain : options_.relay, 0, options_.port);
    result_.hosts.back().source = Published::HostSource::configured;
    co_return;
  }
  result_.mx = co_await lookup_mx(resolver_, result_.domain);
  const MxResult& mx = *result_.mx;
  if (mx.kind == MxResult::Kind::none || mx.kind == MxResult::Kind::null_mx) {
    refuse(mx.reason.value_or(Reason::dns_error), mx.error);
    co_return;
  }
  for (const auto& target : mx.hosts) add_host(target.name, target.preference, options_.port);
}

asio::awaitable<void> Examination::fetch_sts() {
  StsFetchOptions options;
  options.domain = result_.domain;
  options.port = options_.https_port;
  options.trust = options_.trust;
  options.time = options_.time;
  options.family = options_.family;
  options.timeout = std::min(options.timeout, options_.timeout);
  result_.sts = co_await fetch_sts_policy(resolver_, std::move(options));
}

asio::awaitable<void> Examination::look_at_host(HostExamination& host) {
  const bool configured = host.source == Published::HostSource::configured;
  NameRules rules;
  rules.single_label_references = Switch::on;
  const ReferenceResult made = make_reference(host.host, ReferenceOrigin::configured, rules);
  if (configured && made.reference) host.host = made.reference->text;
  host.expected = configured && !options_.name.empty() ? options_.name : host.host;
  if (configured && made.reference && made.reference->type == ReferenceType::ip) {
    host.addresses.status = DnsStatus::data;
    host.addresses.reason.reset();
    host.addresses.addresses = {host.host};
  } else {
    if (configured) {
      host.addresses = co_await lookup_addresses(resolver_, host.host, options_.family);
    } else {
      host.addresses = co_await lookup_mx_addresses(resolver_, host.host, options_.family);
    }
    if (!host.addresses.addresses.empty() && options_.service.empty()) {
      host.tlsa = co_await lookup_tlsa(resolver_, host.host, options_.port, host.addresses);
    }
  }
  for (const auto& address : host.addresses.addresses) {
    if (host.by_address.size() == kMaxAddressesExamined) break;
    AddressExamination examination;
    examination.address = address;
    host.by_address.push_back(std::move(examination));
  }
  std::vector<asio::awaitable<void>> addresses;
  for (auto& address : host.by_address) addresses.push_back(look_at_address(host, address));
  co_await all_of(std::move(addresses));
}

HostFacts Examination::facts_of(const HostExamination& host, const AddressExamination& address) const {
  HostFacts facts;
  facts.domain = result_.domain;
  facts.host = host.expected;
  facts.address = address.address;
  facts.host_source = host.source;
  if (result_.srv) {
    // RFC 7817 3: the domain and its SRV-ID; the target, which DNS named, only if DNSSEC vouches for it.
    facts.configured = {result_.domain, "_" + options_.service + "." + result_.domain};
    if (result_.srv->state == DnsState::secure) facts.configured.push_back(host.host);
  }
  facts.mx = result_.mx ? &*result_.mx : nullptr;
  facts.tlsa = host.tlsa ? &*host.tlsa : nullptr;
  facts.sts = result_.sts ? &*result_.sts : nullptr;
  facts.trust = options_.trust;
  facts.time = options_.time;
  return facts;
}

asio::awaitable<SessionReport> Examination::session(std::string address, std::uint16_t port, std::string sni,
                                                    ServerKeys keys) {
  SessionOptions options;
  options.address = std::move(address);
  options.port = port;
  options.tls = options_.tls;
  options.sni = std::move(sni);
  options.keys = keys;
  options.helo = options_.helo;
  options.policy = policy(PolicyId::encrypt);
  options.timeout = options_.timeout;
  SessionReport report;
  if (options_.sessions) {
    report = co_await options_.sessions->run(std::move(options));
  } else {
    report = co_await run_session(std::move(options));
  }
  if (!options_.service.empty()) report.hint = hint_of_service(report.hint);
  co_return report;
}

asio::awaitable<void> Examination::look_at_address(HostExamination& host, AddressExamination& address) {
  const HostFacts facts = facts_of(host, address);
  const std::string own = apply(policy(PolicyId::encrypt), published(facts)).sni;
  address.session = co_await session(address.address, host.port, own);
  if (!began_tls(address.session)) co_return;
  for (const auto& wanted : options_.policies) {
    const std::string sni = apply(wanted, published(facts)).sni;
    const bool known = sni == own || std::any_of(address.other_sessions.begin(), address.other_sessions.end(),
                                                 [&](const auto& other) { return other.first == sni; });
    if (known) continue;
    SessionReport report = co_await session(address.address, host.port, sni);
    address.other_sessions.emplace_back(sni, std::move(report));
  }
  if (!own.empty()) {
    AddressExamination::Otherwise without;
    without.session = co_await session(address.address, host.port, {});
    address.without_sni = std::move(without);
  }
  // Many domains share a host, whose log would fill with handshakes that fail.
  if (!options_.sessions) co_await look_for_other_key(host, address, own);
}

asio::awaitable<void> Examination::look_for_other_key(const HostExamination& host,
                                                      AddressExamination& address, std::string sni) {
  if (address.session.certificates.empty()) co_return;
  const auto facts = certificate_facts(address.session.certificates.front());
  if (!facts || facts->key.empty()) co_return;
  const ServerKeys keys = facts->key.starts_with("RSA") ? ServerKeys::not_rsa : ServerKeys::rsa;
  AddressExamination::Otherwise other;
  other.session = co_await session(address.address, host.port, std::move(sni), keys);
  if (other.session.layers.handshake == LayerState::ok) address.other_key = std::move(other);
}

void Examination::judge_all() {
  for (auto& host : result_.hosts) {
    for (auto& address : host.by_address) {
      const HostFacts facts = facts_of(host, address);
      for (const auto& wanted : options_.policies) {
        const SessionReport* session = &address.session;
        const std::string sni = apply(wanted, published(facts)).sni;
        for (const auto& [name, other] : address.other_sessions) {
          if (name == sni) session = &other;
        }
        address.policies.push_back(verdict(wanted, facts, *session, options_.is_public_suffix));
        for (auto* const other : {&address.without_sni, &address.other_key}) {
          if (!*other) continue;
          (*other)->policies.push_back(verdict(wanted, facts, (*other)->session, options_.is_public_suffix));
        }
      }
    }
  }
  for (std::size_t i = 0; i < options_.policies.size(); ++i) result_.verdicts.push_back(sum_up(i));
  result_.strongest = strongest();
}

DomainVerdict Examination::sum_up(std::size_t policy) const {
  DomainVerdict out;
  out.policy = options_.policies[policy].id;
  out.reason = result_.reason.value_or(Reason::dns_no_address);
  bool first = true;
  // refusals outweigh: a host that is refused now and then loses mail now and then
  const auto rank = [](Answer answer) {
    switch (answer) {
      case Answer::reject:
        return 4;
      case Answer::accept:
        return 3;
      case Answer::plaintext:
        return 2;
      case Answer::none:
        return 1;
      case Answer::not_asked:
        break;
    }
    return 0;
  };
  for (const auto& host : result_.hosts) {
    if (host.by_address.empty() && host.addresses.reason) {
      ++out.unreached;
      if (first) out.reason = *host.addresses.reason;
    }
    for (const auto& address : host.by_address) {
      const PolicyVerdict& one = address.policies[policy];
      if (one.answer == Answer::accept || one.answer == Answer::plaintext) ++out.taken;
      if (one.answer == Answer::reject) ++out.refused;
      if (one.answer == Answer::none) ++out.unreached;
      if (first || rank(one.answer) > rank(out.answer)) {
        out.answer = one.answer;
        out.reason = one.reason;
        first = false;
      }
    }
  }
  return out;
}

PolicyId Examination::strongest() const {
  if (!options_.service.empty()) return PolicyId::rfc7817;
  for (const auto& host : result_.hosts) {
    // A failed lookup counts as well: it is no proof that nothing is published (RFC 7672 2.1.1).
    if (host.tlsa && host.tlsa->kind != TlsaResult::Kind::none) return PolicyId::dane;
  }
  if (!result_.sts || (!result_.sts->policy && !result_.sts->broken())) return PolicyId::rfc9525;
  const bool in_force = result_.sts->broken() || result_.sts->policy->mode != StsMode::none;
  return in_force ? PolicyId::mta_sts : PolicyId::rfc9525;
}

}  // namespace

asio::awaitable<DomainExamination> examine(Resolver& resolver, ExamineOptions options) {
  Examination examination(resolver, std::move(options));
  DomainExamination result = co_await examination.run();
  co_return result;
}

}  // namespace mxident::probe
