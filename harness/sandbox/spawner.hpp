// The small process between the main program and the cells. It is forked before the main program has threads
// or memory, so that a cell costs a clone of something small; inside namespaces it is their pid 1.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <string>

#include "harness/sandbox/io.hpp"
#include "harness/sandbox/sandbox.hpp"

namespace mxident::harness::sandbox {

/// Signals that the outer process and the spawner hand on to the main program.
sigset_t forwarded_signals();

/// As pid 1: serves orders, reaps, hands signals on to `main_program`, and ends with it: its wait status is
/// written to `outer` (four octets) and everything in the namespaces is gone. Ends too when `outer`'s other
/// end is closed.
[[noreturn]] void serve_as_init(Level level, Fd orders, Fd outer, pid_t main_program);

/// In the fallback, as child of the main program: serves orders until the connection ends (the main program
/// has ended or is done), then ends all cells and removes `base`.
[[noreturn]] void serve_as_helper(Fd orders, const std::string& base);

}  // namespace mxident::harness::sandbox
