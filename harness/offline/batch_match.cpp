#include "harness/offline/batch_match.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "certs/mint.hpp"
#include "harness/input/json_input.hpp"
#include "harness/input/policy_json.hpp"
#include "harness/input/public_suffix.hpp"

namespace mxident::harness::cli {
namespace {

using nlohmann::json;

struct SanType {
  std::string_view word;
  PresentedType presented;
  certs::NameType minted;
};
constexpr std::array<SanType, 10> kSanTypes{{
    {"dns", PresentedType::dns, certs::NameType::dns},
    {"ip", PresentedType::ip, certs::NameType::ip},
    {"uri", PresentedType::uri, certs::NameType::uri},
    {"email", PresentedType::email, certs::NameType::email},
    {"srv", PresentedType::srv, certs::NameType::srv},
    {"xmpp", PresentedType::other, certs::NameType::xmpp},
    {"smtputf8", PresentedType::other, certs::NameType::smtputf8},
    {"other", PresentedType::other, certs::NameType::xmpp},
    {"dirname", PresentedType::other, certs::NameType::dirname},
    {"rid", PresentedType::other, certs::NameType::rid},
}};

/// What programs print before a name: OpenSSL, PHP, Node and CheckTLS, GnuTLS, Java, and the fields of RFC
/// 5280.
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kSpellings{{
    {"ip address", "ip"},
    {"ipaddress", "ip"},
    {"dnsname", "dns"},
    {"dns name", "dns"},
    {"rfc822name", "email"},
    {"rfc822", "email"},
    {"uniformresourceidentifier", "uri"},
    {"uriname", "uri"},
    {"srvname", "srv"},
    {"othername", "other"},
    {"directoryname", "dirname"},
    {"registered id", "rid"},
    {"registeredid", "rid"},
    {"xmppaddr", "xmpp"},
}};

/// Where a stated name stands: in an option, or in a JSON document.
struct Place {
  std::string file, pointer;
};

Place entry_place(const std::string& place, std::size_t index) {
  if (place.starts_with("--")) return {place, ""};
  return {"names", fmt::format("{}/san/{}", place, index)};
}

std::string folded(std::string_view word) {
  std::string out(word);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

const SanType* known_type(std::string_view stated) {
  std::string word = folded(stated);
  for (const auto& [spelling, meant] : kSpellings) {
    if (word == spelling) word = meant;
  }
  for (const auto& type : kSanTypes) {
    if (type.word == word) return &type;
  }
  return nullptr;
}

const SanType& san_type(const std::string& stated, const Place& place) {
  if (const SanType* const type = known_type(stated)) return *type;
  const std::string word = folded(stated);
  std::vector<std::string> known;
  for (const auto& type : kSanTypes) known.emplace_back(type.word);
  const auto near = nearest(word, known);
  throw InputError(place.file, place.pointer,
                   fmt::format("found type \"{}\"{}, wanted dns, ip, uri, email or srv", stated,
                               near ? fmt::format(" (did you mean \"{}\"?)", *near) : ""));
}

std::string hex_octets(std::string_view hex, const Place& place) {
  std::string octets;
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    const int high = digit(hex[i]), low = digit(hex[i + 1]);
    if (high < 0 || low < 0) break;
    octets += static_cast<char>(high * 16 + low);
  }
  if (octets.size() * 2 != hex.size()) {
    throw InputError(place.file, place.pointer,
                     fmt::format("found \"hex:{}\", wanted pairs of 0-9 and a-f", hex));
  }
  return octets;
}

// The content octets of one subject alternative name.
std::string san_octets(const SanType& type, const std::string& value, const Place& place) {
  if (type.presented != PresentedType::ip) return value;
  if (value.substr(0, 4) == "hex:") return hex_octets(std::string_view(value).substr(4), place);
  const auto made = make_reference(value, ReferenceOrigin::address, NameRules{});
  if (!made.reference || made.reference->type != ReferenceType::ip) {
    throw InputError(place.file, place.pointer,
                     fmt::format("found \"{}\", wanted an IPv4 or IPv6 address", value));
  }
  return made.reference->octets;
}

}  // namespace

std::vector<std::string> split_san(std::string_view line) {
  std::vector<std::string> out;
  std::size_t begin = 0;
  for (std::size_t comma = line.find(", "); comma != line.npos; comma = line.find(", ", comma + 1)) {
    const std::size_t next = std::min(line.find_first_not_of(' ', comma + 1), line.size());
    const std::size_t colon = line.find(':', next);
    if (colon == line.npos || known_type(line.substr(next, colon - next)) == nullptr) continue;
    out.emplace_back(line.substr(begin, comma - begin));
    begin = next;
  }
  out.emplace_back(line.substr(begin));
  return out;
}

PresentedNames presented_names(const StatedNames& stated, const std::string& place) {
  PresentedNames names;
  for (const auto& name : stated.common_names) names.common_names.push_back({name, true, true});
  if (!stated.san) return names;
  names.san = stated.san->empty() ? PresentedNames::San::empty : PresentedNames::San::present;
  for (std::size_t i = 0; i < stated.san->size(); ++i) {
    const auto& [word, value] = (*stated.san)[i];
    const SanType& type = san_type(word, entry_place(place, i));
    names.identifiers.push_back({type.presented, san_octets(type, value, entry_place(place, i))});
  }
  if (names.identifiers.size() > kMaxPresented) names.san = PresentedNames::San::too_many;
  return names;
}

struct NameMint::Impl {
  certs::KeyPool keys{1};
  certs::Authority authority = certs::Authority::make(keys);
};

NameMint::NameMint() : impl_(std::make_unique<Impl>()) {}
NameMint::~NameMint() = default;

PresentedNames NameMint::through_certificate(const StatedNames& stated, const std::string& place) {
  certs::CertificateRequest request;
  for (const auto& name : stated.common_names) {
    request.spec.subject.push_back({{"2.5.4.3", {name, certs::StringType::utf8}}});
  }
  if (stated.san) {
    request.spec.san.emplace();
    for (std::size_t i = 0; i < stated.san->size(); ++i) {
      const auto& [word, value] = (*stated.san)[i];
      const SanType& type = san_type(word, entry_place(place, i));
      certs::GeneralName name;
      name.type = type.minted;
      name.value = san_octets(type, value, entry_place(place, i));
      if (type.minted == certs::NameType::dirname)
        name.directory = {{{"2.5.4.3", {value, certs::StringType::utf8}}}};
      request.spec.san->push_back(std::move(name));
    }
  }
  try {
    const auto chains = certs::mint({{"names", request}}, impl_->authority, impl_->keys);
    auto names = read_presented_names(chains.at("names").leaf.der);
    if (names) return std::move(*names);
  } catch (const certs::MintError& error) {
    throw InputError("names", place, error.what());
  }
  throw InputError("names", place, "these names make a certificate that cannot be read");
}

struct BatchMatcher::Impl {
  Depth depth = Depth::strings;
  std::optional<NameMint> mint;
  std::map<std::string, Policy> refined;  // by their JSON text
  PublicSuffixTest is_public_suffix = public_suffix_test();

