#include "harness/driver/submission.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <exception>
#include <thread>
#include <utility>

#include "verifier/net/dial_guard.hpp"
#include "verifier/probe/session.hpp"

namespace mxident::harness {
namespace {

constexpr const char* kHere = "127.0.0.1";
/// Servers keep few connections that they have not accepted yet (OpenSMTPD five).
constexpr std::size_t kMostAtOnce = 4;

struct Waiting {
  Submission submission;
  std::function<void(SubmissionEnd)> done;
};

SubmissionEnd end_of(const probe::SessionReport& report) {
  constexpr int kLeaving = 421;
  SubmissionEnd out;
  out.result.end = sandbox::ProcessResult::End::exited;
  out.result.code = report.layers.delivery == probe::LayerState::ok ? 0 : 1;
  if (out.result.code != 0) out.result.output = "the message was not taken: " + report.error + "\n";
  out.refused_by_reply = report.refusal_code != 0 && report.refusal_code != kLeaving;
  return out;
}

boost::asio::awaitable<void> hand_over(Submission submission, std::function<void(SubmissionEnd)> done) {
  probe::SessionOptions options;
  options.address = kHere;
  options.port = submission.port;
  options.policy = policy(submission.login ? PolicyId::encrypt : PolicyId::no_tls);
  options.login = std::move(submission.login);
  options.timeout = submission.timeout;
  options.deliver = probe::Deliver::yes;
  options.sender = std::move(submission.sender);
  options.recipient = std::move(submission.recipient);
  options.message = std::move(submission.message);
  done(end_of(co_await probe::run_session(std::move(options))));
}

}  // namespace

struct LocalSubmissions::Impl {
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work =
      boost::asio::make_work_guard(context);
  // These belong to the thread.
  std::deque<Waiting> waiting;
  std::size_t under_way = 0;
  std::thread thread;

  void begin_what_may() {
    while (under_way < kMostAtOnce && !waiting.empty()) {
      Waiting next = std::move(waiting.front());
      waiting.pop_front();
      ++under_way;
      boost::asio::co_spawn(context, hand_over(std::move(next.submission), std::move(next.done)),
                            [this](const std::exception_ptr&) {
                              --under_way;
                              begin_what_may();
                            });
    }
  }
};

LocalSubmissions::LocalSubmissions() : impl_(std::make_unique<Impl>()) {
  probe::guard_of(impl_->context);
  impl_->thread = std::thread([context = &impl_->context] { context->run(); });
}

LocalSubmissions::~LocalSubmissions() {
  impl_->context.stop();
  impl_->thread.join();
}

void LocalSubmissions::start(Submission submission, std::function<void(SubmissionEnd)> done) {
  const probe::DialGuard::Endpoint here{boost::asio::ip::make_address(kHere), submission.port};
  probe::guard_of(impl_->context).allow(here, here);
  boost::asio::post(impl_->context,
                    [impl = impl_.get(), next = Waiting{std::move(submission), std::move(done)}]() mutable {
                      impl->waiting.push_back(std::move(next));
                      impl->begin_what_may();
                    });
}

}  // namespace mxident::harness
