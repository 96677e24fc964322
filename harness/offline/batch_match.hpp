// Name matching on JSON Lines, and what the single form shares with it. No I/O.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/match.hpp"
#include "verifier/policy.hpp"

namespace mxident::harness::cli {

/// Names as a person writes them.
struct StatedNames {
  std::vector<std::string> common_names;  ///< UTF-8
  std::optional<std::vector<std::pair<std::string, std::string>>>
      san;  ///< type and value; nullopt: no extension
};

/// The entries of a line as OpenSSL prints it: "DNS:*.a.test, DNS:b.test" is two. It is parted at a comma and
/// blanks before a known type and a colon, and nowhere else.
std::vector<std::string> split_san(std::string_view line);

/// Known types: dns, ip (address text, or "hex:" and octets), uri, email, srv; xmpp, smtputf8, dirname, rid
/// and other never identify a server. In any case of letters, and as other programs print them ("DNS", "IP
/// Address"). Throws InputError; `place` tells where: the name of an option, or a JSON pointer.
PresentedNames presented_names(const StatedNames& stated, const std::string& place);

/// Mints certificates that carry stated names, and reads them back. Keeps one key and one CA.
class NameMint {
 public:
  NameMint();
  ~NameMint();
  /// Throws InputError for a type that the mint does not know.
  PresentedNames through_certificate(const StatedNames& stated, const std::string& place);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

enum class Depth { strings, certificate };
enum class LineOutcome { match, mismatch, error };

struct LineAnswer {
  LineOutcome outcome = LineOutcome::error;
  std::string json;  ///< without the line's end
};

/// A line longer than this is refused without being read.
inline constexpr std::size_t kMaxBatchLine = 8u << 20;

/// Answers the lines of one batch. Not thread-safe.
class BatchMatcher {
 public:
  explicit BatchMatcher(Depth depth);
  ~BatchMatcher();
  /// `number` is the line's, from 1. Never throws for what a line holds.
  LineAnswer answer(std::string_view line, std::size_t number);
  static LineAnswer refuse(std::string_view problem);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mxident::harness::cli
