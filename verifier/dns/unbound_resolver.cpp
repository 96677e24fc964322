#include <unbound.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <ctime>
#include <utility>

#include "dns_message.hpp"
#include "resolver.hpp"

namespace mxident::probe {
namespace asio = boost::asio;

namespace {

constexpr auto kWaitAsTuple = asio::as_tuple(asio::use_awaitable);

struct ContextDelete {
  void operator()(ub_ctx* context) const { ub_ctx_delete(context); }
};
struct ResultFree {
  void operator()(ub_result* result) const { ub_resolve_free(result); }
};

// One lookup under way; libunbound holds a pointer to it until it calls back or is cancelled.
struct Lookup {
  int id = 0;
  bool done = false;
  int error = 0;
  std::unique_ptr<ub_result, ResultFree> result;
};

void finished(void* lookup, int error, ub_result* result) {
  auto& target = *static_cast<Lookup*>(lookup);
  target.done = true;
  target.error = error;
  target.result.reset(result);
}

DnsAnswer to_answer(const DnsQuestion& question, const Lookup& lookup) {
  DnsAnswer answer;
  if (!lookup.done) {
    answer.error = "no DNS answer in time";
    return answer;
  }
  if (lookup.error != 0 || !lookup.result) {
    answer.error = std::string("libunbound: ") + ub_strerror(lookup.error);
    return answer;
  }
  const ub_result& result = *lookup.result;
  if (result.bogus != 0) {
    answer.state = DnsState::bogus;
    answer.reason = Reason::dns_bogus;
    answer.error = result.why_bogus != nullptr ? result.why_bogus : "the answer fails DNSSEC validation";
    return answer;
  }
  constexpr int kNoError = 0, kNxDomain = 3;
  if (result.rcode != kNoError && result.rcode != kNxDomain) {
    answer.error = "the DNS lookup ends with code " + std::to_string(result.rcode);
    return answer;
  }
  answer.state = result.secure != 0 ? DnsState::secure : DnsState::insecure;
  answer.reason.reset();
  const auto canonical = dns_name_to_wire(result.canonname != nullptr ? result.canonname : question.name);
  if (canonical) answer.canonical = dns_name_to_text(*canonical).value_or(std::string());
  if (result.answer_packet != nullptr && result.answer_len > 0) {
    const auto* const packet = static_cast<const char*>(result.answer_packet);
    answer.aliases = dns_aliases({packet, static_cast<std::size_t>(result.answer_len)}, question);
  }
  for (int i = 0; result.havedata != 0 && result.data[i] != nullptr && answer.rdata.size() < kMaxRecords;
       ++i) {
    answer.rdata.emplace_back(result.data[i], static_cast<std::size_t>(result.len[i]));
  }
  if (!answer.rdata.empty()) {
    answer.status = DnsStatus::data;
  } else if (result.nxdomain != 0) {
    answer.status = DnsStatus::nxdomain;
    answer.reason = Reason::dns_nxdomain;
  } else {
    answer.status = DnsStatus::no_data;
  }
  return answer;
}

class UnboundResolver final : public Resolver {
 public:
  UnboundResolver(asio::any_io_executor executor, ub_ctx* context, std::chrono::milliseconds timeout)
      : executor_(std::move(executor)),
        context_(context),
        // A duplicate, because the descriptor closes what it was given.
        descriptor_(std::make_shared<asio::posix::stream_descriptor>(executor_, ::dup(ub_fd(context)))),
        timeout_(timeout) {}

  asio::awaitable<std::vector<DnsAnswer>> query(std::vector<DnsQuestion> questions) override;

