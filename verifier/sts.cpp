#include "sts.hpp"

#include <openssl/asn1.h>

#include <algorithm>
#include <array>

#include "dns_name.hpp"
#include "presented.hpp"

namespace mxident {
namespace {

using namespace dns_name;

constexpr std::string_view kRecordVersion = "v=STSv1";  // RFC 8461 3.1: what a record has to begin with
constexpr std::size_t kMaxRecord = 65535;  // the data of one DNS record; who is well-formed is taken
constexpr std::size_t kMaxId = 32;

bool is_wsp(char c) {
  return c == ' ' || c == '\t';
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_wsp(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_wsp(text.back())) text.remove_suffix(1);
  return text;
}

// sts-ext-name and sts-policy-ext-name: up to 32 letters, digits, "_", "-", "."; the first a letter or digit.
bool is_field_name(std::string_view text) {
  if (text.empty() || text.size() > 32 || !(is_letter(text[0]) || is_digit(text[0]))) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.'; });
}

std::string quoted(std::string_view text) {
  return "\"" + printable(PresentedType::other, text.substr(0, 60)) + "\"";
}

// sts-ext-value of the record: visible ASCII without ";" and "=".
bool is_record_octet(char c) {
  return c > ' ' && c <= '~' && c != '=' && c != ';';
}
bool is_alphanumeric(char c) {
  return is_letter(c) || is_digit(c);
}

// A record by the grammar of RFC 8461 3.1:
//   "v=STSv1" 1*(*WSP ";" *WSP field) [*WSP ";" *WSP]     field: "id=" 1*32 letters and digits, or NAME=VALUE
class RecordReader {
 public:
  explicit RecordReader(std::string_view text) : text_(text) {}

  bool read() {
    if (text_.size() > kMaxRecord) return fail(kMaxRecord, "a record of at most 65535 octets");
    if (text_.substr(0, kRecordVersion.size()) != kRecordVersion)
      return fail(0, "\"v=STSv1\" at the very beginning");
    at_ = kRecordVersion.size();
    while (at_ < text_.size()) {
      if (!delimiter()) return false;
      if (at_ < text_.size() && !field()) return false;
    }
    return !id_.empty() || fail(text_.size(), "a field \"id=\"");
  }
  std::string take_id() { return std::move(id_); }
  const std::string& fault() const { return fault_; }

