#include "harness/explore/repro/page.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "harness/explore/repro/answer.hpp"
#include "harness/text/page.hpp"
#include "harness/text/printable.hpp"

namespace mxident::harness::repro {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kStyle =
    "body{max-width:60em}.refuses{background:var(--bad)}.delivers{background:var(--good)}"
    ".in-clear,.delivers-with-warning{background:var(--odd)}";

std::string words(const Json& value) {
  return markup_text(printable(value.get<std::string>()));
}

std::string stated(const Json& value) {
  return fmt::format("<code>{}</code> <small>{}</small>", words(value["value"]), words(value["from"]));
}

std::string row(std::string_view heading, const std::string& cell) {
  return fmt::format("<tr><th>{}</th><td>{}</td></tr>\n", heading, cell);
}

std::string list(std::string_view heading, const Json& sentences) {
  if (sentences.empty()) return {};
  std::string out = fmt::format("<h2>{}</h2>\n<ul>\n", heading);
  for (const auto& sentence : sentences) out += fmt::format("<li>{}</li>\n", words(sentence));
  return out + "</ul>\n";
}

std::string names(const Json& answer) {
  const auto& names = answer["names"];
  std::string certificate;
  for (const auto& name : names["certificate"])
    certificate += (certificate.empty() ? "" : "<br>") + stated(name);
  std::string out = "<h2>The three names</h2>\n<table>\n" + row("recipient domain", stated(names["domain"])) +
                    row("MX host", stated(names["mx_host"])) + row("certificate", certificate);
  if (names.contains("ehlo")) out += row("EHLO name", stated(names["ehlo"]));
  if (names.contains("banner")) out += row("greeting", stated(names["banner"]));
  return out + row("chain", stated(names["chain"])) + row("STARTTLS", stated(names["starttls"])) +
         "</table>\n" + list("Filled in, or not used", answer["remarks"]);
}

std::string policies(const Json& answer) {
  if (answer["policies"].empty()) return {};
  std::string out =
      "<h2>What policies say</h2>\n<table>\n<tr><th>policy</th><th>does</th><th>why</th></tr>\n";
  for (const auto& policy : answer["policies"]) {
    const std::string why = policy.contains("reason")
                                ? fmt::format("{} <small>{}; {}</small>", words(policy["sentence"]),
                                              words(policy["reason"]), words(policy["citation"]))
                                : "";
    out += fmt::format("<tr><td>{}</td><td class=\"{}\">{}</td><td>{}</td></tr>\n", words(policy["policy"]),
                       words(policy["does"]), words(policy["does"]), why);
  }
  return out + "</table>\n";
}

std::string clients(const Json& answer) {
  if (answer["clients"].empty()) return {};
  std::string out =
      "<h2>Who does what</h2>\n<table>\n<tr><th>client</th><th>mode</th><th>claims</th><th>does</th>"
      "<th>by its claim</th></tr>\n";
  for (const auto& client : answer["clients"]) {
    out += fmt::format(
        "<tr><td>{} {}</td><td>{}</td><td>{}</td><td class=\"{}\">{}</td><td>{}{}</td></tr>\n",
        words(client["client"]), words(client["version"]), words(client["mode"]), words(client["policy"]),
        words(client["does"]), words(client["does"]), words(client["outcome"]),
        client.contains("refuses_the_right_certificate_too") ? "; it refuses the right certificate, too"
                                                             : "");
  }
  return out + "</table>\n";
}

std::string reading(const Json& answer) {
  if (answer["understood"].empty() && answer["not_understood"]["count"] == 0) return {};
  std::string out =
      "<h2>What the text says</h2>\n<table>\n<tr><th>line</th><th>program</th><th>words</th></tr>\n";
  for (const auto& found : answer["understood"]) {
    out +=
        fmt::format("<tr><td>{}</td><td>{}</td><td><code>{}</code>{}</td></tr>\n",
                    found["line"].get<std::size_t>(), words(found["program"]), words(found["text"]),
                    found.contains("note") ? fmt::format("<br><small>{}</small>", words(found["note"])) : "");
  }
  return out + fmt::format("</table>\n<p>Lines that were not understood: {}</p>\n",
                           answer["not_understood"]["count"].get<std::size_t>());
}

}  // namespace

std::string html_of(const Json& answer) {
  return page_head("Who is right", kStyle) + "<h1>Who is right</h1>\n" + list("The answer", answer["right"]) +
         list("What the server's owner can do", answer["change"]["server"]) +
         list("What the sender's owner can do", answer["change"]["sender"]) + names(answer) +
         policies(answer) + clients(answer) + reading(answer) + "</body></html>\n";
}

}  // namespace mxident::harness::repro
