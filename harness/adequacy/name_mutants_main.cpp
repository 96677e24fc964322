// The verifier's name decisions, with mutations switched on one after the other (scripts/mutate):
//   mxident_name_mutants CASES MUTANTS
// CASES is a file of name_cases.hpp, MUTANTS how many numbers `mxident_mutant` may have beside 0. One line a
// mutant:
//   NUMBER killed SCENARIO POLICY                a case of the catalogue is decided wrongly
//   NUMBER crashed                               or takes more than a minute
//   NUMBER survived [GROUP PAIR; ]...            the first pair of each group that is decided otherwise than
//   without mutation
// Groups of made-up pairs:
//   wire     references that an MX record or an address literal can give, under the named policies
//   typed    any text as a reference, under the named policies
//   refined  such references under rules that only a refined policy has
//   damaged  certificates of the cases with one octet changed
// Exit code 2 if the cases fail without a mutation.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/match.hpp"

namespace {

using namespace mxident;

constexpr std::array kPolicies{PolicyId::rfc2818, PolicyId::rfc6125, PolicyId::rfc7817,
                               PolicyId::rfc9525, PolicyId::mta_sts, PolicyId::dane};
constexpr int kWirePairs = 100000, kTypedPairs = 20000, kRefinedPairs = 20000;
constexpr std::size_t kDamagedCertificates = 20, kMaxDamaged = 1000;

/// The same numbers everywhere: a verdict is known by its place.
class Dice {
 public:
  std::size_t below(std::size_t bound) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::size_t>(state_ >> 33U) % bound;
  }
  template <typename T>
  const T& of(const std::vector<T>& values) {
    return values[below(values.size())];
  }

 private:
  std::uint64_t state_ = 20260101;
};

std::string join(const std::vector<std::string>& labels) {
  std::string out;
  for (const auto& label : labels) out += (out.empty() ? "" : ".") + label;
  return out;
}

std::vector<std::string> labels_of(const std::string& name) {
  std::vector<std::string> out;
  std::istringstream in(name);
  for (std::string label; std::getline(in, label, '.');) out.push_back(label);
  return out;
}

std::string with_length(std::size_t octets) {
  std::string out = "a.test";
  while (out.size() < octets) {
    const std::size_t more = std::min<std::size_t>(63, octets - out.size() - 1);
    out.insert(0, std::string(more == 0 ? 1 : more, 'b') + ".");
  }
  return out;
}

const std::vector<std::string> kHostLabels{
    "a",  "b",  "ab", "aab", "mx1", "xn--a", "xn--bcher-kva",      "a-",
    "-a", "a_", "1",  "A",   "aXb", "0x1",   std::string(63, 'a'), "-"};
const std::vector<std::string> kTails{"test", "a.test", "b.a.test", "xn--a.test", "a-.test", "org", "x"};
const std::vector<std::string> kAddresses{"192.0.2.25",   "0.0.0.0",           "255.255.255.255",     "::1",
                                          "2001:db8::25", "::ffff:192.0.2.25", "2001:db8:1:2:3:4:5:6"};
const std::vector<std::string> kTyped{"",
                                      ".",
                                      "..",
                                      "a",
                                      "a.",
                                      "a..",
                                      ".a.test",
                                      "a..test",
                                      "*.a.test",
                                      "a:25",
                                      "a.test:25",
                                      "1.2.3",
                                      "1.2.3.4.5",
                                      "0x7f.1",
                                      "0x",
                                      "0x.1",
                                      "0xg.1",
                                      "00.1",
                                      "a.1",
                                      "1.a",
                                      "127.1",
                                      "a b.test",
                                      "_a.b.test",
                                      "_.test",
                                      "_a",
                                      "_a._b.test",
                                      "_a.192.0.2.25",
                                      "_a-b.a.test",
                                      "_aa.a.test",
                                      "_a b.a.test",
                                      "x:a.test",
                                      "x:",
                                      ":a",
                                      "x://a.test",
                                      "x:192.0.2.25",
                                      "1x:a.test",
                                      "x+:a.test",
                                      "[192.0.2.25]",
                                      "[192.0.2.25",
                                      "[]",
                                      "[",
                                      "]",
                                      "[IPv6:2001:db8::25]",
                                      "[ipv6:192.0.2.25]",
                                      "[2001:db8::25]",
                                      "[fe80::1%1]",
                                      "fe80::1%1",
                                      "fe80::1%1:",
                                      "192.0.2.25.",
                                      "a_b.test",
                                      "b\xc3\xbc.test",
                                      "-b\xc3\xbc.test",
                                      "b\xc3\xbc-.test",
                                      "B\xc3\x9c.test",
                                      "\xc3\xbc\xe3\x80\x82.test",
                                      "\xff.test",
                                      "b\xc3\xbc",
                                      "xn--a.test.",
                                      "a.test..",
                                      "A.TEST"};

