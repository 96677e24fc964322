#include "harness/explore/repro/situation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/input/json_input.hpp"
#include "harness/input/values.hpp"
#include "harness/text/ascii.hpp"
#include "verifier/dns_name.hpp"

namespace mxident::harness::repro {
namespace {

using Json = nlohmann::ordered_json;

std::string origin_of(const Clue& clue) {
  return fmt::format("{}, line {}", clue.program, clue.line);
}

std::string origin_of(const Options& options, const char* option) {
  return options.server_from.empty() ? option : options.server_from;
}

/// Different values of one kind, in the order of the text; those of a comparison first, for these are the
/// complaint.
std::vector<Stated> values_of(const Reading& reading, ClueKind kind) {
  std::vector<Stated> out;
  for (const bool compared : {true, false}) {
    for (const auto& clue : reading.clues) {
      if (clue.kind != kind || clue.compared != compared) continue;
      const bool known = std::any_of(out.begin(), out.end(), [&](const Stated& other) {
        return dns_name::equal_ignoring_case(other.value, clue.value);
      });
      if (!known) out.push_back({clue.value, origin_of(clue)});
    }
  }
  return out;
}

/// The first of the values; the others are remarked upon.
std::optional<Stated> one_of(const std::vector<Stated>& values, std::string_view what,
                             std::string_view option, Situation& situation) {
  if (values.empty()) return std::nullopt;
  for (std::size_t i = 1; i < values.size() && i < 6; ++i) {
    situation.remarks.push_back(fmt::format("{} {} ({}) is not used, for {} ({}) is; {} states another", what,
                                            values[i].value, values[i].origin, values[0].value,
                                            values[0].origin, option));
  }
  if (values.size() > 6)
    situation.remarks.push_back(fmt::format("and {} more of the kind: {}", values.size() - 6, what));
  return values.front();
}

constexpr std::string_view kChainFaults[] = {"chain-expired", "chain-self", "chain-unknown-ca",
                                             "chain-failed"};

bool is_fault(const Clue& clue) {
  return clue.kind == ClueKind::sign &&
         (clue.value == "name-failed" || clue.value == "no-starttls" || clue.value == "starttls-broken" ||
          std::find(std::begin(kChainFaults), std::end(kChainFaults), clue.value) != std::end(kChainFaults));
}

/// Hosts that a complaint is about: those whose names were compared, and those in a line that says what
/// failed. More than one are more than one complaint.
std::vector<Stated> accused_hosts(const Reading& reading) {
  std::set<std::size_t> faults;
  for (const auto& clue : reading.clues)
    if (is_fault(clue)) faults.insert(clue.line);
  Reading accused = reading;
  std::erase_if(accused.clues,
                [&](const Clue& clue) { return !clue.compared && !faults.contains(clue.line); });
  return values_of(accused, ClueKind::mx_host);
}

bool is_a_name(const Clue& clue) {
  return clue.kind == ClueKind::common_name || clue.kind == ClueKind::san;
}

/// Lines that name other hosts and not `host`; `compared`: only those that say what a comparison came to.
std::set<std::size_t> lines_of_others(const Reading& reading, const std::string& host, bool compared) {
  std::set<std::size_t> own, others;
  for (const auto& clue : reading.clues) {
    if (clue.kind == ClueKind::mx_host && (clue.compared || !compared))
      (dns_name::equal_ignoring_case(clue.value, host) ? own : others).insert(clue.line);
  }
  for (const auto line : own) others.erase(line);
  return others;
}

/// The text without what is another complaint's for certain: names in a line that compares only other hosts
/// than `host`, and what is said of the chain and of STARTTLS in a line that names only others.
Reading of_complaint(const Reading& reading, const std::string& host) {
  const auto compared = lines_of_others(reading, host, true), named = lines_of_others(reading, host, false);
  Reading out = reading;
  std::erase_if(out.clues,
                [&](const Clue& clue) { return clue.kind == ClueKind::sign && named.contains(clue.line); });
  Reading narrow = out;
  std::erase_if(narrow.clues,
                [&](const Clue& clue) { return is_a_name(clue) && compared.contains(clue.line); });
  return std::any_of(narrow.clues.begin(), narrow.clues.end(), is_a_name) ? narrow : out;
}

/// The names of the certificate that has the common name `name`: not those that stand behind another's.
std::vector<Stated> sans_of(const Reading& reading, const std::string& name) {
  Reading own = reading;
  std::erase_if(own.clues, [&](const Clue& san) {
    const Clue* nearest = nullptr;
    for (const auto& clue : reading.clues) {
      if (clue.kind == ClueKind::common_name && clue.line <= san.line) nearest = &clue;
    }
    return san.kind == ClueKind::san && nearest != nullptr && !name.empty() &&
           !dns_name::equal_ignoring_case(nearest->value, name);
  });
  std::vector<Stated> out = values_of(own, ClueKind::san);
  return out.empty() ? values_of(reading, ClueKind::san) : out;
}

/// A host of the text as a full name: "xxxMX" was made short by whoever asks.
std::string full_name(const Stated& stated, Situation& situation) {
  std::string name = lower(stated.value);
  while (name.ends_with('.')) name.pop_back();
  if (name.find('.') == std::string::npos && !name.empty()) {
    situation.remarks.push_back(
        fmt::format("{} ({}) is a single label; {}.test stands for it", name, stated.origin, name));
    name += ".test";
  }
  return name;
}

bool has(const Reading& reading, std::string_view sign, Stated& where) {
  for (const auto& clue : reading.clues) {
    if (clue.kind != ClueKind::sign || clue.value != sign) continue;
    where.origin = origin_of(clue);
    return true;
  }
  return false;
}

bool has_chain_fault(const Reading& reading, Stated& where) {
  return std::any_of(std::begin(kChainFaults), std::end(kChainFaults),
                     [&](auto sign) { return has(reading, sign, where); });
}

InputError without_names(const Stated& where, std::string_view what) {
  return {
      "repro", "",
      fmt::format("{} says that {}, and nothing says which names the certificate has; wanted --cn or --san, "
                  "--pem with the server's chain, or --live, which fetches it",
                  where.origin, what)};
}

Stated chain_of(const Options& options, const Reading& reading, Situation& situation) {
  if (!options.chain.empty())
    return {options.chain, options.chain_from.empty() ? "--chain" : options.chain_from};
  Stated out{"trusted", std::string(kFilled)};
  for (const auto& [sign, chain] :
       {std::pair{"chain-expired", "expired"}, std::pair{"chain-self", "self-signed"},
        std::pair{"chain-unknown-ca", "unknown-ca"}}) {
    if (has(reading, sign, out)) {
      out.value = chain;
      return out;
    }
  }
  if (has(reading, "chain-ok", out)) return out;
  if (has(reading, "chain-failed", out)) {
    out.value = "unknown-ca";
    situation.remarks.push_back(
        fmt::format("{} says that the chain failed, and not why: it has an unknown authority here (--chain)",
                    out.origin));
    return out;
  }
  situation.remarks.emplace_back("nothing is said of the chain: it is trusted here (--chain)");
  return out;
}

Stated starttls_of(const Options& options, const Reading& reading, Situation& situation) {
  if (!options.starttls.empty()) return {options.starttls, origin_of(options, "--starttls")};
  Stated out{"offered", std::string(kFilled)};
  if (has(reading, "no-starttls", out))
    out.value = "missing";
  else if (has(reading, "starttls-broken", out))
    out.value = "refused";
  Stated later;
  if (out.value != "offered" && (has(reading, "name-failed", later) || has_chain_fault(reading, later))) {
    situation.remarks.push_back(
        fmt::format("{} says that TLS does not come about, and {} speaks of a certificate: that is another "
                    "complaint, and not shown here (--starttls offered shows it)",
                    out.origin, later.origin));
  }
  return out;
}

/// "DNS:x", "IP Address:192.0.2.1": the type in small letters.
Stated stated_san(const Options& options, const std::string& text) {
  const std::size_t colon = text.find(':');
  std::string type = lower(text.substr(0, colon));
  if (type == "ip address" || type == "ipaddress") type = "ip";
  if (type == "dnsname") type = "dns";
  const std::string known[] = {"dns", "ip", "uri", "email", "srv"};
  if (colon == std::string::npos || colon + 1 == text.size() ||
      std::find(std::begin(known), std::end(known), type) == std::end(known))
    throw InputError("--san", "",
                     fmt::format("found \"{}\", wanted TYPE:VALUE with dns, ip, uri, email or srv", text));
  return {type + text.substr(colon), options.names_from.empty() ? "--san" : options.names_from};
}

void add_names(const Options& options, const Reading& reading, Situation& situation) {
  for (const auto& name : options.common_names)
    situation.common_names.push_back({name, options.names_from.empty() ? "--cn" : options.names_from});
  for (const auto& text : options.san) situation.san.push_back(stated_san(options, text));
  // Names that are stated are the certificate: those of the text would be another's.
  if (!situation.common_names.empty() || !situation.san.empty()) return;
  if (const auto name =
          one_of(values_of(reading, ClueKind::common_name), "the common name", "--cn", situation))
    situation.common_names.push_back(*name);
  situation.san =
      sans_of(reading, situation.common_names.empty() ? "" : situation.common_names.front().value);
  if (situation.san.empty() && !situation.common_names.empty()) {
    situation.remarks.emplace_back(
        "only a common name is shown: the certificate has no subject alternative name here (--san)");
  }
}

/// A text as the scenario wants it: a brace is a placeholder there.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '{' || c == '}') out += c;
  }
  return out;
}