 private:
  bool fail(std::size_t at, std::string_view wanted) {
    const std::string found = at < text_.size() ? "found " + quoted(text_.substr(at, 1)) : "found the end";
    fault_ = "octet " + std::to_string(at + 1) + ": " + found + ", wanted " + std::string(wanted);
    return false;
  }
  void skip_blanks() {
    while (at_ < text_.size() && is_wsp(text_[at_])) ++at_;
  }
  bool delimiter() {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != ';') return fail(at_, "\";\"");
    ++at_;
    skip_blanks();
    return true;
  }
  bool field() {
    const std::size_t begin = at_;
    while (at_ < text_.size() &&
           (is_alphanumeric(text_[at_]) || text_[at_] == '_' || text_[at_] == '-' || text_[at_] == '.'))
      ++at_;
    const std::string_view name = text_.substr(begin, at_ - begin);
    if (!is_field_name(name)) return fail(begin, "the name of a field");
    if (at_ == text_.size() || text_[at_] != '=') return fail(at_, "\"=\" after the name of a field");
    ++at_;
    return name == "id" ? id() : value();
  }
  bool id() {
    const std::size_t from = at_;
    while (at_ < text_.size() && is_alphanumeric(text_[at_]) && at_ - from < kMaxId) ++at_;
    const bool ends = at_ == text_.size() || is_wsp(text_[at_]) || text_[at_] == ';';
    if (at_ == from || !ends) return fail(at_, "an id of 1 to 32 letters and digits");
    if (id_.empty())
      id_ = text_.substr(from, at_ - from);  // of several the first counts (3.2, last paragraph)
    return true;
  }
  bool value() {
    const std::size_t from = at_;
    while (at_ < text_.size() && is_record_octet(text_[at_])) ++at_;
    return at_ > from || fail(at_, "a value");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string id_, fault_;
};

// What senders keep where several records stand: those that begin as an MTA-STS record does.
bool begins_as_record(std::string_view text) {
  if (text.substr(0, kRecordVersion.size()) != kRecordVersion) return false;
  text.remove_prefix(kRecordVersion.size());
  return trim(text).substr(0, 1) == ";";
}

// Quotes in the data, blanks in front, another case, version or sign of equality, another order, or the
// policy's own line: somebody meant an MTA-STS record.
bool is_meant_as_record(std::string_view text) {
  std::string folded;
  for (const char c : text) {
    if (!is_wsp(c) && c != '"') folded += lower(c);
  }
  return folded.find("v=sts") != std::string::npos || folded.find("stsv") != std::string::npos;
}

// Octets of the character that a text begins with; 0: none that UTF-8 has (RFC 3629 3).
std::size_t first_character(std::string_view text) {
  unsigned long value = 0;
  const auto* const octets = reinterpret_cast<const unsigned char*>(text.data());
  const int size = UTF8_getc(octets, static_cast<int>(std::min<std::size_t>(text.size(), 4)), &value);
  const bool surrogate = value >= 0xd800 && value < 0xe000;
  return size > 0 && value <= 0x10ffff && !surrogate ? static_cast<std::size_t>(size) : 0;
}

// Visible ASCII, UTF-8, spaces between.
bool is_policy_value(std::string_view text) {
  if (text.empty()) return false;
  while (!text.empty()) {
    const std::size_t size = first_character(text);
    if (size == 0 || text.front() == 0x7f || (size == 1 && text.front() < ' ')) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::optional<StsMode> mode_from(std::string_view text) {
  if (text == "enforce") return StsMode::enforce;
  if (text == "testing") return StsMode::testing;
  if (text == "none") return StsMode::none;
  return std::nullopt;
}

std::optional<std::uint32_t> max_age_from(std::string_view text) {
  if (text.empty() || text.size() > 10 || !std::all_of(text.begin(), text.end(), is_digit))
    return std::nullopt;
  std::uint64_t seconds = 0;
  for (const char c : text) seconds = seconds * 10 + static_cast<std::uint64_t>(c - '0');
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(seconds, kMaxStsAge));
}

// A domain of A-labels, or "*." and such a domain. Underscores as in host names (D9).
std::optional<std::string> pattern_from(std::string_view text) {
  const std::string_view domain = text.substr(0, 2) == "*." ? text.substr(2) : text;
  const bool valid = !domain.empty() && text.size() <= kMaxName &&
                     (classes_of(domain) & ~(kHyphen | kDot | kUnderscore)) == 0 && labels_fit(domain);
  if (!valid) return std::nullopt;
  std::string result;
  for (const char c : text) result += lower(c);
  return result;
}

// What has been seen of a policy so far; of a key that occurs twice the first line counts (RFC 8461 3.2).
class PolicyReader {
 public:
  /// sts_ok, or what is wrong with this line.
  Reason take_line(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return fault(Reason::sts_policy_malformed, line, "\"key: value\"");
    const std::string_view key = line.substr(0, colon);
    const std::string_view value = trim(line.substr(colon + 1));
    if (!is_field_name(key)) {
      return fault(Reason::sts_policy_malformed, key,
                   "a key of letters and digits, at once followed by a colon");
    }
    if (!is_policy_value(value))
      return fault(Reason::sts_policy_malformed, value, "a value in UTF-8 without control characters");
    if (key == "version") return take_version(value);
    if (key == "mode") return take_mode(value);
    if (key == "max_age") return take_max_age(value);
    if (key == "mx") return take_mx(value);
    return Reason::sts_ok;
  }

  StsPolicyResult finish() {
    StsPolicyResult result;
    result.reason = !version_                                                   ? Reason::sts_policy_version
                    : !mode_                                                    ? Reason::sts_policy_mode
                    : !max_age_                                                 ? Reason::sts_policy_max_age
                    : policy_.patterns.empty() && policy_.mode != StsMode::none ? Reason::sts_policy_mx
                                                                                : Reason::sts_ok;
    if (result.reason == Reason::sts_ok) result.policy = std::move(policy_);
    return result;
  }

  /// Found and wanted in the line that was refused.
  const std::string& fault_text() const { return fault_; }

 private:
  Reason fault(Reason reason, std::string_view found, std::string_view wanted) {
    fault_ = "found " + quoted(found) + ", wanted " + std::string(wanted);
    return reason;
  }
  Reason take_version(std::string_view value) {
    if (version_) return Reason::sts_ok;
    version_ = true;
    return value == "STSv1" ? Reason::sts_ok : fault(Reason::sts_policy_version, value, "STSv1");
  }
  Reason take_mode(std::string_view value) {
    if (mode_) return Reason::sts_ok;
    const auto mode = mode_from(value);
    mode_ = true;
    policy_.mode = mode.value_or(StsMode::none);
    return mode ? Reason::sts_ok : fault(Reason::sts_policy_mode, value, "enforce, testing or none");
  }
  Reason take_max_age(std::string_view value) {
    if (max_age_) return Reason::sts_ok;
    const auto seconds = max_age_from(value);
    max_age_ = true;
    policy_.max_age = seconds.value_or(0);
    return seconds ? Reason::sts_ok : fault(Reason::sts_policy_max_age, value, "up to ten digits");
  }
  Reason take_mx(std::string_view value) {
    auto pattern = pattern_from(value);
    if (!pattern || policy_.patterns.size() == kMaxStsPatterns) {
      return fault(Reason::sts_policy_mx, value,
                   pattern ? "at most 1000 mx lines" : "a host name, or \"*.\" and a host name");
    }
    policy_.patterns.push_back(std::move(*pattern));
    return Reason::sts_ok;
  }

  StsPolicy policy_;
  bool version_ = false, mode_ = false, max_age_ = false;
  std::string fault_;
};

}  // namespace

std::string_view to_string(StsMode mode) {
  constexpr std::array<std::string_view, 3> kWords{"enforce", "testing", "none"};
  return kWords[static_cast<std::size_t>(mode)];
}

StsRecordResult parse_sts_record(std::span<const std::string> records) {
  StsRecordResult result;
  std::vector<const std::string*> found;
  for (const auto& record : records) {
    if (begins_as_record(record)) found.push_back(&record);
  }
  if (found.size() > 1) {
    result.reason = Reason::sts_record_several;
    result.fault = "found " + std::to_string(found.size()) + " records, wanted one";
    return result;
  }
  if (found.empty()) {
    const auto meant = std::find_if(records.begin(), records.end(), is_meant_as_record);
    if (meant == records.end()) {
      if (!records.empty()) result.fault = "found other data: " + quoted(records.front());
      return result;
    }
    found.push_back(&*meant);
  }
  RecordReader reader(*found.front());
  if (reader.read()) {
    result.id = reader.take_id();
    result.reason = Reason::sts_ok;
  } else {
    result.reason = Reason::sts_record_malformed;
    result.fault = reader.fault();
  }
  return result;
}

StsPolicyResult parse_sts_policy(std::string_view body) {
  if (body.size() > kMaxStsPolicy) return {std::nullopt, Reason::sts_policy_too_large, 0, {}};
  PolicyReader reader;
  std::size_t number = 0;
  while (!body.empty()) {
    ++number;
    const std::size_t end = body.find('\n');
    std::string_view line = body.substr(0, end);
    body = end == std::string_view::npos ? std::string_view{} : body.substr(end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (trim(line).empty()) continue;  // seen in the field, changes nothing
    const Reason reason = reader.take_line(line);
    if (reason != Reason::sts_ok) return {std::nullopt, reason, number, reader.fault_text()};
  }
  return reader.finish();
}

std::optional<std::size_t> sts_pattern_for(const StsPolicy& policy, std::string_view mx_host) {
  for (std::size_t i = 0; i < policy.patterns.size(); ++i) {
    const std::string_view pattern = policy.patterns[i];
    const bool wildcard = pattern.substr(0, 2) == "*.";
    if (wildcard ? mx_host.find('.') != std::string_view::npos && parent(mx_host) == pattern.substr(2)
                 : mx_host == pattern) {
      return i;
    }
  }
  return std::nullopt;
}

}  // namespace mxident