std::string octets_of_address(const std::string& text) {
  const auto made = make_reference(text, ReferenceOrigin::configured, NameRules{}).reference;
  return made && made->type == ReferenceType::ip
             ? made->octets
             : std::string(text.find(':') == std::string::npos ? 4 : 16, 'x');
}

struct Pair {
  PresentedNames names;
  std::string reference;
  NameRules rules;
};

class Maker {
 public:
  Pair wire() {
    Pair out;
    out.reference = dice_.below(8) == 0 ? dice_.of(kAddresses) : host();
    out.names = presented(out.reference);
    out.rules = policy(kPolicies[dice_.below(kPolicies.size())]).rules;
    return out;
  }

  Pair typed() {
    Pair out = wire();
    if (dice_.below(2) == 0) {
      out.reference = dice_.of(kTyped);
    } else {
      static const std::vector<std::size_t> kLengths{252, 253, 254, 255, 2048, 2049};
      const std::vector<std::string> forms{out.reference + ".",
                                           out.reference + "..",
                                           std::string(64, 'a') + ".test",
                                           out.reference + ".12",
                                           with_length(dice_.of(kLengths)),
                                           "[" + out.reference + "]"};
      out.reference = dice_.of(forms);
    }
    out.names = presented(out.reference);
    return out;
  }

  Pair refined() {
    Pair out = dice_.below(3) == 0 ? typed() : wire();
    const auto flip = [&](Switch& value) {
      if (dice_.below(3) == 0) value = value == Switch::on ? Switch::off : Switch::on;
    };
    NameRules& r = out.rules;
    for (Switch* value : {&r.ip_blocks_common_name, &r.wildcards, &r.partial_wildcards, &r.inner_wildcards,
                          &r.multi_label_wildcards, &r.ip_ids, &r.srv_ids, &r.uri_ids, &r.underscore,
                          &r.single_label_references, &r.uts46_mapping}) {
      flip(*value);
    }
    r.labels_after_wildcard = dice_.below(4);
    out.names = presented(out.reference);
    return out;
  }

 private:
  std::string host() {
    static const std::vector<std::size_t> kLengths{250, 251, 252, 253};
    if (dice_.below(30) == 0) return with_length(dice_.of(kLengths));
    std::string out = dice_.of(kHostLabels);
    for (std::size_t more = dice_.below(3); more > 0; --more) out += "." + dice_.of(kHostLabels);
    return out + "." + dice_.of(kTails);
  }