/// Persons stay out: a mailbox, and an address of the real network.
Json entry_of(const std::string& entry) {
  const std::string type = entry.substr(0, entry.find(':'));
  std::string value = entry.substr(type.size() + 1);
  if (type == "email") value = "someone" + value.substr(std::min(value.find('@'), value.size()));
  if (type == "ip") value = value.find(':') == std::string::npos ? "192.0.2.25" : "2001:db8::25";
  return {{type, escaped(value)}};
}

bool is_like_a_host(std::string_view name) {
  return name.find_first_of(" @/,") == std::string_view::npos;
}

Json server_of(const Situation& situation) {
  Json out = Json::object();
  if (situation.banner) out["banner"] = lower(situation.banner->value);
  if (situation.ehlo) {
    out["ehlo"] = lower(situation.ehlo->value);
    if (!situation.banner) out["banner"] = out["ehlo"];
  }
  return out;
}

Json head_of(const Situation& situation, const std::string& id, const std::string& title) {
  Json sources = Json::array();
  sources.push_back({{"ref", situation.programs.empty() ? std::string("a complaint")
                                                        : fmt::format("a complaint with words of {}",
                                                                      fmt::join(situation.programs, ", "))}});
  return {{"id", id}, {"title", title}, {"sources", std::move(sources)}};
}

}  // namespace

