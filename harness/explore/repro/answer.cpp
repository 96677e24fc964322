#include "harness/explore/repro/answer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/guide/advice.hpp"
#include "harness/text/printable.hpp"
#include "harness/text/wrap.hpp"
#include "verifier/policy.hpp"
#include "verifier/reasons.hpp"

namespace mxident::harness::repro {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kOwn = "mxident";

/// How a mode took the server, in the order of the page.
struct Class {
  std::string_view id, heading;
};
constexpr std::array<Class, 6> kClasses{
    {{"refuses", "refuses"},
     {"delivers", "delivers"},
     {"delivers-with-warning", "delivers, and says that it is not verified"},
     {"in-clear", "delivers in clear"},
     {"nothing", "sends nothing"},
     {"not-asked", "could not be asked"}}};

std::string_view class_of(const CellResult& cell) {
  if (!cell.decision) return "not-asked";
  switch (*cell.decision) {
    case Decision::reject:
      return "refuses";
    case Decision::plaintext:
      return "in-clear";
    case Decision::none:
      return "nothing";
    case Decision::accept:
      break;
  }
  return cell.said == "unverified" ? "delivers-with-warning" : "delivers";
}

std::string mode_of(const CellResult& cell) {
  return cell.client + ":" + cell.mode;
}

const CellResult* own_cell(const Answer& answer, PolicyId id) {
  for (const auto& cell : answer.cells) {
    if (cell.client == kOwn && cell.mode == to_string(id)) return &cell;
  }
  return nullptr;
}

bool is_refused(const Answer& answer, PolicyId id) {
  const CellResult* const cell = own_cell(answer, id);
  return cell != nullptr && cell->decision == Decision::reject;
}

Json stated(const Stated& value) {
  return {{"value", value.value}, {"from", value.origin}};
}

Json names_of(const Situation& situation) {
  Json out{{"domain", stated(situation.domain)}, {"mx_host", stated(situation.mx)}};
  out["certificate"] = Json::array();
  for (const auto& name : situation.common_names)
    out["certificate"].push_back(stated({"CN " + name.value, name.origin}));
  for (const auto& entry : situation.san) out["certificate"].push_back(stated(entry));
  if (situation.ehlo) out["ehlo"] = stated(*situation.ehlo);
  if (situation.banner) out["banner"] = stated(*situation.banner);
  out["chain"] = stated(situation.chain);
  out["starttls"] = stated(situation.starttls);
  return out;
}

Json policies_of(const Answer& answer) {
  Json out = Json::array();
  for (const auto& policy : all_policies()) {
    const CellResult* const cell = own_cell(answer, policy.id);
    if (cell == nullptr) continue;
    Json row{{"policy", to_string(policy.id)},
             {"does", class_of(*cell)},
             {"demands", describe(policy.id).sentence}};
    if (const auto reason = reason_from_string(cell->reason))
      row.update({{"reason", info(*reason).id},
                  {"citation", info(*reason).citation},
                  {"sentence", info(*reason).sentence}});
    out.push_back(std::move(row));
  }
  return out;
}

Json clients_of(const Answer& answer) {
  std::set<std::string> refuse_right;
  for (const auto& cell : answer.twin_cells) {
    if (cell.decision == Decision::reject) refuse_right.insert(mode_of(cell));
  }
  Json out = Json::array();
  for (const auto& cell : answer.cells) {
    if (cell.client == kOwn) continue;
    Json row{{"client", cell.client}, {"version", cell.client_version}, {"mode", cell.mode},
             {"policy", cell.policy}, {"does", class_of(cell)},         {"outcome", to_string(cell.outcome)}};
    if (refuse_right.contains(mode_of(cell))) row["refuses_the_right_certificate_too"] = true;
    if (!cell.note.empty()) row["note"] = cell.note;
    out.push_back(std::move(row));
  }
  return out;
}

bool is_filled_in(const Situation& situation) {
  return situation.common_names.empty() && !situation.san.empty() && situation.san.front().origin == kFilled;
}

/// Who is right: sentences, from what policies say.
std::vector<std::string> judgement_of(const Answer& answer) {
  std::vector<std::string> out;
  const CellResult* const names = own_cell(answer, PolicyId::rfc9525);
  const auto reason = names == nullptr ? std::nullopt : reason_from_string(names->reason);
  const std::string why =
      reason ? fmt::format("{} ({})", info(*reason).sentence, info(*reason).citation) : "";
  if (answer.situation.starttls.value != "offered") {
    out.push_back(
        "TLS does not come about, so no name is compared: whoever demands TLS is right to refuse, whoever "
        "delivers in "
        "clear does what opportunistic TLS is (RFC 7435 3), and nobody can say that the server was "
        "verified.");
  } else if (is_refused(answer, PolicyId::chain_only)) {
    out.push_back(fmt::format(
        "The chain is at fault, before any name: {}. Whoever requires a trusted chain is right to refuse; "
        "encrypting without one is right only where nothing is to be verified.",
        why));
  } else if (is_refused(answer, PolicyId::rfc9525)) {
    out.push_back(
        fmt::format("Whoever checks names is right to refuse {}: {}.", answer.situation.mx.value, why));
    out.push_back(
        "\"Verify return code: 0 (ok)\" and \"verify=OK\" are true as well, and of the chain only: no name "
        "was compared. "
        "Delivering is right for whoever set out to encrypt and no more.");
    if (answer.situation.ehlo || answer.situation.banner)
      out.push_back(
          "What the server calls itself in greeting and EHLO proves nothing, whatever the certificate holds: "
          "the server "
          "can say any name (RFC 9525 6.1.1: references are fixed before, and independently of, what it "
          "presents).");
    std::vector<std::string> older;
    for (const auto id : {PolicyId::rfc2818, PolicyId::rfc6125}) {
      if (own_cell(answer, id) != nullptr && !is_refused(answer, id)) older.emplace_back(to_string(id));
    }
    if (!older.empty())
      out.push_back(fmt::format(
          "Older rules take it ({}): a sender that follows them is not wrong by its own, and its successor "
          "will refuse.",
          fmt::join(older, ", ")));
  } else if (names != nullptr && names->decision != Decision::accept) {
    out.push_back(fmt::format("No rule comes to compare {}: {}.", answer.situation.mx.value, why));
  } else if (names != nullptr && is_filled_in(answer.situation)) {
    out.push_back(
        "Nothing says which names the certificate has. With one that names the MX host and a trusted chain "
        "nobody "
        "is right to refuse.");
  } else if (names != nullptr) {
    out.push_back(
        "The certificate proves the MX host under every rule that compares it: whoever refuses it for its "
        "name is wrong.");
  }
  if (is_refused(answer, PolicyId::nexthop) && !is_refused(answer, PolicyId::rfc9525))
    out.push_back(fmt::format(
        "Who wants {} itself in the certificate refuses all the same (policy nexthop; Postfix: secure): "
        "a choice that protects against a forged MX record.",
        answer.situation.domain.value));
  return out;
}

/// A host that the certificate has, to point an MX record at.
std::string host_in_certificate(const Situation& situation) {
  for (const auto& entry : situation.san) {
    if (entry.value.starts_with("dns:") && entry.value.find('*') == std::string::npos)
      return entry.value.substr(4);
  }
  for (const auto& entry : situation.san) {
    if (entry.value.starts_with("dns:*.")) return "NAME." + entry.value.substr(6);
  }
  return {};
}

Json changes_of(const Answer& answer) {
  Json server = Json::array(), sender = Json::array();
  const CellResult* const names = own_cell(answer, PolicyId::rfc9525);
  const auto reason = names == nullptr || names->decision == Decision::accept
                          ? std::nullopt
                          : reason_from_string(names->reason);
  if (reason) {
    const Situation& situation = answer.situation;
    if (!is_refused(answer, PolicyId::chain_only)) {
      server.push_back(fmt::format("certificate: add dNSName {}", situation.mx.value));
      if (const std::string host = host_in_certificate(situation); !host.empty())
        server.push_back(fmt::format("or MX record: {}. MX 10 {}.", situation.domain.value, host));
      if (const std::string host = host_in_certificate(situation); !host.empty())
        sender.push_back(
            fmt::format("for {} alone, ask for the certificate's name: Postfix \"secure match={}\" in "
                        "smtp_tls_policy_maps, Exim tls_verify_cert_hostnames with the host's domain",
                        situation.domain.value, host.starts_with("NAME.") ? host.substr(4) : host));
    }
    const Advice advice = advice_for(*reason);
    if (!advice.server.empty()) server.push_back(advice.server);
    if (!advice.sender.empty()) sender.push_back(advice.sender);
  }
  return {{"server", std::move(server)}, {"sender", std::move(sender)}};
}

std::string quoted(const Json& value) {
  return value.get<std::string>();
}

class Text {
 public:
  explicit Text(std::size_t width) : width_(width) {}
  void head(std::string_view text) { out += fmt::format("{}{}\n", out.empty() ? "" : "\n", text); }
  void line(std::string_view text, std::size_t indent = 2, std::size_t more = 2) {
    out += std::string(indent, ' ') + wrapped(text, width_, indent + more, indent) + "\n";
  }
  std::string out;

