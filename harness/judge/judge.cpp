#include "harness/judge/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "harness/judge/session.hpp"

namespace mxident::harness {
namespace {

using End = ClientReport::End;

/// Policies for which delivery in clear is never a fault of the client (RFC 7435 3).
bool may_go_in_clear(const ModeFacts& mode) {
  return mode.policy.tls != TlsDemand::required;
}

bool ended_well(const Observation& observation) {
  return observation.client.end == End::exited && observation.client.code == 0;
}

std::string why_none(const Observation& observation) {
  const auto& sessions = observation.sessions;
  if (sessions.empty() && observation.client.settled)
    return "the client was done with the message without a connection, and asked for no policy that forbids "
           "one";
  // A client that queues leaves its delivery to a process that its cell does not outlive.
  if (sessions.empty() && ended_well(observation))
    return "the client ended without a connection; what it left running was ended: a client that queues has "
           "to wait for its delivery (docs/clients.md)";
  if (sessions.empty() && observation.client.end == End::exited)
    return fmt::format("the client made no connection, and ended with status {}", observation.client.code);
  if (sessions.empty()) return "the client made no connection";
  const bool asked =
      std::any_of(sessions.begin(), sessions.end(), [](const Session& s) { return s.starttls_sent; });
  return asked ? "the client left after the 220 to STARTTLS, no ClientHello came"
               : "the client left although STARTTLS was offered, no ClientHello came";
}

/// A client that ended in no orderly way, or did not run; nullopt for one that exited.
std::optional<OutcomeAndNote> disorder(Expected expected, Decision decision, const Observation& observation,
                                       const ModeFacts& mode) {
  const ClientReport& client = observation.client;
  switch (client.end) {
    case End::exited:
      if (client.said_crashed) {
        return {{Outcome::crash,
                 client.error.empty() ? "the client says that a part of it crashed" : client.error}};
      }
      return std::nullopt;
    case End::not_started:
      return {{Outcome::harness_error, "the client did not start: " + client.error}};
    case End::signalled:
      if (!client.error.empty()) return {{Outcome::crash, client.error}};
      return {{Outcome::crash, fmt::format("the client was ended by signal {}", client.code)}};
    case End::output_limit:
      return {{Outcome::hang, "the client wrote without end and was stopped"}};
    case End::deadline:
      break;
  }
  const auto& sessions = observation.sessions;
  const bool nothing_in_clear =
      std::none_of(sessions.begin(), sessions.end(), [](const Session& s) { return s.mail_in_clear; });
  const bool took_nothing = decision == Decision::reject || decision == Decision::none;
  if (expected == Expected::reject && took_nothing && nothing_in_clear &&
      mode.waits_without_starttls == WaitsWithoutStarttls::yes) {
    return {{Outcome::pass, "the client waited until its deadline, as it is known to do, and sent nothing"}};
  }
  std::string words = "the client was still running at its deadline";
  if (!client.missed.empty()) words += ": " + client.missed;
  if (!client.error.empty()) words += "; its last words: " + client.error;
  return {{Outcome::hang, words}};
}

bool asked_for(const Observation& observation, const char* label) {
  const auto& queries = observation.queries;
  return std::any_of(queries.begin(), queries.end(),
                     [&](const std::string& query) { return query.find(label) != std::string::npos; });
}

/// A sender under MTA-STS need not connect to a host that the policy does not list (RFC 8461 5), nor one
/// under DANE to a host whose TLSA lookup failed (RFC 7672 2.2): having asked for the policy, or saying that
/// it refuses, and stayed away is a refusal. Where mail may go, one that ended well may have queued the
/// message, unless it said that it is done with it.
bool refused_unseen(Expected expected, const Observation& observation, const ModeFacts& mode) {
  if (!observation.sessions.empty() || observation.queries.empty()) return false;
  const bool sts = asked_for(observation, "_mta-sts."), dane = asked_for(observation, "._tcp.");
  // A daemon that is done with a message has decided, whatever its mode claims to go by.
  if (observation.client.settled && (sts || dane)) return true;
  if (mode.policy.id != PolicyId::mta_sts && mode.policy.id != PolicyId::dane) return false;
  return observation.client.said == "rejected" ||
         ((mode.policy.id == PolicyId::mta_sts ? sts : dane) &&
          (expected == Expected::reject || !ended_well(observation)));
}

/// A command without the mailbox that it is about, whose domain may hold any word.
std::string without_path(const std::string& line) {
  const std::size_t begin = line.find('<'), end = line.find('>', std::min(begin, line.size()));
  return end == std::string::npos ? line : line.substr(0, begin) + line.substr(end + 1);
}

/// The first word of the bait that the client says under TLS; empty if none.
std::string taken_bait(const Observation& observation) {
  for (const auto& session : observation.sessions) {
    for (const auto& command : session.commands_under_tls) {
      const std::string line = without_path(command);
      for (const auto& word : observation.bait) {
        const bool said = std::search(line.begin(), line.end(), word.begin(), word.end(), [](char a, char b) {
                            return std::toupper(static_cast<unsigned char>(a)) ==
                                   std::toupper(static_cast<unsigned char>(b));
                          }) != line.end();
        if (said) return word;
      }
    }
  }
  return {};
}

OutcomeAndNote unsupported(const Observation& observation) {
  return {Outcome::unsupported, why_none(observation)};
}

/// One row of the table of the design.
struct Row {
  Outcome accept, reject, plaintext;
};

Row row_of(Expected expected, const ModeFacts& mode) {
  switch (expected) {
    case Expected::accept:
      return {Outcome::pass, Outcome::strict, Outcome::downgrade};
    case Expected::reject:
      return {Outcome::lax, Outcome::pass, Outcome::downgrade};
    case Expected::plaintext:
      return {Outcome::harness_error, Outcome::strict, Outcome::pass};
    case Expected::none:
      return {Outcome::lax, Outcome::strict, Outcome::downgrade};
    case Expected::either:
      break;
  }
  return {Outcome::either, Outcome::either, may_go_in_clear(mode) ? Outcome::either : Outcome::downgrade};
}

}  // namespace

Observation observe(const std::vector<mocks::Event>& events,
                    const std::map<std::string, mocks::Starttls>& starttls, ClientReport client) {
  Observation out;
  out.sessions = fold_sessions(events, starttls);
  for (const auto& event : events) {
    if (event.kind == mocks::EventKind::dns_query) out.queries.push_back(event.text);
  }
  out.client = std::move(client);
  return out;
}

OutcomeAndNote outcome_of(Expected expected, Decision decision, const Observation& observation,
                          const ModeFacts& mode) {
  if (auto ended = disorder(expected, decision, observation, mode)) return std::move(*ended);
  if (const std::string word = taken_bait(observation); !word.empty())
    return {Outcome::lax, fmt::format("said \"{}\" under TLS, which only octets in clear had offered", word)};
  const Row row = row_of(expected, mode);
  switch (decision) {
    case Decision::accept:
      // RFC 5321 4.1.1.1: the first line of the reply is domain and greeting. Whether a client that reads the
      // keyword there is at fault, no text says.
      if (expected == Expected::plaintext &&
          std::any_of(observation.sessions.begin(), observation.sessions.end(),
                      [](const Session& s) { return s.starttls_sent && !s.starttls_offered; })) {
        return {Outcome::either, "asked for STARTTLS, which was not offered"};
      }
      return {row.accept, row.accept == Outcome::harness_error
                              ? "delivery in clear was expected, but TLS was there"
                              : ""};
    case Decision::reject:
      // A tool that delivers nothing may look at a host that no sender turns to (RFC 7672 2.1.2), if it says
      // so.
      if (expected == Expected::none && mode.delivers == Delivers::no &&
          observation.client.said == "rejected")
        return {Outcome::pass, "looked at the host, and says that no mail goes there"};
      return {row.reject, ""};
    case Decision::plaintext:
      return {row.plaintext, ""};
    case Decision::none:
      break;
  }
  if (expected != Expected::none && refused_unseen(expected, observation, mode))
    return {
        row.reject,
        "made no connection: what the policy publishes was asked for, or the client says that it refuses"};
  if (expected != Expected::none) return unsupported(observation);
  if (!observation.queries.empty()) return {Outcome::pass, ""};
  return {Outcome::unsupported, "the client made no connection, but asked the name server nothing either"};
}

Judgement judge(Expected expected, const Observation& observation, const ModeFacts& mode) {
  Judgement out;
  if (observation.client.end == End::not_started) {
    out.note = "the client did not start: " + observation.client.error;
    return out;
  }
  out.decision = decide(observation, mode);
  out.layers = find_layers(observation, mode, *out.decision);
  out.contradiction = contradiction_of(observation, mode, *out.decision, out.layers);
  OutcomeAndNote outcome = outcome_of(expected, *out.decision, observation, mode);
  out.outcome = outcome.outcome;
  out.note = std::move(outcome.note);
  for (const auto& session : observation.sessions) {
    if (!out.sni) out.sni = session.sni;
    if (out.alert.empty()) out.alert = session.alert;
  }
  return out;
}

}  // namespace mxident::harness
