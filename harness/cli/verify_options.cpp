#include "harness/cli/verify_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <sstream>

#include "harness/input/json_input.hpp"
#include "harness/input/values.hpp"
#include "harness/text/ascii.hpp"
#include "verifier/dns/dns_message.hpp"

namespace mxident::harness::cli {
namespace {

// The trust anchors of the root zone (IANA root-anchors.xml: KSK-2017 and KSK-2024).
constexpr const char* kRootAnchors[] = {
    ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
    ". IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
};

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1";
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (const auto comment = line.find(';'); comment != line.npos) line.erase(comment);
    if (line.find_first_not_of(" \t\r") != line.npos) out.push_back(line);
  }
  return out;
}

bool is_number(const std::string& word, unsigned most) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc() && end == word.data() + word.size() && number <= most;
}

constexpr std::string_view kHex = "0123456789ABCDEFabcdef";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What is wrong with a record as a trust anchor: what was wanted in its place (RFC 4034 2.2, 5.3). Empty if
/// nothing is.
std::string anchor_fault(const std::string& record) {
  std::istringstream in(record);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  constexpr const char* kAll = "a record such as \". IN DS 20326 8 2 HEX\" or \". IN DNSKEY 257 3 8 BASE64\"";
  // A TTL and a class may stand before the type (RFC 1035 5.1); libunbound wants them in this order.
  std::size_t type = 1;
  if (type < words.size() && is_number(words[type], ~0u)) ++type;
  if (type < words.size() && lower(words[type]) == "in") ++type;
  const std::string is = type < words.size() ? lower(words[type]) : "";
  if (is != "ds" && is != "dnskey") return kAll;
  if (!probe::dns_name_to_wire(words[0])) return "a zone, such as \".\", in front";
  const bool numbers = words.size() > type + 3 && is_number(words[type + 1], 65535) &&
                       is_number(words[type + 2], 255) && is_number(words[type + 3], 255);
  if (!numbers) return fmt::format("three numbers behind {}", words[type]);
  std::string value;
  for (std::size_t i = type + 4; i < words.size(); ++i) value += words[i];
  if (is == "ds") {
    const bool hex = !value.empty() && value.size() % 2 == 0 && value.find_first_not_of(kHex) == value.npos;
    return hex ? "" : "a digest in hexadecimal at the end";
  }
  const std::size_t end = std::min(value.find_first_not_of(kBase64), value.size());
  const bool padded = value.size() - end <= 2 && value.find_first_not_of('=', end) == value.npos;
  return end > 0 && value.size() % 4 == 0 && padded ? "" : "a key in base64 at the end";
}

// A record itself, or a file of records.
std::vector<std::string> trust_anchors_of(const std::vector<std::string>& given) {
  std::vector<std::string> out;
  const auto add = [&](const std::string& place, const std::string& record) {
    if (const std::string wanted = anchor_fault(record); !wanted.empty())
      throw InputError(place, "", fmt::format("found \"{}\", wanted {}", record, wanted));
    out.push_back(record);
  };
  for (const auto& text : given) {
    if (text.find(" DS ") != text.npos || text.find(" DNSKEY ") != text.npos) {
      for (const auto& record : lines_of(text)) add("--trust-anchor", record);
      continue;
    }
    const auto lines = lines_of(read_text_file(text, 1u << 20));
    if (lines.empty()) throw InputError(text, "", "found no record, wanted DS or DNSKEY records");
    for (const auto& record : lines) add(text, record);
  }
  return out;
}

std::string first_name_server(std::string_view resolv_conf) {
  std::istringstream in{std::string(resolv_conf)};
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string key, value;
    if (words >> key >> value && key == "nameserver" && parse_address(value)) return value;
  }
  return "127.0.0.1";  // what resolv.conf(5) says of an empty file
}

}  // namespace

std::pair<std::string, std::uint16_t> split_host_port(std::string_view text, const std::string& option) {
  const auto fail = [&](std::string_view wanted) {
    return InputError(option, "", fmt::format("found \"{}\", wanted {}", text, wanted));
  };
  std::string_view host = text, port;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == text.npos) throw fail("a closing bracket");
    host = text.substr(1, close - 1);
    if (host.starts_with("IPv6:")) host.remove_prefix(5);
    port = text.substr(close + 1);
    if (!port.empty() && port.front() != ':') throw fail("a colon and a port after the bracket");
    if (!port.empty()) port.remove_prefix(1);
    if (!port.empty() || text.substr(close + 1).empty()) {
      if (!parse_address(host)) throw fail("an address between the brackets");
    }
  } else if (const std::size_t colon = text.find(':'); colon != text.npos && colon == text.rfind(':')) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  const bool states_port = host.size() + port.size() != text.size() && text.back() != ']';
  std::uint16_t number = 0;
  if (states_port) {
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error != std::errc() || end != port.data() + port.size() || number == 0)
      throw fail("a port from 1 to 65535");
  }
  if (host.empty()) throw fail("a host name or an address");
  return {std::string(host), number};
}

std::int64_t time_of(const std::string& text) {
  if (text.empty()) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(now).count();
  }
  if (const auto seconds = parse_rfc3339(text)) return *seconds;
  throw InputError("--at", "", fmt::format("found \"{}\", wanted a time such as 2026-01-31T12:00:00Z", text));
}

DnsChoice choose_dns(const VerifyArguments& arguments, std::string_view resolv_conf) {
  DnsChoice out;
  if (arguments.resolver.empty()) {
    out.address = first_name_server(resolv_conf);
  } else {
    const auto [host, port] = split_host_port(arguments.resolver, "--resolver");
    if (!parse_address(host)) {
      throw InputError("--resolver", "", fmt::format("found \"{}\", wanted an address", arguments.resolver));
    }
    out.address = host;
    if (port != 0) out.port = port;
  }
  out.trust_anchors = trust_anchors_of(arguments.trust_anchors);
  const std::string server = fmt::format("{} port {}", out.address, out.port);
  if (arguments.dnssec == "off") {
    out.trust_anchors.clear();
    out.sentence =
        fmt::format("DNS by {}; DNSSEC is off: no answer counts as secure, so DANE never applies", server);
  } else if (!out.trust_anchors.empty()) {
    out.sentence =
        fmt::format("DNS by {}, validated from {} given trust anchors", server, out.trust_anchors.size());
  } else if (is_loopback(out.address)) {
    out.trust = DnsChoice::Trust::ad_bit;
    out.sentence = fmt::format("DNS by {} on this host, whose AD bit is trusted", server);
  } else {
    out.trust_anchors.assign(std::begin(kRootAnchors), std::end(kRootAnchors));
    out.sentence = fmt::format("DNS by {}, validated from the root of the DNS", server);
  }
  return out;
}

}  // namespace mxident::harness::cli
