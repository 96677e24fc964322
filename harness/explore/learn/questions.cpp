#include "harness/explore/learn/questions.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mxident::harness::learn {
namespace {

constexpr std::size_t kAtOnce = 192;

}  // namespace

AnswersDiffer::AnswersDiffer(std::string which, std::uint8_t first)
    : std::runtime_error(fmt::format("{} was {} and then {}: the answers differ, and no automaton is right",
                                     shown(which), first ? "accepted" : "refused",
                                     first ? "refused" : "accepted")),
      name(std::move(which)) {}

Questions::Questions(const Alphabet& alphabet, Memory& memory, Ask ask, Limits limits)
    : alphabet_(alphabet),
      memory_(memory),
      ask_(std::move(ask)),
      limits_(limits),
      end_(std::chrono::steady_clock::now() +
           std::chrono::duration_cast<std::chrono::steady_clock::duration>(limits.time)) {}

void Questions::check(const std::string& name, bool answer) {
  const auto [at, fresh] = memory_.emplace(name, answer);
  if (fresh || at->second == answer) return;
  const bool first = at->second;
  memory_.erase(at);  // neither is to be believed again
  throw AnswersDiffer(name, first);
}

void Questions::put(const std::vector<std::string>& names) {
  if (asked_ + names.size() > limits_.questions)
    throw Stopped(fmt::format("{} questions are asked, and that is the limit", limits_.questions));
  if (std::chrono::steady_clock::now() > end_)
    throw Stopped(fmt::format("{:g} minutes are over, and that is the limit", limits_.time.count() / 60));
  const std::vector<bool> answers = ask_(names);
  asked_ += names.size();
  for (std::size_t i = 0; i < names.size(); ++i) check(names[i], answers[i]);
}

void Questions::put_again(const std::vector<std::string>& names) {
  put(names);
  repeated_ += names.size();
}

/// By its name, so that runs are alike. Few names are accepted, and a client that has come to refuse all
/// shows it in these alone: so every other one is of them.
std::string Questions::one_to_repeat(const std::string& name) {
  repeat_accepted_ = !repeat_accepted_;
  const auto fits = [&](const auto& entry) {
    return entry.second == repeat_accepted_ && !entry.first.empty();
  };
  const auto from_here = std::find_if(memory_.lower_bound(name), memory_.end(), fits);
  if (from_here != memory_.end()) return from_here->first;
  const auto first = std::find_if(memory_.begin(), memory_.end(), fits);
  return first == memory_.end() ? "" : first->first;
}

std::vector<bool> Questions::ask(const std::vector<Word>& words) {
  std::vector<std::string> names;
  std::set<std::string> wanted;
  for (const auto& word : words) {
    names.push_back(alphabet_.spell(word));
    const std::string& name = names.back();
    // No certificate and no command line names the empty name.
    if (name.empty()) {
      memory_.emplace(name, false);
    } else if (!memory_.contains(name)) {
      wanted.insert(name);
    }
  }
  std::vector<std::string> batch;
  const auto flush = [&] {
    if (!batch.empty()) put(batch);
    batch.clear();
  };
  for (const auto& name : wanted) {
    batch.push_back(name);
    if (++since_repeat_ >= limits_.repeat_every) {
      since_repeat_ = 0;
      if (std::string old = one_to_repeat(name); !old.empty()) {
        batch.push_back(std::move(old));
        ++repeated_;
      }
    }
    if (batch.size() >= kAtOnce) flush();
  }
  flush();
  std::vector<bool> out;
  for (const auto& name : names) out.push_back(memory_.at(name));
  return out;
}

void Questions::spot_check() {
  constexpr std::size_t kSpots = 24;
  std::vector<std::string> names;
  std::size_t place = 0;
  for (const auto& [name, answer] : memory_) {
    if (place++ % (memory_.size() / kSpots + 1) == 0 && !name.empty()) names.push_back(name);
  }
  if (!names.empty()) put_again(names);
}

void Questions::confirm(const std::vector<Word>& words) {
  std::set<std::string> names;
  for (const auto& word : words) {
    std::string name = alphabet_.spell(word);
    if (!name.empty() && confirmed_.insert(name).second) names.insert(std::move(name));
  }
  if (!names.empty()) put_again({names.begin(), names.end()});
}

bool Questions::ask_again(const Word& word) {
  const std::string name = alphabet_.spell(word);
  if (name.empty()) return false;
  put_again({name});
  return memory_.at(name);
}

}  // namespace mxident::harness::learn
