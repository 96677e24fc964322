// The one table of reasons: enumerator, stable id, citation, sentence.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace mxident {

enum class Reason {
#define MXIDENT_REASON(name, id, citation, sentence) name,
#include "reasons.def"
#undef MXIDENT_REASON
};

struct ReasonInfo {
  Reason reason;
  std::string_view id;        ///< kebab-case, stable for ever
  std::string_view citation;  ///< RFC and section, or the project decision
  std::string_view sentence;  ///< for people; may be reworded
};

const ReasonInfo& info(Reason reason);
inline std::string_view to_string(Reason reason) { return info(reason).id; }
std::optional<Reason> reason_from_string(std::string_view id);
std::span<const ReasonInfo> all_reasons();

}  // namespace mxident
