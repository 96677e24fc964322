#include "harness/driver/workers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "harness/driver/worker.hpp"

namespace mxident::harness {
namespace {

using sandbox::ProcessResult;

constexpr std::size_t kLongestMark = 64;  ///< octets behind the token

/// The next word of a line, which it leaves.
std::string_view take_word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

template <typename Number>
bool read_number(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

/// The words behind the token.
std::optional<WorkerMark> parse_mark(std::string_view line) {
  WorkerMark mark;
  const std::string_view kind = take_word(line);
  if (kind == "exit") {
    mark.kind = WorkerMark::Kind::exit;
  } else if (kind == "signal") {
    mark.kind = WorkerMark::Kind::signal;
  } else if (kind != "ready") {
    return std::nullopt;
  }
  std::int64_t cpu = 0;
  if (!read_number(take_word(line), mark.code) || !read_number(take_word(line), cpu)) return std::nullopt;
  mark.cpu = std::chrono::microseconds(cpu);
  return mark;
}

}  // namespace

WorkerOutput::WorkerOutput(std::string token, std::size_t most_kept)
    : start_of_mark_("\n" + token + " "), most_kept_(most_kept) {}

std::optional<WorkerMark> WorkerOutput::take(std::string_view block) {
  size_ += block.size();
  output_.append(block.substr(0, most_kept_ - std::min(most_kept_, output_.size())));
  tail_ += block;
  for (std::size_t at = tail_.find(start_of_mark_); at != std::string::npos;
       at = tail_.find(start_of_mark_, at + 1)) {
    const std::size_t from = at + start_of_mark_.size();
    const std::size_t end = tail_.find('\n', from);
    if (end == std::string::npos) break;
    if (auto mark = parse_mark(std::string_view(tail_).substr(from, end - from))) {
      size_ -= tail_.size() - at;
      output_.resize(std::min(output_.size(), size_));
      return mark;
    }
  }
  const std::size_t most = start_of_mark_.size() + kLongestMark;
  if (tail_.size() > most) tail_.erase(0, tail_.size() - most);
  return std::nullopt;
}

Workers::Workers(sandbox::Sandbox& sandbox, std::size_t most) : sandbox_(sandbox), most_(most) {}

Workers::~Workers() {
  stop();
}

Workers::Lease::Lease(Workers& home, std::unique_ptr<Worker> worker)
    : home_(home), worker_(std::move(worker)) {}

Workers::Lease::~Lease() {
  home_.give_back(std::move(worker_));
}

const std::string& Workers::Lease::directory() const {
  return worker_->directory();
}

void Workers::Lease::run(WorkerJob job, std::function<void(ProcessResult)> done) {
  worker_->run(std::move(job), [self = shared_from_this(), done = std::move(done)](ProcessResult result) {
    if (result.end == ProcessResult::End::not_started) self->home_.forget(self->worker_->kind());
    done(std::move(result));
  });
}

std::shared_ptr<Workers::Lease> Workers::lease(const WorkerStart& start) {
  std::unique_ptr<Worker> worker;
  {
    const std::lock_guard lock(mutex_);
    Kind& kind = kinds_[start];
    if (kind.broken || (kind.idle.empty() && kind.count >= most_)) return nullptr;
    if (kind.idle.empty()) {
      worker = std::make_unique<Worker>(sandbox_, start);
      ++kind.count;
    } else {
      worker = std::move(kind.idle.back());
      kind.idle.pop_back();
    }
  }
  Worker& taken = *worker;
  auto lease =
      std::make_shared<Lease>(*this, std::move(worker));  // goes back also where no directory is made
  taken.make_directory();
  return lease;
}

bool Workers::can_tell(const std::vector<std::string>& words) {
  return std::none_of(words.begin(), words.end(), [](const std::string& word) {
    return word.find_first_of(std::string_view("\t\n\0", 3)) != std::string::npos;
  });
}

void Workers::give_back(std::unique_ptr<Worker> worker) {
  const std::lock_guard lock(mutex_);
  kinds_[worker->kind()].idle.push_back(std::move(worker));
  given_back_.notify_all();
}

void Workers::forget(const WorkerStart& start) {
  const std::lock_guard lock(mutex_);
  kinds_[start].broken = true;
}

std::chrono::microseconds Workers::stop() {
  std::chrono::microseconds overhead{0};
  std::unique_lock lock(mutex_);
  for (auto& [start, kind] : kinds_) {
    given_back_.wait(lock, [&kind = kind] { return kind.idle.size() == kind.count; });
    for (auto& worker : kind.idle) worker->say_goodbye();
  }
  for (auto& [start, kind] : kinds_) {
    for (auto& worker : kind.idle) overhead += worker->finish();
    kind.idle.clear();
    kind.count = 0;
  }
  return overhead;
}

}  // namespace mxident::harness
