// The head of the pages that are written as a whole and run no script.
#pragma once

#include <string>
#include <string_view>

namespace mxident::harness {

/// Up to <body>, for narrow and dark screens, too. `title` is plain text; `style` is behind what all pages
/// share and may use its colours: --bad, --good, --odd (backgrounds), --head and --quiet.
std::string page_head(std::string_view title, std::string_view style);

}  // namespace mxident::harness
