// What a pasted text says of a delivery: names and outcomes, each with the line and the program that it came
// from.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mxident::harness::repro {

enum class ClueKind {
  mx_host,      ///< the name that the client wanted proved
  common_name,  ///< of the server's certificate
  san,          ///< "dns:x", one entry
  ehlo,         ///< what the server calls itself after EHLO
  banner,       ///< and in its greeting
  domain,       ///< of the recipient
  sign,         ///< a word of kSigns
};

/// Words for what a program says happened.
inline constexpr std::string_view kSigns[] = {
    "name-ok",          "name-failed", "chain-ok",        "chain-failed", "chain-expired", "chain-self",
    "chain-unknown-ca", "no-starttls", "starttls-broken", "encrypted",    "delivered",     "refused"};

struct Clue {
  ClueKind kind{};
  std::string value;
  std::size_t line = 0;      ///< of the text, from 1
  std::string_view program;  ///< "CheckTLS"
  bool compared =
      false;  ///< the sentence says what a comparison of names came to: it is about just this host
};

/// One place where a pattern was recognised.
struct Recognised {
  std::size_t line = 0;
  std::string_view program;
  std::string text;       ///< as it stands there, cut
  std::string_view note;  ///< what these words mean; may be empty
};

struct Reading {
  std::vector<Clue> clues;
  std::vector<Recognised> recognised;
  std::vector<std::size_t> unknown;  ///< lines with words in which nothing was recognised
  std::vector<std::string> shown;    ///< the first of them, cut, without control octets
  std::string certificates;          ///< the certificates that stand in it, as PEM
  bool cut = false;                  ///< there was more than is kept
  std::size_t steps = 0;             ///< octets looked at: the cost
};

inline constexpr std::size_t kMaxPaste = 16u << 20;

/// Understands any mixture of what the programs of patterns/ print, quoted or indented. Never throws; linear.
Reading read_paste(std::string_view text);

}  // namespace mxident::harness::repro