  /// A name near to a reference: what it is plus one twist.
  std::string near(const std::string& reference) {
    std::vector<std::string> labels = labels_of(reference);
    if (labels.empty()) labels.emplace_back("a");
    const std::size_t at = dice_.below(2) == 0 ? 0 : dice_.below(labels.size());
    std::string& label = labels[at];
    const std::string old = label;
    const std::size_t cut = dice_.below(old.size() + 1);
    switch (dice_.below(26)) {
      case 0:
        break;
      case 1:
      case 2:
      case 3:
        label = "*";
        break;
      case 4:
        label = old.substr(0, cut) + "*";
        break;
      case 5:
        label = "*" + old.substr(cut);
        break;
      case 6:
        label = old.substr(0, cut) + "*" + old.substr(std::min(old.size(), cut + dice_.below(3)));
        break;
      case 7:
        label = "**";
        break;
      case 8:
        labels.insert(labels.begin(), "*");
        break;
      case 9:
        labels.erase(labels.begin());
        break;
      case 10:
        labels.assign({"*"});
        break;
      case 11:
        labels.back() += ".";
        break;
      case 12:
        label += '\0';
        break;
      case 13:
        label += "\xc3\xbc";
        break;
      case 14:
        label += " ";
        break;
      case 15:
        label = "";
        break;
      case 16:
        label = std::string(64, 'a');
        break;
      case 17:
        for (char& c : label) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
        break;
      case 18:
        labels.insert(labels.begin(), old);
        break;
      case 19:
        label = "*";
        labels.push_back("*");
        break;
      case 20:
        labels.erase(labels.begin());
        if (!labels.empty()) labels.front() = "*";
        break;
      case 21:
        label = old + "a";
        break;
      case 22:
        label = "*";
        labels.back() += ".";
        break;
      case 23:
        labels.back() += std::string("\0.evil.test", 11);
        break;
      case 24:
        label = "xn--*";
        break;
      default:
        label = dice_.of(kHostLabels);
        break;
    }
    return join(labels);
  }

  PresentedNames presented(const std::string& reference) {
    PresentedNames out;
    const std::size_t shape = dice_.below(12);
    using San = PresentedNames::San;
    out.san = shape == 0                          ? San::absent
              : shape == 1                        ? San::empty
              : shape == 2 && dice_.below(4) == 0 ? San::malformed
                                                  : San::present;
    if (out.san == San::present) {
      for (std::size_t count = 1 + dice_.below(2); count > 0; --count)
        out.identifiers.push_back(identifier(reference));
    }
    if (out.san != San::present || dice_.below(4) == 0) {
      for (std::size_t count = 1 + dice_.below(2); count > 0; --count) {
        out.common_names.push_back({near(reference), dice_.below(12) != 0, dice_.below(6) != 0});
      }
    }
    return out;
  }

  PresentedIdentifier identifier(const std::string& reference) {
    static const std::vector<std::string> kPrefixes{"", "_a.", "_A.", "_b.", "x:", "x://", "y:"};
    switch (dice_.below(10)) {
      case 0:
        return {PresentedType::email, near(reference)};
      case 1: {
        std::string octets = octets_of_address(dice_.below(2) == 0 ? reference : dice_.of(kAddresses));
        if (dice_.below(4) == 0) octets += octets;
        if (dice_.below(6) == 0) octets.pop_back();
        return {PresentedType::ip, octets};
      }
      case 2:
        return {PresentedType::srv, dice_.of(kPrefixes) + near(reference)};
      case 3:
        return {PresentedType::uri, dice_.of(kPrefixes) + near(reference)};
      case 4:
        return {PresentedType::other, near(reference)};
      default:
        return {PresentedType::dns, near(reference)};
    }
  }

  Dice dice_;
};

char verdict(const PresentedNames& names, const std::string& text, const NameRules& rules) {
  const auto reference = make_reference(text, ReferenceOrigin::configured, rules).reference;
  if (!reference) return 'r';
  return match(names, {&*reference, 1}, rules).verdict == MatchVerdict::match ? 'm' : 'n';
}

std::string shown(std::string_view octets) {
  std::string out;
  for (const char c : octets) {
    char text[8];
    const auto octet = static_cast<unsigned char>(c);
    std::snprintf(text, sizeof text, octet < 0x20 || octet > 0x7e ? "\\x%02x" : "%c", octet);
    out += text;
  }
  return out;
}

std::string shown(const Pair& pair) {
  std::string out;
  for (const auto& name : pair.names.identifiers) {
    out += std::string(to_string(name.type())) + ":" + shown(name.octets()) + " ";
  }
  for (const auto& name : pair.names.common_names) {
    out +=
        (name.only_one_in_rdn ? "cn:" : "cn+cn:") + shown(name.octets) + (name.decodable ? " " : "(broken) ");
  }
  out += "san=" + std::to_string(static_cast<int>(pair.names.san)) + " ~ " + shown(pair.reference);
  for (const auto& known : all_policies()) {
    if (std::memcmp(&known.rules, &pair.rules, sizeof pair.rules) == 0)
      return out + " under " + std::string(to_string(known.id));
  }
  return out;
}

