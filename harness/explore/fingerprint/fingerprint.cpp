#include "harness/explore/fingerprint/fingerprint.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace mxident::harness {
namespace {

const ProbeResult* find(const std::vector<ProbeResult>& probes, std::string_view key) {
  const auto it = std::find_if(probes.begin(), probes.end(), [&](const auto& p) { return p.key == key; });
  return it == probes.end() ? nullptr : &*it;
}

std::vector<std::string> titles(const std::vector<ProbeResult>& probes, Decision decision) {
  std::vector<std::string> out;
  for (const auto& probe : probes) {
    if (probe.decision == decision) out.push_back(probe.title);
  }
  return out;
}

std::string verdict(const ProbeResult& probe) {
  if (probe.hung) return "waits until its deadline";
  if (!probe.decision) return "not tried: " + probe.note;
  switch (*probe.decision) {
    case Decision::accept:
      return "goes on under TLS";
    case Decision::reject:
      return "gives up";
    case Decision::plaintext:
      return "sends in clear";
    case Decision::none:
      return "does not come to that";
  }
  return "";
}

/// The check comes before MAIL if no mode of refusal ever let a MAIL through.
std::string when_checked(const Fingerprint& f) {
  bool refused = false, mail = false;
  for (const auto* probes : {&f.names, &f.behaviours}) {
    for (const auto& probe : *probes) {
      if (probe.decision != Decision::reject) continue;
      refused = true;
      mail |= probe.mail_seen;
    }
  }
  if (!refused) return "refuses nothing";
  return mail ? "sends MAIL before it refuses" : "before MAIL";
}

std::string or_none(const std::vector<std::string>& words) {
  return words.empty() ? "none" : fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace

std::string sni_meaning(const Fingerprint& f) {
  const ProbeResult* probe = find(f.names, "mxhost");
  if (!probe || !probe->sni) return "unknown: no ClientHello was seen";
  if (probe->sni->empty()) return "none";
  if (*probe->sni == "mx.mxhost.fp.test") return "MX host";
  if (*probe->sni == "rcpt-mxhost.test") return "recipient domain";
  return *probe->sni;
}

std::string card(const Fingerprint& f) {
  std::string out = fmt::format("{} {}, {} (claims {}){}\n", f.client, f.version, f.mode, f.policy,
                                f.title.empty() ? "" : ": " + f.title);
  const auto accepted = titles(f.names, Decision::accept);
  const bool all = std::all_of(f.names.begin(), f.names.end(),
                               [](const auto& p) { return p.decision == Decision::accept; });
  out += fmt::format("  accepts a certificate for   {}\n",
                     all ? "any name: names are not checked" : or_none(accepted));
  if (!all)
    out += fmt::format("  refuses a certificate for   {}\n", or_none(titles(f.names, Decision::reject)));
  std::vector<std::string> untried;
  for (const auto& probe : f.names) {
    if (!probe.decision || *probe.decision == Decision::none || *probe.decision == Decision::plaintext)
      untried.push_back(probe.title);
  }
  if (!untried.empty()) out += fmt::format("  says nothing about          {}\n", or_none(untried));
  out += fmt::format("  sends as SNI                {}\n", sni_meaning(f));
  out += fmt::format("  decides                     {}\n", when_checked(f));
  for (const auto& probe : f.behaviours) out += fmt::format("  {:<27} {}\n", probe.title, verdict(probe));
  return out;
}

std::string to_json(const Fingerprint& f) {
  using Json = nlohmann::ordered_json;
  const auto list = [](const std::vector<ProbeResult>& probes) {
    Json out = Json::object();
    for (const auto& p : probes) {
      Json one{{"decision", p.decision ? Json(to_string(*p.decision)) : Json(nullptr)}};
      if (p.hung) one["hang"] = true;
      if (!p.note.empty()) one["note"] = p.note;
      one["mail_seen"] = p.mail_seen;
      out[p.key] = one;
    }
    return out;
  };
  const Json json{{"client", f.client},     {"version", f.version},
                  {"mode", f.mode},         {"policy", f.policy},
                  {"sni", sni_meaning(f)},  {"checks", when_checked(f)},
                  {"names", list(f.names)}, {"behaviours", list(f.behaviours)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace mxident::harness
