// A difference of two results for a comment and as a page: the same counts as its text.
#pragma once

#include <string>

#include "harness/analysis/diff.hpp"

namespace mxident::harness {

/// Fits a comment (kMarkdownOctets); empty where there is no news, so that none need be written.
std::string diff_markdown(const RunDiff& diff);

/// A page that opens from a disk, without any script.
std::string diff_html(const RunDiff& diff, const std::string& before, const std::string& after);

}  // namespace mxident::harness