  const Policy& policy_of(const JsonNode& line);
  PresentedNames names_of(const JsonNode& line);
};

namespace {

constexpr std::size_t kMaxRefined = 1000;

StatedNames stated_names(const JsonNode& line) {
  StatedNames stated;
  if (const auto cn = line.find("cn"); cn && !cn->value().is_null()) {
    if (cn->is_string()) {
      stated.common_names.push_back(cn->string());
    } else {
      stated.common_names = cn->strings();
    }
  }
  if (const auto san = line.find("san"); san && !san->value().is_null()) {
    stated.san.emplace();
    for (const auto& entry : san->array()) {
      entry.object({"type", "value"});
      stated.san->emplace_back(entry.at("type").string(), entry.at("value").string());
    }
  }
  return stated;
}

LineAnswer compose(const json& id, LineOutcome outcome, Reason reason, const std::string& presented,
                   const std::string& problem = {}) {
  constexpr std::array<const char*, 3> kWords{"match", "mismatch", "error"};
  nlohmann::ordered_json out;
  out["id"] = id;
  out["result"] = kWords[static_cast<std::size_t>(outcome)];
  out["reason"] = to_string(reason);
  out["presented"] = presented;
  if (outcome == LineOutcome::error) out["error"] = problem;
  return {outcome, out.dump(-1, ' ', false, json::error_handler_t::replace)};
}

}  // namespace

const Policy& BatchMatcher::Impl::policy_of(const JsonNode& line) {
  const JsonNode node = line.at("policy");
  std::string text = node.value().dump();
  const auto known = refined.find(text);
  if (known != refined.end()) return known->second;
  const Policy made = policy_from_json(node);
  if (made.names == NameDemand::not_checked) {
    node.fail(fmt::format("found {}, which checks no names, wanted a policy that does", text));
  }
  if (refined.size() == kMaxRefined) refined.clear();  // a hostile batch may not fill the memory
  return refined.emplace(std::move(text), made).first->second;
}

PresentedNames BatchMatcher::Impl::names_of(const JsonNode& line) {
  const StatedNames stated = stated_names(line);
  return mint ? mint->through_certificate(stated, line.pointer()) : presented_names(stated, line.pointer());
}

BatchMatcher::BatchMatcher(Depth depth) : impl_(std::make_unique<Impl>()) {
  impl_->depth = depth;
  if (depth == Depth::certificate) impl_->mint.emplace();
}
BatchMatcher::~BatchMatcher() = default;

LineAnswer BatchMatcher::refuse(std::string_view problem) {
  return compose(nullptr, LineOutcome::error, Reason::input_unreadable, "", std::string(problem));
}

LineAnswer BatchMatcher::answer(std::string_view text, std::size_t number) {
  json id = nullptr;
  try {
    const json document = parse_json(text, fmt::format("line {}", number), {kMaxBatchLine, 16});
    const JsonNode line(document, fmt::format("line {}", number));
    line.object({"id", "policy", "cn", "san", "reference"});
    if (const auto found = line.find("id")) id = found->value();
    const Policy& policy = impl_->policy_of(line);
    const auto made =
        make_reference(line.at("reference").string(), ReferenceOrigin::configured, policy.rules);
    const PresentedNames names = impl_->names_of(line);
    if (!made.reference) return compose(id, LineOutcome::mismatch, made.reason, "");
    const MatchResult result =
        match(names, {&*made.reference, 1}, policy.rules, Explain::deciding, impl_->is_public_suffix);
    const bool matched = result.verdict == MatchVerdict::match;
    return compose(id, matched ? LineOutcome::match : LineOutcome::mismatch, result.reason, result.presented);
  } catch (const InputError& error) {
    return compose(id, LineOutcome::error, Reason::input_unreadable, "", error.what());
  }
}

}  // namespace mxident::harness::cli
