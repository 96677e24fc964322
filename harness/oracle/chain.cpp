#include "harness/oracle/chain.hpp"

#include <algorithm>
#include <set>

#include "harness/text/ascii.hpp"

namespace mxident::harness::oracle {
namespace {

constexpr const char* kServerAuth = "1.3.6.1.5.5.7.3.1";
constexpr const char* kAnyUsage = "2.5.29.37.0";
constexpr const char* kCommonName = "2.5.4.3";
constexpr std::uint16_t kKeyCertSign = 1u << 5;

/// RFC 5280 4.2.1.10: the name itself and everything below it.
bool dns_inside(std::string name, std::string subtree) {
  name = harness::lower(name);
  subtree = harness::lower(subtree);
  if (subtree.empty()) return true;
  return name == subtree || (name.size() > subtree.size() && name.ends_with("." + subtree));
}

bool ip_inside(const std::string& address, const std::string& subtree) {
  if (subtree.size() != 2 * address.size()) return false;
  for (std::size_t i = 0; i < address.size(); ++i) {
    if ((address[i] & subtree[address.size() + i]) != (subtree[i] & subtree[address.size() + i]))
      return false;
  }
  return true;
}

/// Some name that a wildcard stands for lies in the subtree (D18).
bool wildcard_reaches(const std::string& pattern, const std::string& subtree) {
  if (!pattern.starts_with("*.")) return false;
  const std::string base = harness::lower(pattern.substr(2));
  const std::string tree = harness::lower(subtree);
  const std::size_t dot = tree.find('.');
  return dns_inside(base, tree) || (dot != std::string::npos && tree.substr(dot + 1) == base);
}

/// `maybe`: the constraint begins with a dot, which RFC 5280 gives a meaning for URIs only (D17): clients
/// take it for what lies below, for the domain as well, or for nothing that a name could have.
enum class Inside { no, maybe, yes, other_form };

Inside inside(const certs::GeneralName& name, const certs::GeneralName& subtree) {
  if (name.type != subtree.type) return Inside::other_form;
  bool hit = false;
  switch (name.type) {
    case certs::NameType::dns:
      if (subtree.value.starts_with(".")) {
        const std::string whole = subtree.value.substr(1);
        const bool reached = dns_inside(name.value, whole) ||
                             (name.value.starts_with("*.") && dns_inside(name.value.substr(2), whole));
        return reached ? Inside::maybe : Inside::no;
      }
      hit = dns_inside(name.value, subtree.value) ||
            (name.value.starts_with("*.") && dns_inside(name.value.substr(2), subtree.value));
      break;
    case certs::NameType::ip:
      hit = ip_inside(name.value, subtree.value);
      break;
    default:
      return Inside::other_form;
  }
  return hit ? Inside::yes : Inside::no;
}

Answer within(const certs::GeneralName& name, const certs::NameConstraints& constraints) {
  bool form_permitted = false, permitted = false, maybe_permitted = false, open = false;
  for (const auto& subtree : constraints.permitted) {
    const Inside where = inside(name, subtree);
    form_permitted |= where != Inside::other_form;
    // Everything, by the letter (RFC 5280 4.2.1.10); but many read an empty constraint as one that is not
    // there, or as nothing. And a wildcard may stand for a permitted name, although not only for such.
    const bool unsure = name.type == certs::NameType::dns && subtree.type == certs::NameType::dns &&
                        (subtree.value.empty() || wildcard_reaches(name.value, subtree.value));
    permitted |= where == Inside::yes && !subtree.value.empty();
    maybe_permitted |= where == Inside::maybe || (where != Inside::other_form && unsure);
  }
  for (const auto& subtree : constraints.excluded) {
    const Inside where = inside(name, subtree);
    if (where == Inside::yes) return Answer::no;
    open |= where == Inside::maybe;
    // RFC 5280 gives wildcards no meaning; that one may stand for an excluded name is a reason to refuse it
    // (D18).
    open |= name.type == certs::NameType::dns && subtree.type == certs::NameType::dns &&
            wildcard_reaches(name.value, subtree.value);
  }
  if (form_permitted && !permitted && !maybe_permitted) return Answer::no;
  if (form_permitted && !permitted) open = true;
  return open ? Answer::open : Answer::yes;
}

bool modelled(const certs::NameConstraints& constraints) {
  const auto known = [](const certs::GeneralName& n) {
    return (n.type == certs::NameType::dns) ||
           (n.type == certs::NameType::ip && (n.value.size() == 8 || n.value.size() == 32));
  };
  return std::all_of(constraints.permitted.begin(), constraints.permitted.end(), known) &&
         std::all_of(constraints.excluded.begin(), constraints.excluded.end(), known);
}

std::vector<std::string> cns_of(const certs::CertificateSpec& spec) {
  std::vector<std::string> out;
  for (const auto& rdn : spec.subject) {
    for (const auto& attribute : rdn) {
      if (attribute.oid == kCommonName) out.push_back(attribute.value.octets);
    }
  }
  return out;
}

/// Extensions that change what a validator sees in ways this model does not follow.
bool lacks(const certs::CertificateSpec& spec, const std::string& oid) {
  return std::find(spec.without.begin(), spec.without.end(), oid) != spec.without.end();
}

bool has_raw_standard_extension(const certs::CertificateSpec& spec) {
  static const std::set<std::string> harmless{"2.5.29.31", "1.3.6.1.5.5.7.1.1", "2.5.29.14", "2.5.29.35",
                                              "2.5.29.32"};
  // basicConstraints that say "no CA", as an end certificate's absence of them does.
  const std::string no_ca("\x30\x00", 2);
  return std::any_of(spec.extensions.begin(), spec.extensions.end(), [&](const auto& e) {
    if (e.oid == "2.5.29.19" && e.der == no_ca && !spec.ca) return false;
    return e.oid.starts_with("2.5.29.") && !harmless.contains(e.oid);
  });
}

bool has_unknown_critical(const certs::CertificateSpec& spec) {
  return std::any_of(spec.extensions.begin(), spec.extensions.end(),
                     [](const auto& e) { return e.critical && !e.oid.starts_with("2.5.29."); });
}

bool holds_control_octet(const std::string& text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x21 || c == 0x7f; });
}

