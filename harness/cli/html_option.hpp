// --report html:FILE of the commands that answer with one page.
#pragma once

#include <string>

namespace mxident::harness::cli {

/// FILE of html:FILE. Throws InputError for anything else; nothing is written yet.
std::string html_file(const std::string& report);

/// The page, whole. Throws OutputError.
void write_page(const std::string& file, const std::string& page);

}  // namespace mxident::harness::cli
