#include "dns_message.hpp"

#include <arpa/nameser.h>
#include <resolv.h>

#include <array>
#include <vector>

namespace mxident::probe {
namespace {

constexpr std::size_t kMaxName = 255;        // RFC 1035 2.3.4
constexpr std::uint16_t kUdpPayload = 1232;  // fits every path without fragments
constexpr int kMaxAnswerRecords = 1024;      // a 64 KiB message can hold more, no mail domain needs them
constexpr std::uint16_t kTypeOpt = 41;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

void put16(std::string& out, std::uint16_t value) {
  out += static_cast<char>(value >> 8);
  out += static_cast<char>(value & 0xff);
}

struct Record {
  std::string owner;  // wire, lower case
  std::uint16_t type = 0;
  std::string rdata;
};

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// An uncompressed, lower-case copy of the name at `at`; empty if there is none.
std::string unpack_name(std::string_view message, const unsigned char* at, std::size_t* used = nullptr) {
  std::array<unsigned char, NS_MAXCDNAME> wire;
  const unsigned char* const end = octets(message) + message.size();
  const int size = ns_name_unpack(octets(message), end, at, wire.data(), wire.size());
  if (size < 0) return {};
  if (used != nullptr) *used = static_cast<std::size_t>(size);
  std::string out;
  for (std::size_t i = 0; wire[i] != 0;) {
    const std::size_t label = wire[i];
    out += static_cast<char>(label);
    for (std::size_t k = 1; k <= label; ++k) out += lower(static_cast<char>(wire[i + k]));
    i += 1 + label;
  }
  out += '\0';
  return out;
}

// RDATA without compression, which only names of the old types use (RFC 3597 4).
std::optional<std::string> read_rdata(std::string_view message, const ns_rr& record) {
  const unsigned char* const data = ns_rr_rdata(record);
  const std::size_t size = ns_rr_rdlen(record);
  const auto type = static_cast<std::uint16_t>(ns_rr_type(record));
  const std::size_t fixed = type == static_cast<std::uint16_t>(DnsType::mx) ? 2 : 0;
  if (type != static_cast<std::uint16_t>(DnsType::cname) && fixed == 0) {
    return std::string(reinterpret_cast<const char*>(data), size);
  }
  std::size_t used = 0;
  const std::string name = size > fixed ? unpack_name(message, data + fixed, &used) : std::string();
  if (name.empty() || fixed + used != size) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(data), fixed) + name;
}

DnsReading failed(std::string error) {
  DnsReading out;
  out.kind = DnsReading::Kind::answer;
  out.answer.error = std::move(error);
  return out;
}

}  // namespace

std::string_view to_string(DnsState state) {
  switch (state) {
    case DnsState::secure:
      return "secure";
    case DnsState::insecure:
      return "insecure";
    case DnsState::bogus:
      return "bogus";
    case DnsState::indeterminate:
      break;
  }
  return "indeterminate";
}

std::optional<std::string> dns_name_to_wire(std::string_view text) {
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  std::string wire;
  while (!text.empty()) {
    const std::size_t dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    if (label.empty() || label.size() > 63 || wire.size() + 1 + label.size() + 1 > kMaxName)
      return std::nullopt;
    wire += static_cast<char>(label.size());
    // The text forms of odd octets begin with a backslash; no name of a mail host holds one.
    if (label.find('\\') != label.npos) return std::nullopt;
    for (const char c : label) wire += lower(c);
    if (dot == text.npos) break;
    text.remove_prefix(dot + 1);
    if (text.empty()) return std::nullopt;
  }
  wire += '\0';
  return wire;
}

std::optional<std::string> dns_name_to_text(std::string_view wire, std::size_t* used) {
  std::string out;
  std::size_t at = 0;
  for (;;) {
    if (at >= wire.size() || at >= kMaxName) return std::nullopt;
    const std::size_t label = static_cast<unsigned char>(wire[at]);
    if (label == 0) break;
    if (label > 63 || at + 1 + label > wire.size()) return std::nullopt;
    if (!out.empty()) out += '.';
    for (const char c : wire.substr(at + 1, label)) {
      const char small = lower(c);
      const bool plain =
          (small >= 'a' && small <= 'z') || (small >= '0' && small <= '9') || small == '-' || small == '_';
      if (plain || small == '*') {
        out += small;
        continue;
      }
      const auto octet = static_cast<unsigned char>(c);
      out += '\\';
      out += static_cast<char>('0' + octet / 100);
      out += static_cast<char>('0' + octet / 10 % 10);
      out += static_cast<char>('0' + octet % 10);
    }
    at += 1 + label;
  }
  if (used != nullptr) *used = at + 1;
  return out.empty() ? "." : out;
}

