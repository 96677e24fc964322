#include "harness/report/badge.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "harness/report/target.hpp"
#include "harness/text/printable.hpp"

namespace mxident::harness {

std::string badge_json(const std::string& client, const BadgeCounts& counts, const RunFooter& footer) {
  std::string message, colour;
  if (!footer.complete) {
    message = "run interrupted";
    colour = "lightgrey";
  } else if (counts.wrong + counts.right == 0) {
    message = "not tried";
    colour = "lightgrey";
  } else {
    message = fmt::format("{} of {} wrong servers accepted", counts.wrong_taken, counts.wrong);
    if (counts.right_refused)
      message += fmt::format(", {} of {} right ones refused", counts.right_refused, counts.right);
    if (counts.broken) message += fmt::format(", {} without an end", counts.broken);
    colour = counts.wrong_taken ? "red" : counts.right_refused || counts.broken ? "yellow" : "brightgreen";
  }
  nlohmann::ordered_json json{{"schemaVersion", 1},
                              {"label", cut_text("mxident: " + one_line(client), 100)},
                              {"message", message},
                              {"color", colour}};
  if (!footer.complete) json["isError"] = true;
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void BadgeReport::on_begin(const RunHeader& header) {
  for (const auto& column : header.columns) clients_[column.client];
}

void BadgeReport::on_cell(const CellResult& result) {
  BadgeCounts& counts = clients_[result.client];
  switch (result.outcome) {
    case Outcome::unsupported:
    case Outcome::either:
      return;
    case Outcome::hang:
    case Outcome::crash:
    case Outcome::harness_error:
      ++counts.broken;
      return;
    case Outcome::lax:
    case Outcome::downgrade:
      ++counts.wrong;
      ++counts.wrong_taken;
      return;
    case Outcome::strict:
      ++counts.right;
      ++counts.right_refused;
      return;
    case Outcome::pass:
      ++(result.expected == Expected::reject || result.expected == Expected::none ? counts.wrong
                                                                                  : counts.right);
      return;
  }
}

void BadgeReport::on_end(const RunFooter& footer) {
  for (const auto& [client, counts] : clients_) deliver_(client, badge_json(client, counts, footer));
}

}  // namespace mxident::harness
