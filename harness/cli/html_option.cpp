#include "harness/cli/html_option.hpp"

#include <fmt/format.h>

#include "harness/input/json_input.hpp"
#include "harness/report/target.hpp"

namespace mxident::harness::cli {

std::string html_file(const std::string& report) {
  constexpr std::string_view kHtml = "html:";
  if (!report.starts_with(kHtml) || report.size() == kHtml.size())
    throw InputError("--report", "", fmt::format("found \"{}\", wanted html:FILE", report));
  return report.substr(kHtml.size());
}

void write_page(const std::string& file, const std::string& page) {
  const auto target = file_target(file);
  target->write(page);
  target->end();
}

}  // namespace mxident::harness::cli
