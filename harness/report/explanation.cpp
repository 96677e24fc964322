#include "harness/report/explanation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/text/printable.hpp"

namespace mxident::harness {

std::string explanation(const Fault& fault) {
  const auto& [scenario, r] = fault;
  const std::string sources = printable(fmt::format("{}", fmt::join(scenario.sources, ", ")));
  std::string out;
  out += fmt::format("  scenario  {}: {}\n", printable(scenario.id), printable(scenario.title));
  out += fmt::format("  expected  {} under {}{}{}\n", to_string(r.expected), printable(r.policy),
                     scenario.reason.empty() ? "" : ", " + printable(scenario.reason),
                     sources.empty() ? "" : " (" + sources + ")");
  out += fmt::format("  observed  {}{}{}{}\n", r.decision ? to_string(*r.decision) : "nothing",
                     r.reason.empty() ? "" : ", " + printable(r.reason),
                     r.note.empty() ? "" : ": " + one_line(r.note),
                     r.said.empty() ? "" : fmt::format("; it said \"{}\"", printable(r.said)));
  std::string layers;
  for (const auto& [name, member] : kLayers)
    layers += fmt::format("{}{}={}", layers.empty() ? "" : " ", name, to_string(r.layers.*member));
  out += "  layers    " + layers + "\n";
  out += fmt::format("  tls       SNI {}{}\n",
                     r.sni ? (r.sni->empty() ? "none" : printable(*r.sni)) : "(no ClientHello)",
                     r.alert.empty() ? "" : ", alert from the client: " + printable(r.alert));
  const char* head = "  wire      ";
  for (const auto& event : r.events) {
    out += head + wire_line(event) + "\n";
    head = "            ";
  }
  head = "  output    ";
  for (std::size_t at = 0; at < r.words.size();) {
    const std::size_t end = std::min(r.words.find('\n', at), r.words.size());
    out += head + visible(r.words.substr(at, end - at)) + "\n";
    head = "            ";
    at = end + 1;
  }
  out += fmt::format("  again     {}\n", one_line(r.reproduce));
  return out;
}

}  // namespace mxident::harness
