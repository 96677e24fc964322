// Questions to a client: asked once each, some of them twice, within limits, and kept.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/explore/learn/alphabet.hpp"
#include "harness/explore/learn/learner.hpp"

namespace mxident::harness::learn {

/// By name, whether it is accepted; throws Stopped where that cannot be found out.
using Ask = std::function<std::vector<bool>(const std::vector<std::string>& names)>;

/// Nothing more can be learned; the sentence says why.
class Stopped : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The client answers one way and then the other.
class AnswersDiffer : public std::runtime_error {
 public:
  AnswersDiffer(std::string name, std::uint8_t first);
  std::string name;
};

struct Limits {
  std::size_t questions = 20000;  ///< that are put to the client; those that the memory answers are free
  std::chrono::duration<double> time = std::chrono::minutes(20);
  std::size_t repeat_every = 25;  ///< each so many questions one of them is asked again
};

/// Answers by name, of one client in one version and mode.
using Memory = std::map<std::string, bool>;

class Questions : public Teacher {
 public:
  /// `memory` may hold answers of an earlier session; some of them are asked again, too. Both outlive this.
  Questions(const Alphabet& alphabet, Memory& memory, Ask ask, Limits limits);

  std::vector<bool> ask(const std::vector<Word>& words) override;
  bool ask_again(const Word& word) override;
  void confirm(const std::vector<Word>& words) override;

  std::size_t asked() const { return asked_; }        ///< put to the client
  std::size_t repeated() const { return repeated_; }  ///< of those, asked a second time

  /// Asks some names of the memory again: what an earlier session found must still be so.
  void spot_check();

 private:
  void put(const std::vector<std::string>& names);
  void put_again(const std::vector<std::string>& names);
  void check(const std::string& name, bool answer);
  std::string one_to_repeat(const std::string& name);

  const Alphabet& alphabet_;
  Memory& memory_;
  Ask ask_;
  Limits limits_;
  std::chrono::steady_clock::time_point end_;
  std::size_t asked_ = 0, repeated_ = 0, since_repeat_ = 0;
  std::set<std::string> confirmed_;
  bool repeat_accepted_ =
      false;  ///< what is asked again next: one that was accepted, or one that was refused
};

}  // namespace mxident::harness::learn