Situation situation_of(const Options& options, const Reading& whole) {
  Situation out;
  for (const auto& found : whole.recognised) {
    if (std::find(out.programs.begin(), out.programs.end(), found.program) == out.programs.end())
      out.programs.emplace_back(found.program);
  }
  const std::vector<Stated> hosts = accused_hosts(whole);
  const bool is_stated = std::any_of(hosts.begin(), hosts.end(), [&](const auto& host) {
    return dns_name::equal_ignoring_case(host.value, options.mx);
  });
  const std::string host = is_stated ? options.mx : hosts.empty() ? "" : hosts.front().value;
  const Reading reading = hosts.size() < 2 ? whole : of_complaint(whole, host);
  add_names(options, reading, out);
  std::optional<Stated> mx;
  if (!options.mx.empty()) mx = Stated{options.mx, options.mx_from.empty() ? "--mx" : options.mx_from};
  if (!mx) {
    std::vector<Stated> named = values_of(reading, ClueKind::mx_host);
    std::stable_partition(named.begin(), named.end(),
                          [&](const auto& it) { return dns_name::equal_ignoring_case(it.value, host); });
    mx = one_of(named, "the host", "--mx", out);
  }
  out.starttls = starttls_of(options, reading, out);
  if (mx && parse_address(mx->value)) {
    if (!options.mx.empty())
      throw InputError(
          "--mx", "",
          fmt::format("found the address {}, wanted a host, as an MX record names it", mx->value));
    out.remarks.push_back(fmt::format(
        "{} ({}) is an address, which no MX record names: it is not the host here", mx->value, mx->origin));
    mx.reset();
  }
  const bool needs_names = out.starttls.value == "offered";
  if (!mx && (out.common_names.empty() && out.san.empty())) {
    throw InputError(
        "repro", "",
        "neither the MX host nor the certificate's names are known; wanted --mx with --cn or --san, "
        "or --paste with a text that names them");
  }
  if (!mx) {
    mx = Stated{"mx1.recipient.test", std::string(kFilled)};
    out.remarks.emplace_back("no MX host is named: mx1.recipient.test stands for it (--mx)");
  }
  if (needs_names && out.common_names.empty() && out.san.empty()) {
    Stated where;
    if (has(reading, "name-failed", where)) throw without_names(where, "the name is wrong");
    // A certificate that is filled in must not acquit or condemn whoever refused.
    Stated reason;
    const bool explained =
        !options.chain.empty() || has_chain_fault(reading, reason) || has(reading, "name-ok", reason);
    if (!explained && has(reading, "refused", where))
      throw without_names(where, "the mail was refused, and not why");
    out.san.push_back({"dns:" + lower(mx->value), std::string(kFilled)});
    out.remarks.emplace_back("no name of the certificate is shown: it names the MX host here (--san)");
  }
  out.mx = {full_name(*mx, out), mx->origin};
  std::optional<Stated> domain;
  if (!options.domain.empty()) domain = Stated{options.domain, "--domain"};
  if (!domain) domain = one_of(values_of(reading, ClueKind::domain), "the recipient domain", "--domain", out);
  if (!domain) {
    domain = Stated{"recipient.test", std::string(kFilled)};
    out.remarks.emplace_back("no recipient domain is named: recipient.test stands for it (--domain)");
  }
  out.domain = {full_name(*domain, out), domain->origin};
  if (!options.ehlo.empty()) out.ehlo = Stated{options.ehlo, origin_of(options, "--ehlo")};
  if (!out.ehlo) out.ehlo = one_of(values_of(reading, ClueKind::ehlo), "the EHLO name", "--ehlo", out);
  out.banner = one_of(values_of(reading, ClueKind::banner), "the greeting", "--ehlo", out);
  if (!options.ehlo.empty()) out.banner.reset();
  out.chain = chain_of(options, reading, out);
  if (hosts.size() > 1) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < hosts.size() && i < 4; ++i) names.push_back(hosts[i].value);
    out.remarks.push_back(fmt::format(
        "the text has {} complaints, about {}: this is the answer to that about {}, and what lines without a "
        "host say of chain and STARTTLS may be another's; paste one alone, or state --mx",
        hosts.size(), fmt::join(names, ", "), out.mx.value));
  }
  return out;
}

