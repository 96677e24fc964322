#include "harness/text/page.hpp"

#include <fmt/format.h>

#include "harness/text/printable.hpp"

namespace mxident::harness {
namespace {

constexpr std::string_view kStyle =
    ":root{color-scheme:light dark;--bad:#fbd9c9;--good:#cfe6f7;--odd:#f5ecc8;--head:#eee;--quiet:#555}"
    "body{font:15px/1.45 sans-serif;margin:2em auto;max-width:75em;padding:0 "
    "1em;color:#1b1b1b;background:#fff}"
    "table{border-collapse:collapse;margin:.5em 0 1.5em}td,th{border:1px solid #999;padding:.2em .6em;"
    "text-align:left;vertical-align:top;overflow-wrap:anywhere}th{background:var(--head)}code{font-size:90%}"
    "small{color:var(--quiet)}"
    "@media(prefers-color-scheme:dark){:root{--bad:#5c2a17;--good:#143c5a;--odd:#4a4013;--head:#333;"
    "--quiet:#aaa}body{color:#e6e6e6;background:#181818}}";

}  // namespace

std::string page_head(std::string_view title, std::string_view style) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n<title>{}</title><style>{}{}</style></head>\n<body>\n",
      markup_text(title), kStyle, style);
}

}  // namespace mxident::harness
