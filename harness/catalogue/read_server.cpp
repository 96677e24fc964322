#include "harness/catalogue/read_server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/input/values.hpp"

namespace mxident::harness {
namespace {

using mocks::Starttls;
using mocks::TlsVersion;

constexpr std::pair<std::string_view, Starttls> kStarttls[] = {{"offered", Starttls::offered},
                                                               {"hidden", Starttls::hidden},
                                                               {"refused-454", Starttls::refused_454},
                                                               {"refused-502", Starttls::refused_502},
                                                               {"refused-554", Starttls::refused_554},
                                                               {"garbage", Starttls::garbage},
                                                               {"silent", Starttls::silent},
                                                               {"closed", Starttls::closed},
                                                               {"alert", Starttls::alert},
                                                               {"injected", Starttls::injected},
                                                               {"implicit", Starttls::implicit}};

constexpr std::pair<std::string_view, mocks::Sni> kSni[] = {
    {"looked-at", mocks::Sni::looked_at}, {"required", mocks::Sni::required}, {"warned", mocks::Sni::warned}};

constexpr std::pair<std::string_view, mocks::Resumption> kResumption[] = {
    {"none", mocks::Resumption::none}, {"offered", mocks::Resumption::offered}};

constexpr std::pair<std::string_view, TlsVersion> kVersions[] = {{"1.0", TlsVersion::tls1_0},
                                                                 {"1.1", TlsVersion::tls1_1},
                                                                 {"1.2", TlsVersion::tls1_2},
                                                                 {"1.3", TlsVersion::tls1_3}};

constexpr std::string_view kVerbs[] = {"CONNECT", "EHLO", "EHLO-TLS", "HELO", "STARTTLS", "AUTH",
                                       "MAIL",    "RCPT", "DATA",     ".",    "BDAT",     "RSET",
                                       "NOOP",    "VRFY", "HELP",     "QUIT"};

constexpr std::uint16_t kSubmissionsPort = 465;  // RFC 8314 7.3
constexpr std::size_t kMaxClaimedName = 4000;
constexpr std::size_t kMaxLater = 8;

/// A name that a server says of itself: any text, but no line end, which only `replies` can send.
std::string read_claimed_name(const JsonNode& node) {
  const std::string text = node.string();
  if (text.size() > kMaxClaimedName || text.find_first_of("\r\n") != std::string::npos) {
    node.fail(fmt::format(
        "found a name with a line end or of more than {} octets; write such a line into \"replies\"",
        kMaxClaimedName));
  }
  return text;
}

mocks::ServerAddress read_server_address(const JsonNode& node) {
  mocks::ServerAddress out;
  JsonNode text = node;
  if (node.is_object()) {
    node.object({"address", "certificate"});
    if (const auto certificate = node.find("certificate")) out.certificate = certificate->non_empty_string();
    text = node.at("address");
  }
  const std::string word = text.string();
  if (word == "ipv4" || word == "ipv6") {
    out.ipv6 = word == "ipv6";
    return out;
  }
  const auto octets = parse_address(word);
  if (!octets || is_pinnable(word) == Pinnable::no) {
    text.fail(fmt::format(
        "found \"{}\", wanted \"ipv4\", \"ipv6\" or an address of 192.0.2.0/24 (not .1), 198.51.100.0/24, "
        "203.0.113.0/24 or 2001:db8::/32",
        word));
  }
  out.text = word;
  out.ipv6 = octets->size() == 16;
  return out;
}

mocks::ReplyOverride read_reply(const JsonNode& node) {
  mocks::ReplyOverride out;
  if (node.is_string()) {
    out.text = node.string();
    return out;
  }
  node.object({"text", "hex", "delay_ms", "raw", "close_after", "repeat", "late"});
  if (const auto hex = node.find("hex")) {
    if (node.find("text")) node.fail("found \"hex\" and \"text\", wanted one of them");
    out.text = read_octets(*hex);
  }
  if (const auto text = node.find("text")) out.text = text->string();
  if (const auto delay = node.find("delay_ms"))
    out.delay = std::chrono::milliseconds(delay->integer(0, 600000));
  if (const auto raw = node.find("raw")) out.raw = raw->boolean();
  if (const auto close = node.find("close_after")) out.close_after = close->boolean();
  if (const auto late = node.find("late")) out.late = late->is_string() ? late->string() : read_octets(*late);
  if (const auto repeat = node.find("repeat"))
    out.repeat = static_cast<std::size_t>(repeat->integer(0, 1000000));
  return out;
}

std::map<std::string, mocks::ReplyOverride> read_replies(const JsonNode& node) {
  node.object({std::begin(kVerbs), std::end(kVerbs)});
  std::map<std::string, mocks::ReplyOverride> out;
  for (const auto& [verb, reply] : node.members()) out[verb] = read_reply(reply);
  return out;
}

/// Id of a certificate; JSON null: none. `otherwise` if the key is missing.
std::string read_certificate_id(const JsonNode& node, const std::string& otherwise) {
  const auto value = node.find("certificate");
  if (!value) return otherwise;
  return value->value().is_null() ? std::string{} : value->non_empty_string();
}

/// A text, a list of lines (CRLF after each, RFC 8461 3.2), or null: none.
std::optional<std::string> read_lines(const JsonNode& node) {
  if (node.value().is_null()) return std::nullopt;
  if (!node.is_array()) return node.string();
  std::string out;
  for (const auto& line : node.strings()) out += line + "\r\n";
  return out;
}

std::string enforcing_policy(const Scenario& scenario) {
  std::string out = "version: STSv1\r\nmode: enforce\r\n";
  for (const auto& host : mail_hosts(scenario)) out += "mx: " + host + "\r\n";
  return out + "max_age: 604800\r\n";
}

mocks::StsSpec read_policy_host(const JsonNode& node, const Scenario& scenario) {
  node.object({"domain", "record", "policy", "certificate", "http"});
  mocks::StsSpec out;
  const auto domain = node.find("domain");
  out.domain = domain ? domain->string() : scenario.domain;
  if (const std::string problem = host_problem(out.domain); !problem.empty())
    (domain ? *domain : node).fail(problem);
  out.certificate = read_certificate_id(node, std::string(kAutoPrefix) + "mta-sts." + fold_host(out.domain));
  const auto record = node.find("record");
  out.record = record ? read_lines(*record) : std::optional<std::string>("v=STSv1; id=20260101T000000;");
  const auto policy = node.find("policy");
  out.policy = policy ? read_lines(*policy) : enforcing_policy(scenario);
  if (const auto http = node.find("http")) {
    if (http->is_object()) {
      http->object({"status", "location", "headers", "pad_to"});
      if (const auto status = http->find("status"))
        out.http_status = static_cast<int>(status->integer(100, 599));
      if (const auto location = http->find("location")) out.location = location->string();
      if (const auto headers = http->find("headers")) {
        for (const auto& [name, value] : headers->members()) out.headers[name] = value.string();
      }
      if (const auto pad = http->find("pad_to"))
        out.pad_to = static_cast<std::size_t>(pad->integer(0, 100000000));
    } else {
      out.http_status = static_cast<int>(http->integer(100, 599));
    }
  }
  return out;
}

/// The server as it is on a later connection: what is not said is as on the one before.
mocks::SmtpServerSpec read_later(const JsonNode& node, const mocks::SmtpServerSpec& first) {
  node.object({"certificate", "starttls", "capabilities", "replies", "sni"});
  mocks::SmtpServerSpec out = first.then.empty() ? first : first.then.back();
  out.then.clear();
  out.certificate = read_certificate_id(node, out.certificate);
  if (const auto value = node.find("starttls")) out.starttls = read_word<Starttls>(*value, kStarttls);
  if ((out.starttls == Starttls::implicit) != (first.starttls == Starttls::implicit))
    node.fail("found implicit TLS on some connections, wanted it on all of a server or on none");
  if (const auto value = node.find("capabilities")) out.capabilities = value->strings();
  if (const auto value = node.find("replies")) out.replies = read_replies(*value);
  if (const auto value = node.find("sni")) out.sni = read_word<mocks::Sni>(*value, kSni);
  return out;
}

}  // namespace

ScenarioServer read_server(const std::string& host, const JsonNode& node) {
  node.object({"banner", "ehlo", "ehlo_after_tls", "capabilities", "certificate", "certificates_by_sni",
               "starttls", "tls_min", "tls_max", "addresses", "ports", "replies", "sni", "resumption",
               "then"});
  ScenarioServer out;
  mocks::SmtpServerSpec& spec = out.spec;
  spec.host = host;
  const auto banner = node.find("banner");
  spec.banner = banner ? read_claimed_name(*banner) : host;
  const auto ehlo = node.find("ehlo");
  spec.ehlo = ehlo ? read_claimed_name(*ehlo) : host;
  if (const auto value = node.find("ehlo_after_tls")) spec.ehlo_after_tls = read_claimed_name(*value);
  if (const auto value = node.find("capabilities")) spec.capabilities = value->strings();
  spec.certificate = read_certificate_id(node, std::string(kAutoPrefix) + fold_host(host));
  if (const auto value = node.find("certificates_by_sni")) {
    for (const auto& [sni, id] : value->members())
      spec.certificates_by_sni[fold_host(sni)] = id.non_empty_string();
  }
  if (const auto value = node.find("starttls")) spec.starttls = read_word<Starttls>(*value, kStarttls);
  if (spec.starttls == Starttls::implicit) spec.ports = {kSubmissionsPort};
  if (const auto value = node.find("tls_min")) {
    spec.tls_min = read_word<TlsVersion>(*value, kVersions);
    out.states_tls_versions = true;
  }
  if (const auto value = node.find("tls_max")) {
    spec.tls_max = read_word<TlsVersion>(*value, kVersions);
    out.states_tls_versions = true;
    if (!node.find("tls_min")) spec.tls_min = std::min(spec.tls_min, spec.tls_max);
  }
  if (spec.tls_min > spec.tls_max) node.fail("found a tls_min above tls_max, wanted a range of TLS versions");
  if (const auto value = node.find("addresses")) {
    for (const auto& element : value->array()) spec.addresses.push_back(read_server_address(element));
    if (spec.addresses.empty()) value->fail("found an empty list, wanted at least one address");
    if (spec.addresses.size() > 16) value->fail("found more than 16 addresses");
  }
  if (const auto value = node.find("ports")) {
    spec.ports.clear();
    for (const auto& element : value->array())
      spec.ports.push_back(static_cast<std::uint16_t>(element.integer(1, 65535)));
    if (spec.ports.empty() || spec.ports.size() > 8) value->fail("found no port or more than 8 of them");
  }
  if (const auto value = node.find("replies")) spec.replies = read_replies(*value);
  if (const auto value = node.find("sni")) spec.sni = read_word<mocks::Sni>(*value, kSni);
  if (const auto value = node.find("resumption"))
    spec.resumption = read_word<mocks::Resumption>(*value, kResumption);
  if (const auto value = node.find("then")) {
    for (const auto& element : value->array()) spec.then.push_back(read_later(element, spec));
    if (spec.then.empty() || spec.then.size() > kMaxLater)
      value->fail(fmt::format("found no entry or more than {} of them", kMaxLater));
  }
  if (spec.certificate.empty() && spec.starttls == Starttls::implicit) {
    node.fail("found implicit TLS without a certificate, wanted one");
  }
  return out;
}

std::vector<mocks::StsSpec> read_mta_sts(const JsonNode& node, const Scenario& scenario) {
  std::vector<mocks::StsSpec> out;
  if (!node.is_array()) {
    out.push_back(read_policy_host(node, scenario));
    return out;
  }
  for (const auto& element : node.array()) {
    element.at("domain");
    out.push_back(read_policy_host(element, scenario));
  }
  return out;
}

std::string_view starttls_word(Starttls behaviour) {
  const auto* const row = std::find_if(std::begin(kStarttls), std::end(kStarttls),
                                       [&](const auto& known) { return known.second == behaviour; });
  return row->first;
}

}  // namespace mxident::harness
