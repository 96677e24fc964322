// Lines for a terminal.
#pragma once

#include <string>
#include <string_view>

namespace mxident::harness {

/// The words of `text` in lines of at most `width` columns, each but the first behind `indent` blanks, which
/// count. A word that is longer stands alone on its line. `column` is where the first line begins. Columns
/// are characters of UTF-8. No line end at the end.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent, std::size_t column = 0);

/// Columns of the terminal on standard output; $COLUMNS where that is set to a number; `otherwise` for files
/// and pipes.
std::size_t text_width(std::size_t otherwise);

}  // namespace mxident::harness
