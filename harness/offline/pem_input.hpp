// Certificates that people hand in as files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mxident::harness::cli {

/// The certificates of a PEM text in their order, as DER; a text that is one DER certificate is taken as
/// such. What a block holds is not looked at. Throws InputError, naming `file` and the block.
std::vector<std::string> certificates_from(std::string_view text, const std::string& file);

}  // namespace mxident::harness::cli
