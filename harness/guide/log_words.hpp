// What a line of a log, of a terminal or of an SMTP reply says of a server's certificate.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "harness/driver/manifest.hpp"
#include "harness/guide/page.hpp"

namespace mxident::harness {

/// A page for each known phrase in `line` ("verify=OK", "Untrusted TLS connection established", "4.7.5"), in
/// the order of the line. A line without any is read by the patterns of `clients`, as a run reads their
/// words: then one page, if one of them tells how chain or name went. Empty: nobody knows the line.
/// Its first 4000 octets are read.
std::vector<Page> log_pages(std::string_view line, std::span<const Manifest> clients);

/// All phrases, for tests.
std::vector<std::string_view> log_phrases();

}  // namespace mxident::harness
