#include "harness/guide/advice.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "decisions_text.hpp"

#include "harness/text/ascii.hpp"

namespace mxident::harness {
namespace {

struct Row {
  std::string_view ids;
  Advice advice;
};
constexpr auto kRows = std::to_array<Row>({
#define MXIDENT_ADVICE(ids, means, causes, server, sender, scenario) \
  {ids, {means, causes, server, sender, scenario}},
#include "harness/guide/advice.def"
#undef MXIDENT_ADVICE
});

constexpr auto kTlsRpt = std::to_array<TlsRptInfo>({
#define MXIDENT_TLS_RPT(type, section, means, causes, server, sender) \
  {TlsRptType::type, section, {means, causes, server, sender, {}}},
#include "harness/guide/tls_rpt.def"
#undef MXIDENT_TLS_RPT
});

/// Members of a refined policy (docs/clients.md) by the decision that they turn.
constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kMembers{{
    {"D1", "common_name: never, last-resort or unless-dns-name"},
    {"D2", "ip_blocks_common_name: on or off"},
    {"D3", "partial_wildcards, inner_wildcards: allow or forbid"},
    {"D4", "multi_label_wildcards: allow or forbid"},
    {"D5", "public_suffix_guard: on or off"},
    {"D6", "labels_after_wildcard: a number"},
    {"D9", "underscore: allow or forbid"},
    {"D16", "uts46_mapping: on or off"},
    {"D20", "common_name_choice: most-specific or each-single-valued-rdn"},
    {"D23", "single_label_references: allow or forbid"},
}};

/// Calls `each` for the parts of `text` between `separator`s.
template <typename Each>
void split(std::string_view text, char separator, Each&& each) {
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    each(text.substr(at, end - at));
    at = end + 1;
  }
}

/// Rows of the table in the document: "| D1 | question | default |".
std::vector<DecisionInfo> read_decisions() {
  std::vector<DecisionInfo> out;
  split(kDecisionsText, '\n', [&](std::string_view line) {
    if (!line.starts_with("| D")) return;
    std::vector<std::string_view> cells;
    split(line, '|', [&](std::string_view cell) { cells.push_back(trimmed(cell)); });
    if (cells.size() < 4 || cells[1].find_first_not_of("0123456789", 1) != std::string_view::npos) return;
    DecisionInfo info{cells[1], cells[2], cells[3], {}};
    for (const auto& [id, member] : kMembers) {
      if (id == info.id) info.member = member;
    }
    out.push_back(info);
  });
  return out;
}

}  // namespace

Advice advice_for(Reason reason) {
  const std::string_view id = to_string(reason);
  for (const auto& row : kRows) {
    bool found = false;
    split(row.ids, ' ', [&](std::string_view one) { found |= one == id; });
    if (found) return row.advice;
  }
  const TlsRptInfo* const word = find_tls_rpt(tls_rpt_type(reason));
  return word == nullptr ? Advice{} : word->advice;
}

std::span<const TlsRptInfo> tls_rpt_infos() {
  return kTlsRpt;
}

const TlsRptInfo* find_tls_rpt(std::string_view word) {
  if (word.empty()) return nullptr;
  const auto found = std::find_if(kTlsRpt.begin(), kTlsRpt.end(),
                                  [&](const auto& info) { return to_string(info.type) == word; });
  return found == kTlsRpt.end() ? nullptr : &*found;
}

std::span<const DecisionInfo> all_decisions() {
  static const std::vector<DecisionInfo> decisions = read_decisions();
  return decisions;
}

std::span<const std::string_view> advice_ids() {
  static const std::vector<std::string_view> ids = [] {
    std::vector<std::string_view> out;
    for (const auto& row : kRows) split(row.ids, ' ', [&](std::string_view id) { out.push_back(id); });
    return out;
  }();
  return ids;
}

}  // namespace mxident::harness
