// A client learned: which names it accepts, told in words, automata and examples.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/explore/learn/cells.hpp"
#include "harness/explore/learn/learner.hpp"
#include "harness/explore/learn/questions.hpp"

namespace mxident::harness::learn {

struct SessionOptions {
  Side side = Side::references;
  std::string name;  ///< the pattern of the certificate, or the reference
  Spelling spelling = Spelling::labels;
  Trial trial;
  Limits limits;
  std::filesystem::path folder;  ///< where answers are kept; empty: nowhere
};

/// A name of which the client and what it is compared with say different things.
struct Difference {
  std::string name;
  bool accepted = false;  ///< by the client
  bool reached = true;    ///< false: it never came to a certificate with this name
};

struct Learned {
  std::string client, version, mode, title, policy;
  enum class State { whole, stopped, answers_differ } state = State::whole;
  std::string why;         ///< it is not whole
  std::optional<Dfa> dfa;  ///< the last hypothesis where it is stopped; none where answers differ
  std::string sentence;
  std::vector<Difference> from_policy;  ///< shortest first, each asked again
  struct Names {
    std::vector<std::string> shortest;
    std::size_t count = 0;  ///< of all
  };
  Names unreached, hung, crashed;
  std::size_t recovered = 0;  ///< cells that hung, crashed or came to no certificate, and not when run again
  std::size_t questions = 0, repeated = 0, cells = 0, remembered = 0, counterexamples = 0;
  double seconds = 0;
};

struct Report {
  SessionOptions options;
  Alphabet alphabet;
  std::vector<std::string> left_out;  ///< "NUL: openssl-s_client cannot be told it"
  std::vector<Learned> learned;       ///< one, or two to be compared
  std::vector<Difference> between;    ///< accepted: by the first of two
};

/// Learns the columns of the lab, one or two, over the symbols that all of them can be asked about. Throws
/// InputError where nothing is left to ask.
Report learn_columns(Lab& lab, const std::vector<std::size_t>& columns, const SessionOptions& options);

nlohmann::ordered_json json_of(const Report& report);
std::string text_of(const Report& report, std::size_t width);

}  // namespace mxident::harness::learn