 private:
  std::size_t width_;
};

void print_reading(Text& text, const Json& answer) {
  if (answer["understood"].empty() && answer["not_understood"]["count"] == 0) return;
  text.head("What the text says");
  constexpr std::size_t kShownFound = 40;
  const auto& understood = answer["understood"];
  for (std::size_t i = 0; i < std::min(kShownFound, understood.size()); ++i) {
    const auto& found = understood[i];
    std::string line = fmt::format("line {} ({}): {}", found["line"].get<std::size_t>(),
                                   quoted(found["program"]), quoted(found["text"]));
    if (found.contains("note")) line += fmt::format(" -- {}", quoted(found["note"]));
    text.line(line);
  }
  if (understood.size() > kShownFound)
    text.line(fmt::format("and {} more places (--json has them)", understood.size() - kShownFound));
  const auto& unknown = answer["not_understood"];
  if (unknown["count"] == 0) return;
  text.line(fmt::format("not understood: {} lines", unknown["count"].get<std::size_t>()));
  constexpr std::size_t kShown = 8;
  for (std::size_t i = 0; i < std::min(kShown, unknown["lines"].size()); ++i)
    text.line(fmt::format("line {}: {}", unknown["lines"][i]["line"].get<std::size_t>(),
                          quoted(unknown["lines"][i]["text"])),
              4);
  if (unknown["count"] > kShown)
    text.line(fmt::format("and {} more", unknown["count"].get<std::size_t>() - kShown), 4);
}

void print_names(Text& text, const Json& answer) {
  const auto& names = answer["names"];
  const auto with_origin = [](const Json& value) {
    return fmt::format("{}  ({})", quoted(value["value"]), quoted(value["from"]));
  };
  text.head("The three names");
  text.line("recipient domain  " + with_origin(names["domain"]), 2, 18);
  text.line("MX host           " + with_origin(names["mx_host"]), 2, 18);
  std::string heading = "certificate       ";
  for (const auto& name : names["certificate"]) {
    text.line(heading + with_origin(name), 2, 18);
    heading = std::string(18, ' ');
  }
  if (names.contains("ehlo")) text.line("EHLO name         " + with_origin(names["ehlo"]), 2, 18);
  if (names.contains("banner")) text.line("greeting          " + with_origin(names["banner"]), 2, 18);
  text.line(fmt::format("chain             {}", with_origin(names["chain"])), 2, 18);
  text.line(fmt::format("STARTTLS          {}", with_origin(names["starttls"])), 2, 18);
  for (const auto& remark : answer["remarks"]) text.line("! " + quoted(remark));
}

void print_clients(Text& text, const Json& answer) {
  text.head("Who does what");
  for (const auto& [id, heading] : kClasses) {
    std::map<std::string, std::vector<std::string>> modes;
    std::size_t count = 0;
    for (const auto& row : answer["clients"]) {
      if (row["does"] != id) continue;
      modes[quoted(row["client"])].push_back(quoted(row["mode"]));
      ++count;
    }
    if (count == 0) continue;
    std::vector<std::string> parts;
    for (const auto& [client, ids] : modes)
      parts.push_back(fmt::format("{} ({})", client, fmt::join(ids, ", ")));
    text.line(fmt::format("{}: {}", heading,
                          id == "not-asked" ? fmt::format("{} modes of {} clients", count, modes.size())
                                            : fmt::format("{}", fmt::join(parts, "; "))));
  }
  for (const auto& [outcome, words] :
       {std::pair{"lax", "delivers and claims a policy that refuses: wrong"},
        std::pair{"strict", "refuses what the policy that it claims accepts: wrong"},
        std::pair{"downgrade", "sends in clear what its policy protects: wrong"}}) {
    std::vector<std::string> modes;
    for (const auto& row : answer["clients"]) {
      if (row["outcome"] == outcome)
        modes.push_back(
            fmt::format("{}:{} ({})", quoted(row["client"]), quoted(row["mode"]), quoted(row["policy"])));
    }
    if (!modes.empty()) text.line(fmt::format("{}: {}", words, fmt::join(modes, ", ")));
  }
  std::vector<std::string> useless;
  for (const auto& row : answer["clients"]) {
    if (row.contains("refuses_the_right_certificate_too") && row["does"] == "refuses")
      useless.push_back(fmt::format("{}:{}", quoted(row["client"]), quoted(row["mode"])));
  }
  if (!useless.empty())
    text.line(
        fmt::format("refuses a certificate that names the host as well, so its refusal says nothing: {}",
                    fmt::join(useless, ", ")));
}

void add_reading(const Reading& reading, Json& out) {
  out["understood"] = Json::array();
  for (const auto& found : reading.recognised) {
    Json row{{"line", found.line}, {"program", found.program}, {"text", found.text}};
    if (!found.note.empty()) row["note"] = found.note;
    out["understood"].push_back(std::move(row));
  }
  Json lines = Json::array();
  for (std::size_t i = 0; i < reading.shown.size(); ++i)
    lines.push_back({{"line", reading.unknown[i]}, {"text", reading.shown[i]}});
  out["not_understood"] = {{"count", reading.unknown.size()}, {"lines", std::move(lines)}};
}

}  // namespace

