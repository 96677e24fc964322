#include "harness/analysis/commands.hpp"

namespace mxident::harness {
namespace {

std::uint64_t place_of(std::size_t column, std::size_t scenario) {
  return (std::uint64_t{column} << 40) | scenario;
}

}  // namespace

void Commands::add(std::size_t column, std::size_t scenario, const std::string& id,
                   const std::string& command) {
  if (patterns_.size() <= column) patterns_.resize(column + 1);
  Pattern& pattern = patterns_[column];
  const std::size_t at = command.find(id);
  if (!pattern.known && at != std::string::npos) {
    pattern = {true, command.substr(0, at), command.substr(at + id.size())};
    return;
  }
  const bool same = pattern.known &&
                    command.size() == pattern.before.size() + id.size() + pattern.after.size() &&
                    command.starts_with(pattern.before) && command.ends_with(pattern.after) &&
                    command.compare(pattern.before.size(), id.size(), id) == 0;
  if (!same) others_[place_of(column, scenario)] = command;
}

std::string Commands::of(std::size_t column, std::size_t scenario, const std::string& id) const {
  if (const auto other = others_.find(place_of(column, scenario)); other != others_.end())
    return other->second;
  if (column >= patterns_.size() || !patterns_[column].known) return "";
  return patterns_[column].before + id + patterns_[column].after;
}

}  // namespace mxident::harness
