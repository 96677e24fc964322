// The judge: from what was seen to what it means. Pure functions; the wire decides, words only explain.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/judge/session.hpp"
#include "harness/text/wire.hpp"
#include "harness/text/words.hpp"
#include "mocks/smtp_spec.hpp"
#include "mocks/transcript.hpp"
#include "verifier/policy.hpp"

namespace mxident::harness {

/// How the client's processes ended, and what its words say by the patterns of its manifest.
struct ClientReport {
  enum class End { exited, signalled, deadline, output_limit, not_started };
  End end = End::exited;
  int code = 0;               ///< exit code or signal number
  std::string error;          ///< why it did not start; its last words where it met its deadline
  std::string missed;         ///< what did not come before its deadline, where that is known
  std::string said;           ///< "verified", "unverified", "rejected", ""
  Layers said_layers;         ///< LayerState::unknown where the words give no sign
  bool settled = false;       ///< a daemon that said that it is done with the message
  bool said_crashed = false;  ///< a part of the client died, and the rest of it says so
};

enum class Delivers { no, yes };
enum class WaitsWithoutStarttls { no, yes };

/// What the mode claims; from its manifest.
struct ModeFacts {
  Policy policy;
  Delivers delivers = Delivers::yes;
  WaitsWithoutStarttls waits_without_starttls = WaitsWithoutStarttls::no;
  /// What a layer is that gave no sign: not_checked where the mode went on with a plainly wrong certificate
  /// in this run, else unknown.
  LayerState silent_chain = LayerState::unknown, silent_name = LayerState::unknown;
};

/// All that is known of a cell when its client has ended.
struct Observation {
  std::vector<Session> sessions;     ///< with mail servers
  std::vector<std::string> queries;  ///< what name servers were asked: "mx.x.test. A NOERROR"
  ClientReport client;
  /// Hosts whose greeting or EHLO reply the scenario has made odd: who leaves there does so for that.
  std::set<std::string> odd_dialogue = {};
  std::vector<std::string> bait = {};  ///< Scenario::bait
  /// What is true of the certificate that was shown; LayerState::unknown where that is not known.
  LayerState true_chain = LayerState::unknown;
  LayerState true_name = LayerState::unknown;
};

/// Folds a transcript, once. `starttls`: how servers behave around STARTTLS, by host; one that is missing is
/// taken as `offered`. Needed where a server ends or spoils the session right after its 220, so that a
/// ClientHello could not be seen.
Observation observe(const std::vector<mocks::Event>& events,
                    const std::map<std::string, mocks::Starttls>& starttls, ClientReport client);

struct Judgement {
  std::optional<Decision> decision;  ///< missing if the client did not run
  Outcome outcome = Outcome::harness_error;
  Layers layers;
  std::string note;                ///< why unsupported, hang, crash, harness-error
  std::optional<std::string> sni;  ///< of the first ClientHello; nullopt: none came
  std::string contradiction;       ///< what the client's words claim against the wire; empty: nothing
  std::string alert;               ///< first alert that the client sent, but for "close notify"
};

/// Decision over all connections of the cell (design: words, decision).
Decision decide(const Observation& observation, const ModeFacts& mode);

/// Layers as the wire and the words show them. A layer that the mode's policy does not claim and that gave no
/// sign is what the mode's facts say of a silent one.
Layers find_layers(const Observation& observation, const ModeFacts& mode, Decision decision);

/// Expected x observed (design: how an outcome is computed).
struct OutcomeAndNote {
  Outcome outcome = Outcome::harness_error;
  std::string note;
};
OutcomeAndNote outcome_of(Expected expected, Decision decision, const Observation& observation,
                          const ModeFacts& mode);

/// A claim of the client that the wire contradicts, as one sentence without its subject: "says \"verified\",
/// and the message went in clear". Empty if there is none. Only the patterns `verified` and `rejected` are
/// claims; exit codes are none.
std::string contradiction_of(const Observation& observation, const ModeFacts& mode, Decision decision,
                             const Layers& layers);

Judgement judge(Expected expected, const Observation& observation, const ModeFacts& mode);

/// The transcript as results keep it.
std::vector<WireEvent> wire_events(const std::vector<mocks::Event>& events);

}  // namespace mxident::harness