bool is_odd(const certs::GeneralName& name) {
  switch (name.type) {
    case certs::NameType::dns:
      return is_odd_dns_name(name.value);
    case certs::NameType::ip:
      return name.value.size() != 4 && name.value.size() != 16;
    case certs::NameType::uri:
      return holds_control_octet(name.value);
    default:
      return false;
  }
}

/// Whether a client may refuse a certificate for the look of its names, whatever they say: RFC 5280 wants the
/// preferred syntax and a critical SAN beside an empty subject (4.2.1.6), a SAN that is not empty, and common
/// names of 1 to 64 characters (A.1), and leaves to the client what comes of others.
bool has_odd_names(const certs::CertificateSpec& spec) {
  constexpr std::size_t kMaxCommonName = 64;
  if (spec.subject.empty() && !(spec.san && spec.san_critical)) return true;
  if (spec.san && (spec.san->empty() || std::any_of(spec.san->begin(), spec.san->end(), is_odd))) return true;
  const auto cns = cns_of(spec);
  return std::any_of(cns.begin(), cns.end(), [](const std::string& cn) {
    return cn.empty() || cn.size() > kMaxCommonName || cn.find('\0') != std::string::npos;
  });
}

/// anyExtendedKeyUsage may be taken for serverAuth, or not (D21).
Answer allows_server(const certs::CertificateSpec& spec) {
  if (!spec.extended_key_usage || spec.extended_key_usage->empty()) return Answer::yes;
  const auto& usages = *spec.extended_key_usage;
  const auto has = [&](const char* oid) {
    return std::find(usages.begin(), usages.end(), oid) != usages.end();
  };
  return has(kServerAuth) ? Answer::yes : has(kAnyUsage) ? Answer::open : Answer::no;
}

