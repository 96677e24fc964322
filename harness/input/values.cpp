#include "harness/input/values.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "certs/mint.hpp"

namespace mxident::harness {
namespace {

using certs::StringType;

constexpr std::pair<std::string_view, StringType> kEncodings[] = {
    {"utf8", StringType::utf8}, {"printable", StringType::printable},
    {"ia5", StringType::ia5},   {"bmp", StringType::bmp},
    {"t61", StringType::t61},   {"universal", StringType::universal}};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

certs::Octets parse_hex(const JsonNode& node) {
  const std::string text = node.string();
  certs::Octets out;
  int high = -1;
  for (const char c : text) {
    if ((c == ':' || c == ' ') && high < 0) continue;
    const int digit = hex_digit(c);
    if (digit < 0)
      node.fail("found a character that is no hexadecimal digit, wanted pairs of digits like \"30:82\"");
    if (high < 0) {
      high = digit;
    } else {
      out.push_back(static_cast<char>(high * 16 + digit));
      high = -1;
    }
  }
  if (high >= 0)
    node.fail("found an odd number of hexadecimal digits, wanted pairs of digits like \"30:82\"");
  return out;
}

/// Digits at a place, or -1.
int number(std::string_view text, std::size_t at, std::size_t digits) {
  int out = 0;
  for (std::size_t i = at; i < at + digits; ++i) {
    if (i >= text.size() || text[i] < '0' || text[i] > '9') return -1;
    out = out * 10 + (text[i] - '0');
  }
  return out;
}

}  // namespace

certs::DirectoryString read_text(const JsonNode& node, StringType type) {
  if (node.is_string()) return {node.string(), type};
  if (!node.is_object())
    node.fail("found neither a string nor an object with \"hex\" or with \"value\" and \"encoding\"");
  node.object({"hex", "value", "encoding"});
  const auto encoding = node.find("encoding");
  const StringType stated = encoding ? read_word<StringType>(*encoding, kEncodings) : type;
  if (const auto hex = node.find("hex")) {
    if (node.find("value")) node.fail("found \"hex\" and \"value\", wanted one of them");
    return {parse_hex(*hex), stated};
  }
  const auto value = node.at("value");
  try {
    return {certs::encode_text(value.string(), stated), stated};
  } catch (const certs::MintError& error) {
    value.fail(error.what());
  }
}

certs::Octets read_octets(const JsonNode& node) {
  if (node.is_object()) return parse_hex(node.object({"hex"}).at("hex"));
  return parse_hex(node);
}

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  const auto is = [&](std::size_t at, std::string_view wanted) {
    return at < text.size() && wanted.find(text[at]) != std::string_view::npos;
  };
  const int year = number(text, 0, 4), month = number(text, 5, 2), day = number(text, 8, 2);
  const int hour = number(text, 11, 2), minute = number(text, 14, 2), second = number(text, 17, 2);
  if (std::min({year, month, day, hour, minute, second}) < 0) return std::nullopt;
  if (!is(4, "-") || !is(7, "-") || !is(10, "Tt") || !is(13, ":") || !is(16, ":")) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  std::int64_t offset = 0;
  if (is(19, "Zz")) {
    if (text.size() != 20) return std::nullopt;
  } else {
    const int hours = number(text, 20, 2), minutes = number(text, 23, 2);
    if (!is(19, "+-") || !is(22, ":") || text.size() != 25 || hours < 0 || hours > 23 || minutes < 0 ||
        minutes > 59) {
      return std::nullopt;
    }
    offset = (hours * 60 + minutes) * 60 * (text[19] == '-' ? -1 : 1);
  }
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return days * 86400 + hour * 3600 + minute * 60 + second - offset;
}

std::int64_t read_time(const JsonNode& node) {
  const std::string text = node.string();
  if (const auto time = parse_rfc3339(text)) return *time;
  node.fail(fmt::format("found \"{}\", wanted a time like \"2026-01-31T12:00:00Z\"", text));
}

std::string format_rfc3339(std::int64_t seconds) {
  const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::optional<certs::Octets> parse_address(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string address(text);
  char octets[16];
  if (inet_pton(AF_INET, address.c_str(), octets) == 1) return certs::Octets(octets, 4);
  if (inet_pton(AF_INET6, address.c_str(), octets) == 1) return certs::Octets(octets, 16);
  return std::nullopt;
}

std::optional<certs::Octets> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  auto octets = parse_address(text.substr(0, slash));
  const std::string_view digits = text.substr(slash + 1);
  const int bits = digits.size() <= 3 && !digits.empty() ? number(digits, 0, digits.size()) : -1;
  if (!octets || bits < 0 || static_cast<std::size_t>(bits) > octets->size() * 8) return std::nullopt;
  const std::size_t size = octets->size();
  for (std::size_t i = 0; i < size; ++i) {
    const int here = std::clamp(bits - static_cast<int>(i) * 8, 0, 8);
    octets->push_back(static_cast<char>(0xff << (8 - here)));
  }
  return octets;
}

Pinnable is_pinnable(std::string_view address) {
  const auto octets = parse_address(address);
  if (!octets) return Pinnable::no;
  if (octets->size() == 16) return octets->starts_with("\x20\x01\x0d\xb8") ? Pinnable::yes : Pinnable::no;
  if (*octets == certs::Octets("\xc0\x00\x02\x01", 4)) return Pinnable::no;
  for (const std::string_view network :
       {std::string_view("\xc0\x00\x02", 3), std::string_view("\xc6\x33\x64", 3),
        std::string_view("\xcb\x00\x71", 3)}) {
    if (octets->starts_with(network)) return Pinnable::yes;
  }
  return Pinnable::no;
}

std::string host_problem(std::string_view host) {
  constexpr std::size_t kMaxLabel = 63, kMaxWire = 255;
  if (host.empty()) return "found an empty name";
  if (host.back() == '.') return "found a final dot, wanted the name without it";
  // On the wire each label has a length octet before it, and the root label ends the name.
  if (host.size() + 2 > kMaxWire) {
    return fmt::format("found a name of {} octets on the wire, wanted at most {} (RFC 1035 2.3.4)",
                       host.size() + 2, kMaxWire);
  }
  std::size_t label = 0;
  for (const char c : host) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet <= 0x20 || octet >= 0x7f || std::string_view("{}\"();\\@/").find(c) != std::string_view::npos) {
      return fmt::format("found the octet 0x{:02x} in a name, wanted letters, digits, '-', '_' and dots",
                         octet);
    }
    if (c == '.') {
      if (label == 0) return "found an empty label";
      label = 0;
    } else if (++label > kMaxLabel) {
      return fmt::format("found a label of more than {} octets (RFC 1035 2.3.4)", kMaxLabel);
    }
  }
  return {};
}

void fail_word(const JsonNode& node, const std::vector<std::string>& known) {
  const std::string word = node.string();
  const auto near = nearest(word, known);
  node.fail(fmt::format("found \"{}\", wanted one of {}{}", word, fmt::join(known, ", "),
                        near ? fmt::format("; did you mean \"{}\"?", *near) : ""));
}

}  // namespace mxident::harness
