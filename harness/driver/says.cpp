#include "harness/driver/says.hpp"

#include <algorithm>
#include <boost/regex.hpp>
#include <stdexcept>

namespace mxident::harness {
namespace {

using Match = boost::match_results<std::string_view::const_iterator>;

/// Boost.Regex throws std::runtime_error where the work on hostile output would grow without bound.
bool search(const std::string& pattern, std::string_view output, Match& match) {
  try {
    return boost::regex_search(output.begin(), output.end(), match, boost::regex(pattern));
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace

bool holds(const SaysPattern& pattern, const ClientWords& words) {
  if (std::find(pattern.exit.begin(), pattern.exit.end(), words.exit_code) != pattern.exit.end()) return true;
  Match match;
  return !pattern.output.empty() && search(pattern.output, words.output, match);
}

std::string said(const Says& says, const ClientWords& words) {
  if (holds(says.rejected, words)) return "rejected";
  if (holds(says.verified, words)) return "verified";
  if (holds(says.unverified, words)) return "unverified";
  return "";
}

LayerState said_layer(const Says& says, std::string_view layer, const ClientWords& words) {
  const auto it = says.layers.find(std::string(layer));
  if (it == says.layers.end()) return LayerState::unknown;
  if (holds(it->second.failed, words)) return LayerState::failed;
  if (holds(it->second.ok, words)) return LayerState::ok;
  return LayerState::unknown;
}

std::string first_group(const std::string& pattern, std::string_view output) {
  Match match;
  if (!search(pattern, output, match) || match.size() < 2) return "";
  return match[1].str();
}

}  // namespace mxident::harness