std::optional<std::string> dns_query(std::uint16_t id, const DnsQuestion& question) {
  const auto name = dns_name_to_wire(question.name);
  if (!name) return std::nullopt;
  std::string out;
  put16(out, id);
  put16(out, 0x0120);  // RD, AD
  put16(out, 1);
  put16(out, 0);
  put16(out, 0);
  put16(out, 1);
  out += *name;
  put16(out, static_cast<std::uint16_t>(question.type));
  put16(out, 1);
  out += '\0';  // OPT of RFC 6891 6.1.2: root, type, payload size, no flags, no options
  put16(out, kTypeOpt);
  put16(out, kUdpPayload);
  put16(out, 0);
  put16(out, 0);
  put16(out, 0);
  return out;
}

std::vector<std::string> dns_aliases(std::string_view message, const DnsQuestion& question) {
  if (message.size() < NS_HFIXEDSZ) return {};
  const unsigned char* const head = octets(message);
  const auto id = static_cast<std::uint16_t>(static_cast<unsigned>(head[0]) << 8 | head[1]);
  return read_dns_reply(message, id, question).answer.aliases;
}

DnsReading read_dns_reply(std::string_view message, std::uint16_t id, const DnsQuestion& question) {
  if (message.size() < NS_HFIXEDSZ) return {};
  ns_msg parsed;
  // The id first: what cannot be parsed may be no reply of ours, but then it may not end our wait either.
  const unsigned char* const head = octets(message);
  if ((static_cast<unsigned>(head[0]) << 8 | head[1]) != id || (head[2] & 0x80) == 0) return {};
  const auto asked = dns_name_to_wire(question.name);
  if (!asked) return {};
  if (ns_initparse(head, static_cast<int>(message.size()), &parsed) != 0) {
    return (head[2] & 0x02) != 0 ? DnsReading{DnsReading::Kind::truncated, {}}
                                 : failed("the DNS reply is malformed");
  }
  ns_rr record;
  if (ns_msg_count(parsed, ns_s_qd) != 1) return failed("the DNS reply does not repeat the question");
  const std::string owner = unpack_name(message, head + NS_HFIXEDSZ);
  if (ns_parserr(&parsed, ns_s_qd, 0, &record) != 0 || owner != *asked ||
      static_cast<std::uint16_t>(ns_rr_type(record)) != static_cast<std::uint16_t>(question.type) ||
      ns_rr_class(record) != ns_c_in) {
    return {};
  }
  if ((head[2] & 0x02) != 0) return {DnsReading::Kind::truncated, {}};
  const int rcode = head[3] & 0x0f;
  if (rcode != ns_r_noerror && rcode != ns_r_nxdomain) {
    return failed(rcode == ns_r_servfail ? "the DNS server answers SERVFAIL"
                                         : "the DNS server answers with code " + std::to_string(rcode));
  }

  std::vector<Record> records;
  const int count = ns_msg_count(parsed, ns_s_an);
  if (count > kMaxAnswerRecords) return failed("the DNS reply holds too many records");
  for (int i = 0; i < count; ++i) {
    if (ns_parserr(&parsed, ns_s_an, i, &record) != 0)
      return failed("a record of the DNS reply is malformed");
    if (ns_rr_class(record) != ns_c_in) continue;
    // ns_parserr has the owner as text only; its wire form is what compares without doubt.
    const auto name = dns_name_to_wire(ns_rr_name(record));
    auto rdata = read_rdata(message, record);
    if (!rdata) return failed("a record of the DNS reply is malformed");
    if (name) records.push_back({*name, static_cast<std::uint16_t>(ns_rr_type(record)), std::move(*rdata)});
  }

  DnsReading out;
  out.kind = DnsReading::Kind::answer;
  DnsAnswer& answer = out.answer;
  std::string current = *asked;
  const auto wanted = static_cast<std::uint16_t>(question.type);
  for (int aliases = 0;; ++aliases) {
    const Record* alias = nullptr;
    for (const auto& candidate : records) {
      if (candidate.owner != current) continue;
      if (candidate.type == wanted && answer.rdata.size() < kMaxRecords)
        answer.rdata.push_back(candidate.rdata);
      if (candidate.type == static_cast<std::uint16_t>(DnsType::cname) && alias == nullptr)
        alias = &candidate;
    }
    if (!answer.rdata.empty() || alias == nullptr) break;
    if (aliases == kMaxAliases) {
      answer.rdata.clear();
      answer.reason = Reason::dns_cname_chain;
      answer.error = "the chain of aliases is too long or a loop";
      return out;
    }
    current = alias->rdata;
    if (auto text = dns_name_to_text(current)) answer.aliases.push_back(std::move(*text));
  }
  answer.canonical = dns_name_to_text(current).value_or(std::string());
  answer.state = (head[3] & 0x20) != 0 ? DnsState::secure : DnsState::insecure;
  answer.reason.reset();
  if (!answer.rdata.empty()) {
    answer.status = DnsStatus::data;
  } else if (rcode == ns_r_nxdomain) {
    answer.status = DnsStatus::nxdomain;
    answer.reason = Reason::dns_nxdomain;
  } else {
    answer.status = DnsStatus::no_data;
  }
  return out;
}

}  // namespace mxident::probe
