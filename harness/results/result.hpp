// What is recorded of a run: a header, one result a cell, a footer (schema "mxident-results/1").
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "harness/text/words.hpp"

namespace mxident::harness {

inline constexpr const char* kResultsSchema = "mxident-results/1";

/// First line of results.ndjson.
struct RunHeader {
  std::string mxident_version;
  std::string sandbox;       ///< "user-namespaces", "root-namespaces", "none"
  std::string suite_digest;  ///< SHA-256 over the loaded scenarios
  std::size_t scenarios = 0;
  std::map<std::string, std::string> clients;  ///< id to version
  unsigned shard = 1, shards = 1;
  std::uint64_t seed = 0;
};

/// One cell. Everything but `duration_ms` is the same for the same inputs.
struct CellResult {
  std::string scenario, client, client_version, mode, policy;
  Expected expected = Expected::either;
  std::optional<Decision> decision;  ///< none for a cell that did not run
  Outcome outcome = Outcome::harness_error;
  Layers layers;
  std::string reason;              ///< reason id of the expectation or of the built-in client
  std::string note;                ///< why unsupported, hung, crashed; "" otherwise
  std::optional<std::string> sni;  ///< first SNI seen; nullopt: no ClientHello
  std::string alert;               ///< alert that the client sent, "" if none
  std::string contradiction;       ///< a claim of the client that the wire contradicts; "" if none
  std::string said;                ///< "verified", "unverified", "rejected", ""
  std::string words;               ///< last lines of a client's output, bounded
  BaselineState baseline = BaselineState::none;
  std::string
      compared_with;  ///< "1.8.23, recorded 2026-11-22" where the baseline is of another release; else ""
  double duration_ms = 0;
  double cpu_ms = 0;       ///< of an external client's processes
  bool in_worker = false;  ///< an interpreter that had run other cells before ran it (docs/workers.md)
  std::string reproduce;
  std::vector<std::string> transcript;  ///< the wire, for people

  auto key() const { return std::tie(scenario, client, mode); }
};

/// Last line.
struct RunFooter {
  std::map<Outcome, std::size_t> counts;
  std::size_t no_expectation = 0;  ///< cells that were not run because nothing says what they ought to do
  std::size_t news = 0, fixed = 0;
  bool complete = false;
  double wall_s = 0;            ///< of the cells, without build, version and sanity
  std::size_t repetitions = 1;  ///< of every cell
  std::size_t differing = 0;    ///< cells that did not end the same way each time
  double client_cpu_s = 0,
         harness_cpu_s = 0;  ///< of the cells' processes; of this program, its servers included
  unsigned cores = 1;
};

/// One line of JSON without the line end; keys in a fixed order.
std::string to_line(const RunHeader& header);
std::string to_line(const CellResult& result);
std::string to_line(const RunFooter& footer);

/// A results file read back.
struct ResultsFile {
  RunHeader header;
  std::vector<CellResult> cells;
  std::optional<RunFooter> footer;  ///< missing: the run was cut off
};
/// Throws InputError with the line. A last line without line end (a killed run) is left out.
ResultsFile read_results(const std::string& file);

/// True for outcomes that are faults of the client or of the harness.
bool is_fault(Outcome outcome);

}  // namespace mxident::harness
