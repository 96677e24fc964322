#include "harness/driver/builtin.hpp"

#include <fmt/format.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <thread>

#include "harness/text/checktls.hpp"
#include "verifier/net/dial_guard.hpp"
#include "verifier/probe/deliver.hpp"

namespace mxident::harness {
namespace {

LayerState convert(probe::LayerState state) {
  switch (state) {
    case probe::LayerState::ok:
      return LayerState::ok;
    case probe::LayerState::failed:
      return LayerState::failed;
    case probe::LayerState::not_checked:
      return LayerState::not_checked;
    case probe::LayerState::not_reached:
      return LayerState::not_reached;
    case probe::LayerState::unknown:
      return LayerState::unknown;
  }
  return LayerState::unknown;
}

Layers convert(const probe::Layers& layers) {
  return {convert(layers.connect), convert(layers.smtp), convert(layers.starttls), convert(layers.handshake),
          convert(layers.chain),   convert(layers.name), convert(layers.policy),   convert(layers.delivery)};
}

/// The line that a user of CheckTLS knows, where a name decided; else the reason's sentence.
std::string words_of(const probe::DeliveryReport& report) {
  std::string out;
  for (const auto& host : report.hosts) {
    if (!out.empty()) out += '\n';
    const auto& session = host.session;
    const bool name_failed = session.layers.name == probe::LayerState::failed;
    if (name_failed && session.presented) {
      out += checktls_mismatch(*session.presented, host.host);
    } else {
      out += fmt::format("{}: {} ({})", host.host, info(host.reason).sentence, to_string(host.reason));
    }
    if (!session.error.empty()) out += fmt::format(": {}", session.error);
  }
  if (out.empty()) out = fmt::format("{} ({})", info(report.reason).sentence, to_string(report.reason));
  return out.substr(0, 600);
}

BuiltinReport convert(const probe::DeliveryReport& report) {
  BuiltinReport out;
  out.client.end = ClientReport::End::exited;
  out.client.code = report.decision == probe::SessionDecision::accept ||
                            report.decision == probe::SessionDecision::plaintext
                        ? 0
                        : 1;
  out.client.said_layers = convert(report.layers);
  const bool checked =
      report.layers.name == probe::LayerState::ok || report.layers.chain == probe::LayerState::ok;
  if (checked && report.decision == probe::SessionDecision::accept) out.client.said = "verified";
  if (report.decision == probe::SessionDecision::reject) out.client.said = "rejected";
  out.reason = std::string(to_string(report.reason));
  out.words = words_of(report);
  return out;
}

probe::DialGuard::Endpoint endpoint(const std::string& address, std::uint16_t port) {
  return {boost::asio::ip::make_address(address), port};
}

}  // namespace

struct BuiltinClient::Impl {
  /// Jobs of one thread need no locks against each other.
  struct Lane {
    Lane() {
      probe::guard_of(context);
      thread = std::thread([this] { context.run(); });
    }
    ~Lane() {
      context.stop();
      thread.join();
    }
    boost::asio::io_context context{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work =
        boost::asio::make_work_guard(context);
    std::thread thread;
  };

  TrustStore trust;
  std::deque<Lane> lanes;
  std::atomic<std::size_t> next{0};
};

BuiltinClient::BuiltinClient(const std::string& root_pem, unsigned threads)
    : impl_(std::make_unique<Impl>()) {
  std::string error;
  impl_->trust.add_pem(root_pem, error);
  for (unsigned i = 0; i < threads; ++i) impl_->lanes.emplace_back();
}

BuiltinClient::~BuiltinClient() = default;

void BuiltinClient::start(BuiltinJob job, std::function<void(BuiltinReport)> done) {
  probe::DeliveryOptions options;
  options.domain = std::move(job.domain);
  options.policy = job.mode->policy;
  if (!job.reference.empty() && options.policy.references == ReferenceSelection::mx_host) {
    options.policy.references = ReferenceSelection::configured;
    options.configured = {std::move(job.reference)};
  }
  options.resolver_address = std::move(job.resolver_address);
  options.resolver_port = job.resolver_port;
  options.trust = &impl_->trust;
  options.time = job.time;
  options.port = job.smtp_port;
  options.tls = job.tls;
  options.sender = std::move(job.sender);
  options.recipient = std::move(job.recipient);
  options.message = std::move(job.message);
  options.timeout = job.timeout;
  boost::asio::io_context& context = impl_->lanes[impl_->next++ % impl_->lanes.size()].context;
  probe::DialGuard& guard = probe::guard_of(context);
  for (const auto& to : job.destinations)
    guard.allow(endpoint(to.address, to.port), endpoint(to.actual_address, to.actual_port));
  probe::start_delivery(context.get_executor(), std::move(options),
                        [&guard, destinations = std::move(job.destinations),
                         done = std::move(done)](const probe::DeliveryReport& report) {
                          for (const auto& to : destinations) guard.forbid(endpoint(to.address, to.port));
                          done(convert(report));
                        });
}

}  // namespace mxident::harness
