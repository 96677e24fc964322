// One cell: the first process of a client, which makes the cell, starts the program in it and takes
// everything down.
#pragma once

#include <sys/types.h>

#include "harness/sandbox/sandbox.hpp"
#include "harness/sandbox/wire.hpp"

namespace mxident::harness::sandbox {

/// All that the first process needs, prepared before it exists: it must not allocate.
struct CellPlan {
  Level level = Level::none;
  const char* program = nullptr;
  char* const* arguments = nullptr;
  char* const* environment = nullptr;
  const char* work_dir = nullptr;
  const char* resolv_conf = nullptr;  ///< null: none
  const char* hosts = nullptr;
  /// Directories to lay over others: FROM, TO, FROM, TO..., null; and those of TO that can be written to.
  char* const* binds = nullptr;
  char* const* writable = nullptr;
  int input = -1, output = -1;
};

/// Makes the first process of a cell, from a single-threaded program whose signals are blocked and at their
/// defaults. Returns its pid, or minus an errno value. The process ends when its program has ended, and with
/// it every process of the cell: as pid 1 of a pid namespace it takes them along; at Level::none it is their
/// subreaper and kills them. `report` lies in shared memory and must stay until then. To end the cell early,
/// send end_signal(level).
pid_t make_cell(const CellPlan& plan, CellReport* report);
int end_signal(Level level);

}  // namespace mxident::harness::sandbox