/// As names compare (RFC 5280 7.1): without case, and any number of blanks as one.
std::string prepared(const std::string& value) {
  std::string out;
  for (const char c : harness::lower(value)) {
    if (c != ' ' || (!out.empty() && out.back() != ' ')) out += c;
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

/// Subject equals issuer: name constraints pass such an intermediate over (RFC 5280 4.2.1.10).
bool same_name(const certs::DistinguishedName& a, const certs::DistinguishedName& b) {
  const auto text = [](const certs::DistinguishedName& name) {
    std::string out;
    for (const auto& rdn : name) {
      for (const auto& attribute : rdn) out += attribute.oid + "=" + prepared(attribute.value.octets) + "\n";
      out += "\n";
    }
    return out;
  };
  return !a.empty() && text(a) == text(b);
}

using Path = std::vector<std::pair<std::string, const certs::CertificateRequest*>>;

/// RFC 8446 4.4.2: each certificate certifies the one before it. Many clients put others in order or leave
/// them out, and none must.
bool is_unusual_order(const std::vector<std::string>& sends, const Path& path, const std::string& top) {
  std::vector<std::string> usual;
  for (const auto& [id, request] : path) usual.push_back(id);
  if (top == "intermediate") usual.push_back(top);
  std::vector<std::string> got = sends;
  if (got.front() == "leaf") got.front() = usual.front();
  if (got.size() > usual.size() && got.back() == "root") got.pop_back();
  return got != usual;
}

}  // namespace

bool may_break_duties(const certs::CertificateRequests& requests) {
  const auto plain_name = [](const certs::GeneralName& name) {
    return name.type == certs::NameType::dns &&
           name.value.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.") == std::string::npos;
  };
  return std::any_of(requests.begin(), requests.end(), [&](const auto& entry) {
    const certs::CertificateSpec& spec = entry.second.spec;
    const bool plain_san = spec.san && std::all_of(spec.san->begin(), spec.san->end(), plain_name);
    if (spec.version != 3 || spec.subject.empty() || spec.key_usage || !spec.extensions.empty() ||
        !spec.without.empty())
      return true;
    if (spec.ca) return spec.name_constraints || (spec.san && !plain_san);
    return !plain_san || spec.san_critical || !cns_of(spec).empty() || spec.name_constraints;
  });
}

PresentedBy names_of(const certs::CertificateSpec& spec) {
  PresentedBy out;
  out.complete = !has_raw_standard_extension(spec);
  out.names.has_san = spec.san.has_value();
  for (const auto& name : spec.san.value_or(std::vector<certs::GeneralName>{})) {
    switch (name.type) {
      case certs::NameType::dns:
        out.names.san.push_back({Kind::dns, name.value});
        break;
      case certs::NameType::ip:
        out.names.san.push_back({Kind::ip, name.value});
        break;
      case certs::NameType::uri:
        out.names.san.push_back({Kind::uri, name.value});
        break;
      case certs::NameType::srv:
        out.names.san.push_back({Kind::srv, name.value});
        break;
      case certs::NameType::email:
        out.names.san.push_back({Kind::email, name.value});
        break;
      case certs::NameType::der:
        out.complete = false;
        [[fallthrough]];
      default:
        out.names.san.push_back({Kind::other, name.value});
    }
  }
  for (const auto& rdn : spec.subject) {
    std::vector<std::string> values;
    for (const auto& attribute : rdn) {
      if (attribute.oid != kCommonName) continue;
      values.push_back(attribute.value.octets);
      const auto type = attribute.value.type;
      if (type != certs::StringType::utf8 && type != certs::StringType::printable)
        out.common_names_known = false;
    }
    if (!values.empty()) out.names.common_names.push_back(std::move(values));
  }
  return out;
}

std::optional<Verdict> check_presented(const PresentedBy& presented, const std::vector<Reference>& references,
                                       const Rules& rules) {
  if (!presented.complete) return std::nullopt;
  if (presented.common_names_known) return check_names(presented.names, references, rules);
  // Whatever the common name may say to one who reads its string type or does not: nothing, or the reference.
  Names without = presented.names, with = presented.names;
  without.common_names.clear();
  with.common_names.clear();
  for (const auto& reference : references) with.common_names.push_back({reference.text});
  const Verdict least = check_names(without, references, rules);
  return least == check_names(with, references, rules) ? least : Verdict::open;
}

ChainVerdict check_chain(const certs::CertificateRequests& requests, const std::string& id,
                         std::int64_t now) {
  // The path from the leaf up, as far as the scenario makes it; the run's intermediate and root are sound.
  Path path;
  std::string at = id;
  while (requests.contains(at)) {
    path.emplace_back(at, &requests.at(at));
    if (path.size() > requests.size()) return ChainVerdict::unknown;
    at = requests.at(at).issuer;
  }
  if (path.empty()) return ChainVerdict::unknown;
  if (at == "self" || at == "unknown-ca") return ChainVerdict::bad;
  if (at != "intermediate" && at != "root") return ChainVerdict::unknown;

  const auto& leaf = *path.front().second;
  if (leaf.sends) {
    const auto& sends = *leaf.sends;
    const auto sent = [&](const std::string& what) {
      return std::find(sends.begin(), sends.end(), what) != sends.end();
    };
    if (sends.empty() || (sends.front() != "leaf" && sends.front() != id)) return ChainVerdict::unknown;
    for (std::size_t i = 1; i < path.size(); ++i) {
      if (!sent(path[i].first)) return ChainVerdict::bad;
    }
    if (at == "intermediate" && !sent("intermediate")) return ChainVerdict::bad;
  }

  bool open = leaf.sends && is_unusual_order(*leaf.sends, path, at);
  for (std::size_t i = 0; i < path.size(); ++i) {
    const certs::CertificateSpec& spec = path[i].second->spec;
    if (has_raw_standard_extension(spec)) return ChainVerdict::unknown;
    const bool lacks_others = !spec.without.empty() && (i == 0 || !lacks(spec, "2.5.29.19"));
    if (lacks_others) return ChainVerdict::unknown;
    if (spec.key == certs::KeyType::rsa1024) return ChainVerdict::unknown;  // by the client's security level
    if (has_unknown_critical(spec)) return ChainVerdict::bad;
    if (now < spec.validity.from || now > spec.validity.to) return ChainVerdict::bad;
    if (i == 0) {
      if (spec.version != 3) open = true;  // RFC 5280 4.1.2.9 says what is issued, not what is done with it
      if (has_odd_names(spec)) open = true;
      if (allows_server(spec) == Answer::no) return ChainVerdict::bad;
      if (allows_server(spec) == Answer::open) open = true;
      if (spec.ca) open = true;
      continue;
    }
    if (spec.version < 3) return ChainVerdict::bad;  // RFC 5280 6.1.4 (k)
    if (spec.version > 3) open = true;
    if (!spec.ca || lacks(spec, "2.5.29.19")) return ChainVerdict::bad;  // RFC 5280 6.1.4 (k)
    if (allows_server(spec) != Answer::yes) open = true;                 // D22
    if (spec.key_usage && !(*spec.key_usage & kKeyCertSign)) return ChainVerdict::bad;
    if (spec.path_length && *spec.path_length < i - 1) return ChainVerdict::bad;
    if (!spec.name_constraints) continue;
    const auto& constraints = *spec.name_constraints;
    if (constraints.permitted.empty() && constraints.excluded.empty()) open = true;
    if (!modelled(constraints)) return ChainVerdict::unknown;
    for (std::size_t below = 0; below < i; ++below) {
      const auto& under = path[below].second->spec;
      if (below > 0 && same_name(under.subject, path[below + 1].second->spec.subject)) continue;
      for (const auto& name : under.san.value_or(std::vector<certs::GeneralName>{})) {
        if (name.type == certs::NameType::der) return ChainVerdict::unknown;
        switch (within(name, *spec.name_constraints)) {
          case Answer::yes:
            break;
          case Answer::no:
            return ChainVerdict::bad;
          case Answer::open:
            open = true;
        }
      }
      if (below != 0) continue;
      for (const auto& cn : cns_of(under)) {  // D19: open on paper, even where a dNSName is what counts
        if (within({certs::NameType::dns, cn, {}}, *spec.name_constraints) != Answer::yes) open = true;
      }
    }
  }
  return open ? ChainVerdict::open : ChainVerdict::good;
}

}  // namespace mxident::harness::oracle
