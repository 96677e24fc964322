// The known word that somebody who mistyped most likely meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace mxident::harness {

/// Edit distance (insert, delete, replace, swap of neighbours); texts beyond 64 octets count as far from everything.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The nearest of `known`, or an empty view if none is near (more than a third of its length and more than 2 away).
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

/// ", did you mean "x"?" or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

}  // namespace mxident::harness
