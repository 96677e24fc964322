// A server as it is now, for `mxident repro --live`.
#pragma once

#include <string>

namespace mxident::harness::cli {

struct LiveServer {
  std::string host, ehlo;
  std::string starttls;      ///< "offered", "missing", "refused"
  std::string certificates;  ///< PEM, as sent; empty: STARTTLS did not come about
  bool is_trusted = false;   ///< a path leads to a trust anchor of this machine
};

/// Asks the server HOST[:PORT], as `mxident verify --mx` does. There is no network in the sandbox, in which
/// the program starts again: what was seen before is remembered there. Throws InputError where nothing is to
/// be seen.
LiveServer live_server(const std::string& host);

}  // namespace mxident::harness::cli