struct Case {
  std::string id, policy, reference, der;
  bool accept = false;
};

std::vector<Case> read_cases(const char* name) {
  std::vector<Case> out;
  std::ifstream file(name);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    Case one;
    std::string expected, hex;
    words >> one.id >> one.policy >> expected >> one.reference >> hex;
    one.accept = expected == "accept";
    if (!policy_from_string(one.policy)) continue;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
      unsigned octet = 0;
      std::from_chars(hex.data() + i, hex.data() + i + 2, octet, 16);
      one.der += static_cast<char>(octet);
    }
    out.push_back(std::move(one));
  }
  return out;
}

/// Some of the cases, spread over all of them; each octet in turn gets three other values.
std::vector<Case> damaged(const std::vector<Case>& cases) {
  std::vector<Case> out;
  const std::size_t step = std::max<std::size_t>(1, cases.size() / kDamagedCertificates);
  for (std::size_t i = 0; i < cases.size(); i += step) {
    if (cases[i].der.size() > kMaxDamaged) continue;
    for (std::size_t at = 0; at < cases[i].der.size(); ++at) {
      for (const int change : {1, 0x80, 0x1f}) {
        out.push_back(cases[i]);
        out.back().der[at] = static_cast<char>(out.back().der[at] ^ change);
        out.back().id += " octet " + std::to_string(at) + " xor " + std::to_string(change);
      }
    }
  }
  return out;
}

char verdict(const Case& one) {
  const auto names = read_presented_names(one.der);
  return names ? verdict(*names, one.reference, policy(*policy_from_string(one.policy)).rules) : 'n';
}

/// Everything that a mutant is asked, and what is right.
struct Questions {
  std::vector<Case> cases, broken;
  std::map<std::string, std::vector<Pair>> groups;
  std::map<std::string, std::string> right;

  explicit Questions(const char* file) : cases(read_cases(file)), broken(damaged(cases)) {
    const auto add = [&](const char* name, int count, Pair (Maker::*make)()) {
      Maker maker;
      for (int i = 0; i < count; ++i) groups[name].push_back((maker.*make)());
      for (const auto& pair : groups[name]) right[name] += verdict(pair.names, pair.reference, pair.rules);
    };
    add("wire", kWirePairs, &Maker::wire);
    add("typed", kTypedPairs, &Maker::typed);
    add("refined", kRefinedPairs, &Maker::refined);
    for (const auto& one : broken) right["damaged"] += verdict(one);
  }

  /// The rest of a mutant's line.
  std::string answer() const {
    for (const auto& one : cases) {
      if ((verdict(one) == 'm') != one.accept) return "killed " + one.id + " " + one.policy;
    }
    for (const char* name : {"wire", "damaged", "typed", "refined"}) {
      const std::string& wanted = right.at(name);
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (name == std::string_view("damaged")) {
          if (verdict(broken[i]) != wanted[i]) return "survived damaged " + broken[i].id;
        } else if (const Pair& pair = groups.at(name)[i];
                   verdict(pair.names, pair.reference, pair.rules) != wanted[i]) {
          return "survived " + std::string(name) + " " + shown(pair);
        }
      }
    }
    return "survived";
  }
};

}  // namespace

/// Read by mutated sources; without them it does nothing.
int mxident_mutant = 0;

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: mxident_name_mutants CASES FIRST LAST\n", stderr);
    return 2;
  }
  const Questions questions(argv[1]);
  if (questions.cases.empty() || questions.answer() != "survived") {
    std::printf("0 %s\n", questions.answer().c_str());
    return 2;
  }
  for (int number = std::atoi(argv[2]); number <= std::atoi(argv[3]); ++number) {
    std::fflush(stdout);
    // A mutant may crash or run for ever: each has a process of its own.
    const pid_t child = fork();
    if (child < 0) return 3;
    if (child == 0) {
      alarm(60);
      mxident_mutant = number;
      std::printf("%d %s\n", number, questions.answer().c_str());
      std::fflush(stdout);
      _exit(0);
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) std::printf("%d crashed\n", number);
  }
}
