#include "sts.hpp"

#include <algorithm>
#include <array>

#include "dns_name.hpp"

namespace mxident {
namespace {

using namespace dns_name;

constexpr std::string_view kRecordVersion = "v=STSv1;";  // RFC 8461 3.1: what a record has to begin with
constexpr std::size_t kMaxRecord = 4096;
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

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= kMaxId &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

// sts-ext-value of the record: visible ASCII without ";" and "=".
bool is_record_value(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~' && c != '='; });
}

// The fields behind the version. False: malformed, or not exactly one id.
bool read_record_fields(std::string_view rest, std::string& id) {
  while (!trim(rest).empty()) {
    const std::size_t end = rest.find(';');
    const std::string_view field = trim(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    const std::size_t equals = field.find('=');
    if (equals == std::string_view::npos) return false;
    const std::string_view name = field.substr(0, equals);
    const std::string_view value = field.substr(equals + 1);
    if (name == "id") {
      if (!id.empty() || !is_id(value)) return false;
      id = value;
    } else if (!is_field_name(name) || !is_record_value(value)) {
      return false;
    }
  }
  return !id.empty();
}

// Visible ASCII, octets of UTF-8, spaces between.
bool is_policy_value(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet >= ' ' && octet != 0x7f;
  });
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
    if (colon == std::string_view::npos) return Reason::sts_policy_malformed;
    const std::string_view key = line.substr(0, colon);
    const std::string_view value = trim(line.substr(colon + 1));
    if (!is_field_name(key) || !is_policy_value(value)) return Reason::sts_policy_malformed;
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

 private:
  Reason take_version(std::string_view value) {
    if (version_) return Reason::sts_ok;
    version_ = true;
    return value == "STSv1" ? Reason::sts_ok : Reason::sts_policy_version;
  }
  Reason take_mode(std::string_view value) {
    if (mode_) return Reason::sts_ok;
    const auto mode = mode_from(value);
    mode_ = true;
    policy_.mode = mode.value_or(StsMode::none);
    return mode ? Reason::sts_ok : Reason::sts_policy_mode;
  }
  Reason take_max_age(std::string_view value) {
    if (max_age_) return Reason::sts_ok;
    const auto seconds = max_age_from(value);
    max_age_ = true;
    policy_.max_age = seconds.value_or(0);
    return seconds ? Reason::sts_ok : Reason::sts_policy_max_age;
  }
  Reason take_mx(std::string_view value) {
    auto pattern = pattern_from(value);
    if (!pattern || policy_.patterns.size() == kMaxStsPatterns) return Reason::sts_policy_mx;
    policy_.patterns.push_back(std::move(*pattern));
    return Reason::sts_ok;
  }

  StsPolicy policy_;
  bool version_ = false, mode_ = false, max_age_ = false;
};

}  // namespace

std::string_view to_string(StsMode mode) {
  constexpr std::array<std::string_view, 3> kWords{"enforce", "testing", "none"};
  return kWords[static_cast<std::size_t>(mode)];
}

StsRecordResult parse_sts_record(std::span<const std::string> records) {
  StsRecordResult result;
  const std::string* found = nullptr;
  for (const auto& record : records) {
    if (record.substr(0, kRecordVersion.size()) != kRecordVersion) continue;
    if (found != nullptr) {
      result.reason = Reason::sts_record_several;
      return result;
    }
    found = &record;
  }
  if (found == nullptr) return result;
  std::string id;
  if (found->size() > kMaxRecord ||
      !read_record_fields(std::string_view(*found).substr(kRecordVersion.size()), id)) {
    result.reason = Reason::sts_record_malformed;
    return result;
  }
  result.id = std::move(id);
  result.reason = Reason::sts_ok;
  return result;
}

StsPolicyResult parse_sts_policy(std::string_view body) {
  if (body.size() > kMaxStsPolicy) return {std::nullopt, Reason::sts_policy_too_large, 0};
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
    if (reason != Reason::sts_ok) return {std::nullopt, reason, number};
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
