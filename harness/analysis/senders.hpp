// What a mail administrator asks of a situation: who delivers, who warns, who keeps the mail, who goes in
// clear, and which word stands in the log.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "harness/results/result.hpp"

namespace mxident::harness {

enum class Conduct {
  delivers_as_verified,  ///< and its words say that the server was verified
  delivers_with_warning,
  delivers_silently,
  falls_back,  ///< in clear, after TLS was begun and had failed
  in_clear,    ///< without having tried TLS
  defers,      ///< its words say that it will try again
  bounces,     ///< its words say that it gave up for good
  refuses,     ///< no mail went, and its words do not say what becomes of it
  not_judged,  ///< hang, crash, not tried
};

struct ConductText {
  Conduct conduct;
  std::string_view id, sentence;
};
/// In the order in which they are printed.
inline constexpr std::array<ConductText, 9> kConducts{
    {{Conduct::delivers_as_verified, "delivers-as-verified",
      "deliver under TLS and call the server verified"},
     {Conduct::delivers_with_warning, "delivers-with-warning",
      "deliver under TLS and say that it is not verified"},
     {Conduct::delivers_silently, "delivers-silently", "deliver under TLS and say nothing of who it is"},
     {Conduct::falls_back, "falls-back", "fall back to clear after TLS has failed"},
     {Conduct::in_clear, "in-clear", "deliver in clear, TLS was never tried"},
     {Conduct::defers, "defers", "keep the mail and try again later"},
     {Conduct::bounces, "bounces", "give up and bounce"},
     {Conduct::refuses, "refuses", "refuse: no mail goes"},
     {Conduct::not_judged, "not-judged", "came to no end that could be judged"}}};

/// From what the wire shows; words only say how it is told.
Conduct conduct_of(const CellResult& result);

/// What of the client's words an administrator searches the log for: "verify=FAIL stat=Sent",
/// "status=deferred (Server certificate not verified)"; else its last line, cut; "" where it said nothing.
std::string log_word(const CellResult& result);

}  // namespace mxident::harness
