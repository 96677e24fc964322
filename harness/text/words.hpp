// The words of the harness as types, with their one spelling (design: words).
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace mxident::harness {

/// What a client did, over all connections of a cell.
enum class Decision { accept, reject, plaintext, none };
/// What it ought to do; `either` where the standards leave it open.
enum class Expected { accept, reject, plaintext, none, either };
enum class Outcome { pass, lax, strict, downgrade, either, unsupported, hang, crash, harness_error };
enum class LayerState { ok, failed, not_checked, not_reached, unknown };
enum class BaselineState { none, as_known, news, fixed };

std::string_view to_string(Decision value);
std::string_view to_string(Expected value);
std::string_view to_string(Outcome value);
std::string_view to_string(LayerState value);
std::string_view to_string(BaselineState value);

std::optional<Expected> expected_from_string(std::string_view text);
std::optional<Decision> decision_from_string(std::string_view text);
std::optional<Outcome> outcome_from_string(std::string_view text);
std::optional<LayerState> layer_state_from_string(std::string_view text);
std::optional<BaselineState> baseline_state_from_string(std::string_view text);

struct Layers {
  LayerState connect = LayerState::not_reached;
  LayerState smtp = LayerState::not_reached;
  LayerState starttls = LayerState::not_reached;
  LayerState handshake = LayerState::not_reached;
  LayerState chain = LayerState::not_reached;
  LayerState name = LayerState::not_reached;
  LayerState policy = LayerState::not_reached;
  LayerState delivery = LayerState::not_reached;
};
/// Names and members of the layers, in their order.
inline constexpr std::array<std::pair<std::string_view, LayerState Layers::*>, 8> kLayers{
    {{"connect", &Layers::connect},
     {"smtp", &Layers::smtp},
     {"starttls", &Layers::starttls},
     {"handshake", &Layers::handshake},
     {"chain", &Layers::chain},
     {"name", &Layers::name},
     {"policy", &Layers::policy},
     {"delivery", &Layers::delivery}}};

}  // namespace mxident::harness
