#include "harness/explore/matrix/shape.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "harness/input/values.hpp"

namespace mxident::harness::matrix {
namespace {

using Text = std::optional<std::string>;
using Labels = std::vector<std::string>;

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

/// The reference with another first label; none for a reference of one label.
Text with_first(const Setting& s, const std::string& first) {
  const Labels labels = labels_of(s.reference);
  if (labels.size() < 2) return std::nullopt;
  return first + "." + join_labels(labels, 1);
}

std::string first_label(const Setting& s) {
  return labels_of(s.reference).front();
}

/// The reference with one label replaced; `at` from the front, or from the back if negative.
Text with_label(const Setting& s, int at, const std::string& label) {
  Labels labels = labels_of(s.reference);
  const auto count = static_cast<int>(labels.size());
  const int index = at < 0 ? count + at : at;
  if (index < 1 || index >= count) return std::nullopt;
  labels[static_cast<std::size_t>(index)] = label;
  return join_labels(labels);
}

/// `stars` in place of as many labels at the front.
Text stars_for(const Setting& s, const std::string& stars, std::size_t labels_gone) {
  const Labels labels = labels_of(s.reference);
  if (labels.size() <= labels_gone) return std::nullopt;
  return stars + "." + join_labels(labels, labels_gone);
}

Text tail(const Setting& s, std::size_t labels_gone) {
  const Labels labels = labels_of(s.reference);
  if (labels.size() <= labels_gone) return std::nullopt;
  return join_labels(labels, labels_gone);
}

Text replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.rfind(from);
  if (at == std::string::npos) return std::nullopt;
  return text.replace(at, from.size(), to);
}

/// Names made longer at the front until they have so many octets, in labels that the DNS could carry.
Text lengthened(const Setting& s, std::size_t octets) {
  std::string out = s.reference;
  if (out.size() + 2 > octets) return std::nullopt;
  while (out.size() < octets) {
    const std::size_t room = octets - out.size() - 1;
    const std::size_t label = room > 64 ? 63 : room == 64 ? 62 : room;
    out = std::string(label, 'a') + "." + out;
  }
  return out;
}

std::string octets_of(const Setting& s) {
  return parse_address(*s.address).value_or("");
}

Text changed_octets(const Setting& s, void (*change)(std::string&)) {
  if (!s.literal()) return std::nullopt;
  std::string out = octets_of(s);
  change(out);
  return out;
}

/// Full-width forms of ASCII letters and digits (U+FF01 on), which UTS 46 maps to ASCII.
std::string full_width(const std::string& label) {
  std::string out;
  for (const char c : label) {
    const unsigned code = 0xff01u + (static_cast<unsigned char>(c) - 0x21u);
    out += static_cast<char>(0xe0u | (code >> 12));
    out += static_cast<char>(0x80u | ((code >> 6) & 0x3fu));
    out += static_cast<char>(0x80u | (code & 0x3fu));
  }
  return out;
}

Text reversed(const Setting& s) {
  Labels labels = labels_of(s.reference);
  if (labels.size() < 2) return std::nullopt;
  std::reverse(labels.begin(), labels.end());
  return join_labels(labels);
}

// clang-format off
#define NAME_SHAPE(expression) []([[maybe_unused]] const Setting& s, const Shape&) -> Text { return expression; }

const std::vector<Shape> kNames = {
    {{"exact", "the reference itself", {"rfc9525-6.2-any-match"}}, "name", NAME_SHAPE(s.reference)},
    {{"case-upper", "the reference in upper case", {"rfc9525-6.3-case-insensitive"}}, "name", NAME_SHAPE(upper(s.reference))},
    {{"case-first", "the first letter in upper case", {"rfc9525-6.3-case-insensitive"}}, "name",
     NAME_SHAPE(upper(s.reference.substr(0, 1)) + s.reference.substr(1))},
    {{"sibling", "another host beside the reference", {"rfc9525-6.3-all-labels"}}, "name", NAME_SHAPE(with_first(s, "other"))},
    {{"parent", "the name above", {"rfc9525-6.3-all-labels"}}, "name", NAME_SHAPE(tail(s, 1))},
    {{"grandparent", "the name two labels above", {"rfc9525-6.3-all-labels"}}, "name", NAME_SHAPE(tail(s, 2))},
    {{"top", "the top label alone", {"rfc9525-6.3-all-labels"}}, "name", NAME_SHAPE(labels_of(s.reference).back())},
    {{"child", "a name below the reference", {"rfc9525-6.3-all-labels"}}, "name", NAME_SHAPE("a." + s.reference)},
    {{"grandchild", "a name two labels below", {"rfc9525-6.3-all-labels"}}, "name", NAME_SHAPE("a.b." + s.reference)},
    {{"cousin", "the same host in another zone", {"rfc9525-6.3-all-labels"}}, "name", NAME_SHAPE(with_label(s, 1, "other-" + s.token))},
    {{"other-top", "the same name under another top label", {"rfc9525-6.3-all-labels"}}, "name", NAME_SHAPE(with_label(s, -1, "invalid"))},
    {{"first-label", "the first label alone", {"rfc9525-6.3-all-labels"}}, "name", NAME_SHAPE(first_label(s))},
    {{"recipient-domain", "the recipient domain", {"rfc9525-6.3-all-labels", "rfc7817-3-ref-host"}}, "name",
     NAME_SHAPE(s.literal() ? Text() : Text(s.domain))},
    {{"alias-target", "the host that the MX host is an alias of", {"rfc9525-6.1.1-no-intermediate"}}, "name", NAME_SHAPE(s.server)},
    {{"unrelated", "a name of somebody else", {"rfc9525-6.3-all-labels"}}, "name", NAME_SHAPE(s.other())},
    {{"reversed", "the labels in reverse order", {"rfc9525-6.3-all-labels"}}, "name", NAME_SHAPE(reversed(s))},

    {{"cut-front", "the reference without its first octet", {"rfc9525-6.3-all-labels"}}, "substring", NAME_SHAPE(s.reference.substr(1))},
    {{"cut-back", "the reference without its last octet", {"rfc9525-6.3-all-labels"}}, "substring",
     NAME_SHAPE(s.reference.substr(0, s.reference.size() - 1))},
    {{"longer-front", "an octet before the reference", {"rfc9525-6.3-all-labels"}}, "substring", NAME_SHAPE("x" + s.reference)},
    {{"longer-back", "an octet after the reference", {"rfc9525-6.3-all-labels"}}, "substring", NAME_SHAPE(s.reference + "x")},
    {{"label-behind", "labels after the reference", {"rfc9525-6.3-all-labels"}}, "substring", NAME_SHAPE(s.reference + ".invalid")},
    {{"inside-label", "the reference inside longer labels", {"rfc9525-6.3-all-labels"}}, "substring", NAME_SHAPE("x" + s.reference + "x.invalid")},
    {{"inside-name", "the reference between other labels", {"rfc9525-6.3-all-labels"}}, "substring", NAME_SHAPE("a." + s.reference + ".invalid")},
    {{"hyphen-for-dot", "hyphens for the dots", {"rfc9525-6.3-all-labels"}}, "substring",
     NAME_SHAPE(labels_of(s.reference).size() < 2 ? Text() : Text([&] {
       std::string out = s.reference;
       std::replace(out.begin(), out.end(), '.', '-');
       return out;
     }()))},

    {{"root-dot", "a final dot", {"rfc9525-silent-trailing-dot", "rfc5280-4.2.1.6-no-trailing-dot"}}, "dots", NAME_SHAPE(s.reference + ".")},
    {{"two-root-dots", "two final dots", {"rfc1034-3.5-syntax"}}, "dots", NAME_SHAPE(s.reference + "..")},
    {{"leading-dot", "a leading dot", {"rfc1034-3.5-syntax"}}, "dots", NAME_SHAPE("." + s.reference)},
    {{"leading-dot-parent", "a leading dot before the name above", {"rfc1034-3.5-syntax"}}, "dots", NAME_SHAPE(stars_for(s, "", 1))},
    {{"empty-label", "an empty label inside", {"rfc1034-3.5-syntax"}}, "dots", NAME_SHAPE(with_first(s, first_label(s) + "."))},
    {{"only-dot", "a dot alone", {"rfc1034-3.5-syntax"}}, "dots", NAME_SHAPE(Text("."))},
    {{"empty", "no octet at all", {"rfc5280-4.2.1.6-dns-empty"}}, "dots", NAME_SHAPE(Text(""))},

    {{"label-63", "a first label made 63 octets long", {"rfc1035-2.3.4-lengths"}}, "length",
     NAME_SHAPE(first_label(s).size() >= 63 ? Text() : with_first(s, first_label(s) + std::string(63 - first_label(s).size(), 'a')))},
    {{"label-64", "a first label made 64 octets long", {"rfc1035-2.3.4-lengths"}}, "length",
     NAME_SHAPE(with_first(s, first_label(s) + std::string(64 - std::min<std::size_t>(63, first_label(s).size()), 'a')))},
    {{"name-253", "a name of 253 octets below the reference", {"rfc1035-2.3.4-lengths"}}, "length", NAME_SHAPE(lengthened(s, 253))},
    {{"name-254", "a name of 254 octets below the reference", {"rfc1035-2.3.4-lengths"}}, "length", NAME_SHAPE(lengthened(s, 254))},
    {{"name-256", "a name of 256 octets below the reference", {"rfc1035-2.3.4-lengths"}}, "length", NAME_SHAPE(lengthened(s, 256))},
    {{"name-1100", "a name of 1100 octets below the reference", {"rfc1035-2.3.4-lengths"}}, "length", NAME_SHAPE(lengthened(s, 1100))},

    {{"underscore", "an underscore in the first label", {"dns-underscore"}}, "syntax", NAME_SHAPE(with_first(s, "mx_1"))},
    {{"underscore-first", "an underscore before the reference", {"dns-underscore"}}, "syntax", NAME_SHAPE("_" + s.reference)},
    {{"service-labels", "service labels before the reference", {"dns-underscore"}}, "syntax", NAME_SHAPE("_25._tcp." + s.reference)},
    {{"digits", "a first label of digits", {"rfc1123-2.1-digit"}}, "syntax", NAME_SHAPE(with_first(s, "127"))},
    {{"hyphen-front", "a hyphen before the reference", {"rfc1034-3.5-syntax"}}, "syntax", NAME_SHAPE("-" + s.reference)},
    {{"hyphen-edge", "a hyphen at the end of the first label", {"rfc1034-3.5-syntax"}}, "syntax", NAME_SHAPE(with_first(s, first_label(s) + "-"))},
    {{"percent-octet", "an octet of the reference in percent form", {"rfc1034-3.5-syntax"}}, "syntax",
     NAME_SHAPE(fmt::format("%{:02x}{}", static_cast<unsigned char>(s.reference[0]), s.reference.substr(1)))},
    {{"escaped-dot", "the dots escaped as in a zone file", {"rfc1034-3.5-syntax"}}, "syntax", NAME_SHAPE(with_first(s, first_label(s) + "\\"))},
    {{"question-mark", "a question mark for the last octet of the first label", {"rfc9525-6.3-all-labels"}}, "syntax",
     NAME_SHAPE(with_first(s, first_label(s).substr(0, first_label(s).size() - 1) + "?"))},
    {{"character-class", "a class of characters for the first octet", {"rfc9525-6.3-all-labels"}}, "syntax",
     NAME_SHAPE("[" + s.reference.substr(0, 1) + "]" + s.reference.substr(1))},
    {{"regular-expression", "a regular expression that the reference fits", {"rfc9525-6.3-all-labels"}}, "syntax", NAME_SHAPE(Text(".*"))},
    {{"percent-wildcard", "a percent sign for the first label", {"rfc9525-6.3-all-labels"}}, "syntax", NAME_SHAPE(with_first(s, "%"))},

    {{"in-list", "the reference in a list of names", {"rfc9525-6.3-all-labels"}}, "injection", NAME_SHAPE(s.other() + "," + s.reference)},
    {{"first-in-list", "the reference first in a list of names", {"rfc9525-6.3-all-labels"}}, "injection", NAME_SHAPE(s.reference + "," + s.other())},
    {{"san-text", "the text form of a SAN that holds the reference", {"rfc9525-6.3-all-labels"}}, "injection",
     NAME_SHAPE(s.other() + ", DNS:" + s.reference)},
    {{"san-prefix", "the prefix of a SAN's text form", {"rfc9525-6.3-all-labels"}}, "injection", NAME_SHAPE("DNS:" + s.reference)},
    {{"dn-text", "the text form of a subject that holds the reference", {"rfc6125-1.8-cnid-shape"}}, "injection",
     NAME_SHAPE(s.other() + "/CN=" + s.reference)},
    {{"dn-text-comma", "the text form of RFC 4514 that holds the reference", {"rfc6125-1.8-cnid-shape"}}, "injection",
     NAME_SHAPE(s.other() + ",CN=" + s.reference)},
    {{"cn-prefix", "the prefix of a common name's text form", {"rfc6125-1.8-cnid-shape"}}, "injection", NAME_SHAPE("CN=" + s.reference)},
    {{"line-end", "the reference on a line of its own", {"rfc5280-4.2.1.6-dns-ia5"}}, "injection", NAME_SHAPE(s.other() + "\nDNS:" + s.reference)},
    {{"url", "a URL of the reference", {"rfc9525-6.3-all-labels"}}, "injection", NAME_SHAPE("smtp://" + s.reference + "/")},
    {{"mailbox", "a mailbox at the reference", {"rfc9525-6.3-all-labels"}}, "injection", NAME_SHAPE("mx@" + s.reference)},
    {{"port", "the reference with a port", {"rfc9525-6.2-dnsid-whole"}}, "injection", NAME_SHAPE(s.reference + ":25")},
    {{"quoted", "the reference in quotation marks", {"rfc1034-3.5-syntax"}}, "injection", NAME_SHAPE("\"" + s.reference + "\"")},
    {{"bracketed", "the reference in brackets", {"rfc1034-3.5-syntax"}}, "injection", NAME_SHAPE("[" + s.reference + "]")},
    {{"slash-behind", "a slash and a name after the reference", {"rfc1034-3.5-syntax"}}, "injection", NAME_SHAPE(s.reference + "/" + s.other())},

    {{"fake-a-label", "the first label as an A-label of ASCII", {"rfc5890-2.3.2.1-alabel"}}, "idn",
     NAME_SHAPE(with_first(s, "xn--" + first_label(s) + "-"))},
    {{"u-label", "the U-label of an A-label in UTF-8", {"rfc9525-2-dnsid-ascii"}}, "idn", NAME_SHAPE(replaced(s.reference, "xn--bcher-kva", "b\xc3\xbc" "cher"))},
    {{"u-label-latin1", "the U-label of an A-label in Latin-1", {"rfc9525-2-dnsid-ascii"}}, "idn", NAME_SHAPE(replaced(s.reference, "xn--bcher-kva", "b\xfc" "cher"))},
    {{"u-label-decomposed", "the U-label of an A-label, decomposed", {"rfc9525-2-dnsid-ascii"}}, "idn",
     NAME_SHAPE(replaced(s.reference, "xn--bcher-kva", "bu\xcc\x88" "cher"))},
    {{"a-label-upper-prefix", "an A-label with its prefix in upper case", {"rfc9525-6.3-ulabel-to-alabel"}}, "idn", NAME_SHAPE(replaced(s.reference, "xn--", "XN--"))},
    {{"a-label-bare", "the A-label's text without the prefix", {"rfc9525-6.3-ulabel-to-alabel"}}, "idn", NAME_SHAPE(replaced(s.reference, "xn--", ""))},
    {{"a-label-folded", "the letters without their marks", {"rfc9525-6.3-ulabel-to-alabel"}}, "idn", NAME_SHAPE(replaced(s.reference, "xn--bcher-kva", "bucher"))},
    {{"long-s", "a long s for an s", {"idn-no-unicode-compare"}}, "idn", NAME_SHAPE(replaced(s.reference, "s", "\xc5\xbf"))},
    {{"full-width", "the first label in full-width forms", {"idn-no-unicode-compare"}}, "idn", NAME_SHAPE(with_first(s, full_width(first_label(s))))},
    {{"ideographic-dot", "an ideographic full stop for a dot", {"idn-no-unicode-compare"}}, "idn", NAME_SHAPE(replaced(s.reference, ".", "\xe3\x80\x82"))},
    {{"zero-width", "a zero-width space in the first label", {"idn-no-unicode-compare"}}, "idn",
     NAME_SHAPE(s.reference.substr(0, 1) + "\xe2\x80\x8b" + s.reference.substr(1))},
    {{"soft-hyphen", "a soft hyphen in the first label", {"idn-no-unicode-compare"}}, "idn", NAME_SHAPE(s.reference.substr(0, 1) + "\xc2\xad" + s.reference.substr(1))},
    {{"cyrillic", "a Cyrillic letter for an e", {"rfc9525-7.3-no-visual"}}, "idn", NAME_SHAPE(replaced(s.reference, "e", "\xd0\xb5"))},

    {{"star-first", "a star for the first label", {"rfc9525-6.3-wildcard-one-label"}}, "wildcard", NAME_SHAPE(stars_for(s, "*", 1))},
    {{"star-first-upper", "a star for the first label, the rest in upper case", {"rfc9525-6.3-case-insensitive"}}, "wildcard",
     NAME_SHAPE(labels_of(s.reference).size() < 2 ? Text() : Text(upper(*stars_for(s, "*", 1))))},
    {{"star-first-root-dot", "a star for the first label, and a final dot", {"rfc9525-silent-trailing-dot"}}, "wildcard",
     NAME_SHAPE(labels_of(s.reference).size() < 2 ? Text() : Text(*stars_for(s, "*", 1) + "."))},
    {{"star-above", "a star below the reference", {"rfc9525-6.3-wildcard-one-label"}}, "wildcard", NAME_SHAPE("*." + s.reference)},
    {{"star-for-two", "one star for the first two labels", {"rfc9525-6.3-wildcard-one-label"}}, "wildcard", NAME_SHAPE(stars_for(s, "*", 2))},
    {{"two-stars", "two stars for the first two labels", {"rfc9525-6.3-wildcard-only-one"}}, "wildcard", NAME_SHAPE(stars_for(s, "*.*", 2))},
    {{"two-stars-for-one", "two star labels for the first label", {"rfc9525-6.3-wildcard-only-one"}}, "wildcard", NAME_SHAPE(stars_for(s, "*.*", 1))},
    {{"double-star", "** for the first label", {"rfc9525-6.3-wildcard-whole-label"}}, "wildcard", NAME_SHAPE(stars_for(s, "**", 1))},
    {{"double-star-for-two", "** for the first two labels", {"rfc9525-6.3-wildcard-whole-label"}}, "wildcard", NAME_SHAPE(stars_for(s, "**", 2))},
    {{"star-alone", "a star alone", {"rfc9525-6.3-wildcard-one-label", "rfc9525-7.1-public-suffix"}}, "wildcard", NAME_SHAPE(Text("*"))},
    {{"star-dot", "a star and a dot", {"rfc1034-3.5-syntax"}}, "wildcard", NAME_SHAPE(Text("*."))},
    {{"double-star-alone", "** alone", {"rfc9525-6.3-wildcard-whole-label"}}, "wildcard", NAME_SHAPE(Text("**"))},
    {{"stars-only", "a star for every label", {"rfc9525-6.3-wildcard-only-one"}}, "wildcard",
     NAME_SHAPE([&] {
       std::string out = "*";
       for (std::size_t n = labels_of(s.reference).size(); n > 1; --n) out += ".*";
       return out;
     }())},
    {{"star-top", "a star below the top label", {"rfc9525-7.1-public-suffix"}}, "wildcard", NAME_SHAPE("*." + labels_of(s.reference).back())},
    {{"star-inner", "a star for the second label", {"rfc9525-6.3-wildcard-leftmost"}}, "wildcard", NAME_SHAPE(with_label(s, 1, "*"))},
    {{"star-last", "a star for the last label", {"rfc9525-6.3-wildcard-leftmost"}}, "wildcard", NAME_SHAPE(with_label(s, -1, "*"))},
    {{"star-before-last", "a star for the last label but one", {"rfc9525-6.3-wildcard-leftmost"}}, "wildcard", NAME_SHAPE(with_label(s, -2, "*"))},
    {{"star-other-zone", "a star in another zone", {"rfc9525-6.3-all-labels"}}, "wildcard",
     NAME_SHAPE(labels_of(s.reference).size() < 2 ? Text() : Text("*.other-" + s.token + "." + s.parent))},
    {{"star-escaped", "an escaped star", {"rfc9525-6.3-wildcard-whole-label"}}, "wildcard", NAME_SHAPE(stars_for(s, "\\*", 1))},
    {{"star-percent", "a star in percent form", {"rfc9525-6.3-wildcard-whole-label"}}, "wildcard", NAME_SHAPE(stars_for(s, "%2a", 1))},
    {{"star-leading-dot", "a leading dot before a star", {"rfc1034-3.5-syntax"}}, "wildcard", NAME_SHAPE(stars_for(s, ".*", 1))},
    {{"star-space", "a space before a star", {"rfc5280-4.2.1.6-dns-ia5"}}, "wildcard", NAME_SHAPE(stars_for(s, " *", 1))},

    {{"fragment-prefix", "a star after the first octet", {"rfc9525-6.3-wildcard-whole-label", "rfc6125-6.4.3-3-partial"}}, "fragment",
     NAME_SHAPE(with_first(s, first_label(s).substr(0, 1) + "*"))},
    {{"fragment-suffix", "a star before the last octet", {"rfc9525-6.3-wildcard-whole-label", "rfc6125-6.4.3-3-partial"}}, "fragment",
     NAME_SHAPE(with_first(s, "*" + first_label(s).substr(first_label(s).size() - 1)))},
    {{"fragment-middle", "a star between the first and the last octet", {"rfc9525-6.3-wildcard-whole-label", "rfc6125-6.4.3-3-partial"}}, "fragment",
     NAME_SHAPE(with_first(s, first_label(s).substr(0, 1) + "*" + first_label(s).substr(first_label(s).size() - 1)))},
    {{"fragment-empty-behind", "a star after the whole first label", {"rfc9525-6.3-wildcard-whole-label"}}, "fragment", NAME_SHAPE(with_first(s, first_label(s) + "*"))},
    {{"fragment-empty-front", "a star before the whole first label", {"rfc9525-6.3-wildcard-whole-label"}}, "fragment", NAME_SHAPE(with_first(s, "*" + first_label(s)))},
    {{"fragment-two-stars", "two stars in the first label", {"rfc9525-6.3-wildcard-only-one"}}, "fragment",
     NAME_SHAPE(first_label(s).size() < 3 ? Text() : with_first(s, "*" + first_label(s).substr(1, 1) + "*"))},
    {{"fragment-wrong", "a fragment that the label does not have", {"rfc9525-6.3-wildcard-whole-label"}}, "fragment", NAME_SHAPE(with_first(s, "z*"))},
    {{"fragment-inner", "a star after the first octet of the second label", {"rfc9525-6.3-wildcard-leftmost"}}, "fragment",
     NAME_SHAPE(labels_of(s.reference).size() < 2 ? Text() : with_label(s, 1, labels_of(s.reference)[1].substr(0, 1) + "*"))},
    {{"fragment-last", "a star after the first octet of the last label", {"rfc9525-6.3-wildcard-leftmost"}}, "fragment",
     NAME_SHAPE(with_label(s, -1, labels_of(s.reference).back().substr(0, 1) + "*"))},
    {{"fragment-over-dot", "a fragment that would have to stand for a dot", {"rfc9525-6.3-wildcard-one-label"}}, "fragment",
     NAME_SHAPE(stars_for(s, first_label(s).substr(0, 1) + "*", 2))},
    {{"fragment-a-label", "a star after the prefix of an A-label", {"rfc9525-6.3-wildcard-alabel", "rfc6125-6.4.3-3-not-in-idn"}}, "fragment",
     NAME_SHAPE(replaced(s.reference, "xn--bcher-kva", "xn--*"))},

    {{"address-text", "the server's address as text", {"rfc9525-2-no-resolved-ip"}}, "address",
     NAME_SHAPE(s.literal() ? Text() : Text("{address:" + s.server + "}"))},
    {{"address-reverse", "the name of the address in the reverse zone", {"rfc9525-6.4-ip-octets"}}, "address",
     NAME_SHAPE(s.literal() && octets_of(s).size() == 4 ? Text(*reversed(s) + ".in-addr.arpa") : Text())},
    {{"octets", "the address in octets", {"rfc9525-6.4-ip-octets"}}, "address", NAME_SHAPE(changed_octets(s, [](std::string&) {}))},
    {{"octets-next", "the next address", {"rfc9525-6.4-ip-octets"}}, "address", NAME_SHAPE(changed_octets(s, [](std::string& o) { ++o.back(); }))},
    {{"octets-network", "the address of the network", {"rfc9525-6.2-ip-no-partial"}}, "address",
     NAME_SHAPE(changed_octets(s, [](std::string& o) { o.back() = 0; }))},
    {{"octets-short", "the address without its last octet", {"rfc9525-2-ipid-octets"}}, "address", NAME_SHAPE(changed_octets(s, [](std::string& o) { o.pop_back(); }))},
    {{"octets-long", "the address and one octet more", {"rfc9525-2-ipid-octets"}}, "address", NAME_SHAPE(changed_octets(s, [](std::string& o) { o += '\0'; }))},
    {{"octets-mask", "the address and a mask", {"rfc9525-2-ipid-octets", "rfc9525-6.2-ip-no-partial"}}, "address",
     NAME_SHAPE(changed_octets(s, [](std::string& o) { o += std::string(o.size(), '\xff'); }))},
    {{"octets-mapped", "an IPv4 address mapped into IPv6", {"rfc9525-6.4-ip-octets"}}, "address",
     NAME_SHAPE(s.literal() && octets_of(s).size() == 4 ? Text(std::string(10, '\0') + "\xff\xff" + octets_of(s)) : Text())},
    {{"octets-reversed", "the address in the other order of octets", {"rfc9525-6.4-ip-octets"}}, "address",
     NAME_SHAPE(changed_octets(s, [](std::string& o) { std::reverse(o.begin(), o.end()); }))},
};
#undef NAME_SHAPE
// clang-format on

/// Octets that no host name has, and where in a name they stand.
struct OddOctet {
  const char* name;
  const char* title;
  char octet;
  const char* rule;
};
// clang-format off
constexpr OddOctet kOctets[] = {
    {"nul", "a NUL", '\0', "nul-byte"},
    {"soh", "the control octet 1", '\x01', "nul-byte"},
    {"tab", "a tab", '\t', "nul-byte"},
    {"newline", "a line feed", '\n', "nul-byte"},
    {"return", "a carriage return", '\r', "nul-byte"},
    {"space", "a space", ' ', "rfc5280-4.2.1.6-dns-ia5"},
    {"del", "the octet 127", '\x7f', "nul-byte"},
    {"octet-80", "the octet 128", '\x80', "rfc5280-4.2.1.6-dns-ia5"},
    {"nbsp", "the octet 160", '\xa0', "rfc5280-4.2.1.6-dns-ia5"},
    {"octet-ff", "the octet 255", '\xff', "rfc5280-4.2.1.6-dns-ia5"},
};
// clang-format on

struct OctetPlace {
  const char* name;
  const char* title;
  Text (*present)(const Setting& setting, const Shape& shape);
};
// clang-format off
const OctetPlace kPlaces[] = {
    {"front", "before the reference", [](const Setting& s, const Shape& shape) -> Text { return shape.octets + s.reference; }},
    {"inside", "in the first label", [](const Setting& s, const Shape& shape) -> Text { return s.reference.substr(0, 1) + shape.octets + s.reference.substr(1); }},
    {"end", "after the reference", [](const Setting& s, const Shape& shape) -> Text { return s.reference + shape.octets; }},
    {"before-name", "between the reference and another name", [](const Setting& s, const Shape& shape) -> Text { return s.reference + shape.octets + "." + s.other(); }},
    {"after-name", "between another name and the reference", [](const Setting& s, const Shape& shape) -> Text { return s.other() + shape.octets + s.reference; }},
    {"after-star", "after a star for the first label",
     [](const Setting& s, const Shape& shape) -> Text { return stars_for(s, "*" + shape.octets, 1); }},
};
// clang-format on

std::vector<Shape> make_shapes() {
  std::vector<Shape> out = kNames;
  for (const auto& octet : kOctets) {
    for (const auto& place : kPlaces) {
      out.push_back({{fmt::format("{}-{}", octet.name, place.name),
                      fmt::format("{} {}", octet.title, place.title),
                      {octet.rule}},
                     "odd-octet",
                     place.present,
                     std::string(1, octet.octet)});
    }
  }
  return out;
}

}  // namespace

std::span<const Shape> shapes() {
  static const std::vector<Shape> all = make_shapes();
  return all;
}

}  // namespace mxident::harness::matrix