Json document_of(const Situation& situation, const std::string& id) {
  Json out =
      head_of(situation, id, fmt::format("The certificate that {} shows in a complaint", situation.mx.value));
  out["domain"] = situation.domain.value;
  Json certificate = Json::object();
  Json subject = Json::array();
  for (const auto& name : situation.common_names)
    subject.push_back({{"cn", is_like_a_host(name.value) ? escaped(name.value) : "Not a host name"}});
  if (subject.empty()) subject.push_back({{"o", "Complaint"}});
  certificate["subject"] = std::move(subject);
  if (!situation.san.empty()) {
    certificate["san"] = Json::array();
    for (const auto& entry : situation.san) certificate["san"].push_back(entry_of(entry.value));
  }
  if (situation.chain.value == "expired") certificate["validity"] = "expired";
  if (situation.chain.value == "self-signed") certificate["issuer"] = "self";
  if (situation.chain.value == "unknown-ca") certificate["issuer"] = "unknown-ca";
  out["certificates"]["mx"] = std::move(certificate);
  Json server = server_of(situation);
  server["certificate"] = "mx";
  if (situation.starttls.value == "missing") server["starttls"] = "hidden";
  if (situation.starttls.value == "refused") server["starttls"] = "refused-454";
  out["servers"][situation.mx.value] = std::move(server);
  out["dns"] = Json::array({fmt::format("{}. MX 10 {}.", situation.domain.value, situation.mx.value)});
  return out;
}

Json with_chain(Json document, const Json& certificates) {
  Json own = document["certificates"]["mx"];
  document["certificates"] = certificates;
  for (const char* field : {"subject", "san"}) {
    if (own.contains(field)) document["certificates"]["mx"][field] = own[field];
  }
  if (own.value("issuer", "") == "unknown-ca") {
    for (auto& [id, certificate] : document["certificates"].items()) {
      if (certificate["issuer"] == "root" || certificate["issuer"] == "intermediate")
        certificate["issuer"] = "unknown-ca";
      if (!certificate.contains("sends")) continue;
      for (auto& sent : certificate["sends"]) {
        if (sent == "root") sent = "unknown-ca";
      }
    }
  }
  return document;
}

Json twin_of(const Situation& situation, const std::string& id) {
  Json out = head_of(situation, id,
                     fmt::format("The same server with a certificate that names {}", situation.mx.value));
  out["domain"] = situation.domain.value;
  out["certificates"]["mx"] = {{"subject", Json::array({{{"cn", situation.mx.value}}})},
                               {"san", Json::array({{{"dns", situation.mx.value}}})}};
  Json server = server_of(situation);
  server["certificate"] = "mx";
  out["servers"][situation.mx.value] = std::move(server);
  out["dns"] = Json::array({fmt::format("{}. MX 10 {}.", situation.domain.value, situation.mx.value)});
  return out;
}

}  // namespace mxident::harness::repro