 private:
  asio::any_io_executor executor_;
  std::unique_ptr<ub_ctx, ContextDelete> context_;
  std::shared_ptr<asio::posix::stream_descriptor> descriptor_;
  std::chrono::milliseconds timeout_;
};

asio::awaitable<std::vector<DnsAnswer>> UnboundResolver::query(std::vector<DnsQuestion> questions) {
  std::vector<std::unique_ptr<Lookup>> lookups;
  for (const auto& question : questions) {
    lookups.push_back(std::make_unique<Lookup>());
    Lookup& lookup = *lookups.back();
    if (!dns_name_to_wire(question.name)) {
      finished(&lookup, UB_SYNTAX, nullptr);
      continue;
    }
    const int failed = ub_resolve_async(context_.get(), question.name.c_str(),
                                        static_cast<int>(question.type), 1, &lookup, &finished, &lookup.id);
    if (failed != 0) finished(&lookup, failed, nullptr);
  }
  const auto open = [&lookups] {
    for (const auto& lookup : lookups) {
      if (!lookup->done) return true;
    }
    return false;
  };
  // Several queries may wait for the one descriptor: whoever wakes up first processes for all.
  const auto expired = std::make_shared<bool>(false);
  asio::steady_timer timer(executor_, timeout_);
  timer.async_wait([expired, descriptor = descriptor_](boost::system::error_code cancelled) {
    if (cancelled) return;
    *expired = true;
    boost::system::error_code ignored;
    descriptor->cancel(ignored);  // the others look at their own clocks and wait on
  });
  while (open() && !*expired) {
    const auto [failed] =
        co_await descriptor_->async_wait(asio::posix::descriptor_base::wait_read, kWaitAsTuple);
    if (failed && failed != asio::error::operation_aborted) break;
    ub_process(context_.get());
  }
  std::vector<DnsAnswer> answers;
  for (std::size_t i = 0; i < lookups.size(); ++i) {
    if (!lookups[i]->done) ub_cancel(context_.get(), lookups[i]->id);
    answers.push_back(to_answer(questions[i], *lookups[i]));
  }
  co_return answers;
}

// The order matters: reading the zone "test." finalizes the context, and a context that is finalized before
// it has its forwarder asks the real root servers.
int configure(ub_ctx* context, const UnboundOptions& options) {
  const auto set = [&](const char* name, const char* value) {
    return ub_ctx_set_option(context, name, value);
  };
  if (const int failed = set("do-not-query-localhost:", "no")) return failed;
  if (const int failed =
          set("module-config:", options.trust_anchors.empty() ? "iterator" : "validator iterator")) {
    return failed;
  }
  if (options.time != 0) {
    const std::time_t at = options.time;
    std::tm utc{};
    char text[32];
    if (gmtime_r(&at, &utc) == nullptr || std::strftime(text, sizeof text, "%Y%m%d%H%M%S", &utc) == 0)
      return UB_SYNTAX;
    if (const int failed = set("val-override-date:", text)) return failed;
  }
  if (const int failed =
          ub_ctx_set_fwd(context, (options.address + "@" + std::to_string(options.port)).c_str())) {
    return failed;
  }
  for (const auto& anchor : options.trust_anchors) {
    if (const int failed = ub_ctx_add_ta(context, anchor.c_str())) return failed;
  }
  if (const int failed = ub_ctx_async(context, 1)) return failed;
  return ub_ctx_zone_remove(context, "test.");
}

}  // namespace

std::unique_ptr<Resolver> make_unbound_resolver(asio::any_io_executor executor, UnboundOptions options,
                                                std::string& error) {
  std::unique_ptr<ub_ctx, ContextDelete> context(ub_ctx_create());
  if (!context) {
    error = "libunbound cannot be set up";
    return nullptr;
  }
  ub_ctx_debugout(context.get(),
                  nullptr);  // what is wrong is in the answers; a library does not write to stderr
  if (const int failed = configure(context.get(), options)) {
    error = std::string("libunbound cannot be set up: ") + ub_strerror(failed);
    return nullptr;
  }
  return std::make_unique<UnboundResolver>(std::move(executor), context.release(), options.timeout);
}

}  // namespace mxident::probe
