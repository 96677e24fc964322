#include "harness/text/words.hpp"

#include <span>
#include <utility>

namespace mxident::harness {
namespace {

template <typename T>
using Word = std::pair<T, std::string_view>;

constexpr Word<Decision> kDecisions[] = {{Decision::accept, "accept"},
                                         {Decision::reject, "reject"},
                                         {Decision::plaintext, "plaintext"},
                                         {Decision::none, "none"}};
constexpr Word<Expected> kExpected[] = {{Expected::accept, "accept"},
                                        {Expected::reject, "reject"},
                                        {Expected::plaintext, "plaintext"},
                                        {Expected::none, "none"},
                                        {Expected::either, "either"}};
constexpr Word<Outcome> kOutcomes[] = {{Outcome::pass, "pass"},
                                       {Outcome::lax, "lax"},
                                       {Outcome::strict, "strict"},
                                       {Outcome::downgrade, "downgrade"},
                                       {Outcome::either, "either"},
                                       {Outcome::unsupported, "unsupported"},
                                       {Outcome::hang, "hang"},
                                       {Outcome::crash, "crash"},
                                       {Outcome::harness_error, "harness-error"}};
constexpr Word<LayerState> kLayerStates[] = {{LayerState::ok, "ok"},
                                             {LayerState::failed, "failed"},
                                             {LayerState::not_checked, "not-checked"},
                                             {LayerState::not_reached, "not-reached"},
                                             {LayerState::unknown, "unknown"}};
constexpr Word<BaselineState> kBaselineStates[] = {{BaselineState::none, "none"},
                                                   {BaselineState::as_known, "as-known"},
                                                   {BaselineState::news, "news"},
                                                   {BaselineState::fixed, "fixed"}};

template <typename T>
std::string_view word_of(std::span<const Word<T>> table, T value) {
  for (const auto& [enumerator, word] : table) {
    if (enumerator == value) return word;
  }
  return "?";
}

template <typename T>
std::optional<T> value_of(std::span<const Word<T>> table, std::string_view text) {
  for (const auto& [enumerator, word] : table) {
    if (word == text) return enumerator;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Decision value) {
  return word_of<Decision>(kDecisions, value);
}
std::string_view to_string(Expected value) {
  return word_of<Expected>(kExpected, value);
}
std::string_view to_string(Outcome value) {
  return word_of<Outcome>(kOutcomes, value);
}
std::string_view to_string(LayerState value) {
  return word_of<LayerState>(kLayerStates, value);
}
std::string_view to_string(BaselineState value) {
  return word_of<BaselineState>(kBaselineStates, value);
}

std::optional<Expected> expected_from_string(std::string_view text) {
  return value_of<Expected>(kExpected, text);
}
std::optional<Decision> decision_from_string(std::string_view text) {
  return value_of<Decision>(kDecisions, text);
}
std::optional<Outcome> outcome_from_string(std::string_view text) {
  return value_of<Outcome>(kOutcomes, text);
}
std::optional<LayerState> layer_state_from_string(std::string_view text) {
  return value_of<LayerState>(kLayerStates, text);
}
std::optional<BaselineState> baseline_state_from_string(std::string_view text) {
  return value_of<BaselineState>(kBaselineStates, text);
}

}  // namespace mxident::harness
