// Octets that came from elsewhere, made fit for a terminal or a file that people read.
#pragma once

#include <string>
#include <string_view>

namespace mxident::harness {

/// Printable ASCII and UTF-8 stay, control octets and broken sequences become \xNN, `\` `\\`.
std::string printable(std::string_view octets);

/// The same, but what is not ASCII becomes \xNN, too: for lines in which nothing may change the direction of
/// writing or stand for another letter.
std::string printable_ascii(std::string_view octets);

/// Text of several lines whose escapes, if it has any, were made before: line ends, tabs and backslashes
/// stay, everything else that a terminal would obey and a reader not see becomes \xNN.
std::string visible(std::string_view octets);

/// The same on one line: line ends and tabs become blanks.
std::string one_line(std::string_view octets);

/// "&lt;" for '<', and likewise for '>' and '&'; empty for any other octet.
std::string_view markup_entity(char c);

/// Text between the tags of HTML or in an attribute: nothing in it is a tag or ends the attribute, control
/// octets become blanks.
std::string markup_text(std::string_view text);

}  // namespace mxident::harness