Json json_of(const Answer& answer) {
  Json out{{"schema", "mxident-repro/1"}};
  add_reading(answer.reading, out);
  out["names"] = names_of(answer.situation);
  out["remarks"] = answer.situation.remarks;
  out["policies"] = policies_of(answer);
  out["clients"] = clients_of(answer);
  out["right"] = judgement_of(answer);
  out["change"] = changes_of(answer);
  return out;
}

std::string text_of(const Reading& reading, std::size_t width) {
  Json json;
  add_reading(reading, json);
  Text text(width);
  print_reading(text, json);
  return visible(text.out);  // of a pasted text, which a terminal must not obey
}

std::string text_of(const Json& answer, std::size_t width) {
  Text text(width);
  print_reading(text, answer);
  print_names(text, answer);
  text.head("What policies say");
  for (const auto& row : answer["policies"]) {
    std::string line = fmt::format("{:<14} {}", quoted(row["policy"]), quoted(row["does"]));
    if (row.contains("reason"))
      line += fmt::format(": {} ({}; {})", quoted(row["sentence"]), quoted(row["reason"]),
                          quoted(row["citation"]));
    text.line(line, 2, 15);
  }
  if (!answer["clients"].empty()) print_clients(text, answer);
  text.head("Who is right");
  for (const auto& sentence : answer["right"]) text.line(quoted(sentence));
  for (const auto& [key, heading] : {std::pair{"server", "What the server's owner can do"},
                                     std::pair{"sender", "What the sender's owner can do"}}) {
    if (answer["change"][key].empty()) continue;
    text.head(heading);
    for (const auto& change : answer["change"][key]) text.line("- " + quoted(change));
  }
  return visible(text.out);  // of a pasted text, which a terminal must not obey
}

}  // namespace mxident::harness::repro
