// What is recorded of a run: a header, a line each for its scenarios, one result a cell, a footer (schema
// "mxident-results/2"). A file says all that a report needs: no report asks the catalogue or the clients
// again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "harness/text/wire.hpp"
#include "harness/text/words.hpp"

namespace mxident::harness {

inline constexpr const char* kResultsSchema = "mxident-results/2";

/// A mode of a client, as it was found on the machine of the run.
struct Column {
  std::string client, client_title, engine, version, mode, title, policy;
  /// Revisions of the client's Debian packages and of its TLS library's: Debian mends faults without a new
  /// upstream version.
  std::map<std::string, std::string> packages;
  std::string manifest;     ///< SHA-256 of the manifest
  std::string unsupported;  ///< why no cell of it could run; empty: they could
  /// Where the manifest lies, from where the run was started or from the root of the sources.
  std::string manifest_file = {};
};

/// First line of results.ndjson.
struct RunHeader {
  std::string mxident_version;
  std::string sandbox;        ///< "user-namespaces", "root-namespaces", "none", in a sentence
  std::string kernel;         ///< "Linux 6.1.0-18-amd64"
  std::string suite_digest;   ///< SHA-256 over what decides verdicts, of all shards together
  std::string matrix;         ///< the spec, where cells were generated; "" for a catalogue
  std::string matrix_values;  ///< "169 shapes, 44 slots": what the matrix multiplies
  std::size_t scenarios = 0;
  unsigned shard = 1, shards = 1;
  std::uint64_t seed = 0;
  std::vector<Column> columns;
};

/// One comparison of the built-in verifier under RFC 9525, as an explanation.
struct NameAttempt {
  std::string reference, presented;
  std::string reason;  ///< a reason id

  bool operator==(const NameAttempt&) const = default;
};

/// A scenario that has cells, before the first of them.
struct ScenarioRecord {
  std::string id, title;
  std::vector<std::string> sources, rules, tags;
  std::string domain, host;        ///< host: the preferred one, whose certificate `presented` is
  std::vector<std::string> hosts;  ///< all
  /// Names of the certificate, "dns:mx*.x.test"; missing: none is shown.
  std::optional<std::vector<std::string>> presented;
  /// Names of the certificates that it shows to those who send a certain SNI, by that name in lower case.
  std::map<std::string, std::vector<std::string>> presented_by_sni;
  /// The same certificate, its DER in base64; "": none is shown, or the run has too many to keep them. Where
  /// it names an address, cells saw one with theirs.
  std::string certificate;
  std::vector<NameAttempt> attempts;  ///< what the built-in verifier says of its names
  std::string twin;
  std::string reason;     ///< why the policies that must reject it do, as a reason id; may be empty
  std::string digest;     ///< SHA-256 over what decides its verdicts
  std::size_t cells = 0;  ///< planned
};

/// What a baseline says of a deviation that it knows.
struct KnownDeviation {
  std::string behaviour, cause, upstream;  ///< all empty: it says nothing

  bool operator==(const KnownDeviation&) const = default;
};

/// One cell. Everything but times is the same for the same inputs.
struct CellResult {
  std::string scenario, client, client_version, mode, policy;
  Expected expected = Expected::either;
  std::optional<Decision> decision;  ///< none for a cell that did not run
  Outcome outcome = Outcome::harness_error;
  Layers layers;
  std::string reason;              ///< reason id that the client gave; only the built-in one gives any
  std::string note;                ///< why unsupported, hung, crashed; "" otherwise
  std::optional<std::string> sni;  ///< first SNI seen; nullopt: no ClientHello
  std::string alert;               ///< alert that the client sent, "" if none
  std::string contradiction;       ///< a claim of the client that the wire contradicts; "" if none
  std::string said;                ///< "verified", "unverified", "rejected", ""
  std::string words;               ///< last lines of a client's output, bounded
  BaselineState baseline = BaselineState::none;
  std::string
      compared_with;  ///< "1.8.23, recorded 2026-11-22" where the baseline is of another release; else ""
  KnownDeviation known;
  double duration_ms = 0;
  double cpu_ms = 0;       ///< of an external client's processes
  bool in_worker = false;  ///< an interpreter that had run other cells before ran it (docs/workers.md)
  std::string reproduce;
  std::vector<WireEvent> events;

  auto key() const { return std::tie(scenario, client, mode); }
};

/// Last line.
struct RunFooter {
  std::map<Outcome, std::size_t> counts;
  std::size_t no_expectation = 0;  ///< cells that were not run because nothing says what they ought to do
  std::size_t news = 0, fixed = 0;
  bool complete = false;
  double wall_s = 0;                   ///< of the cells, without build, version and sanity
  std::size_t repetitions = 1;         ///< of every cell
  std::vector<std::string> differing;  ///< cells that did not end the same way each time, a line each
  std::vector<std::string> absent;     ///< clients that were named and could not be tried, with the reason
  double client_cpu_s = 0,
         harness_cpu_s = 0;  ///< of the cells' processes; of this program, its servers included
  unsigned cores = 1;
};

/// One line of JSON without the line end; keys in a fixed order.
std::string to_line(const RunHeader& header);
std::string to_line(const ScenarioRecord& scenario);
std::string to_line(const CellResult& result);
std::string to_line(const RunFooter& footer);

/// True for outcomes that are faults of the client or of the harness.
bool is_fault(Outcome outcome);

/// False for a cell of which the plan says that it cannot be put to its mode.
bool was_tried(const CellResult& result);

/// News, or a known deviation that is gone: what a report has to show.
bool is_unexpected(const CellResult& result);

/// A fault that no baseline knows, or another outcome than the one that it knows.
bool is_news(const CellResult& result);

}  // namespace mxident::harness
