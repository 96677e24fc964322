// Runs one external client in one cell: its files, its set-up commands, its command.
#pragma once

#include <functional>
#include <string>

#include "harness/driver/driver.hpp"
#include "harness/driver/manifest.hpp"
#include "harness/driver/placeholders.hpp"
#include "harness/driver/workers.hpp"
#include "harness/sandbox/sandbox.hpp"

namespace mxident::harness {

using ProcessClientDone = std::function<void(sandbox::ProcessResult, RanIn)>;

struct ProcessClientJob {
  const Manifest* manifest = nullptr;
  const ClientMode* mode = nullptr;
  PlaceholderValues values;  ///< without work_dir, message_file, program_dir: those are added
  std::string resolv_conf;   ///< of the cell; empty in the fallback
};

/// Starts the job, in a worker where there are `workers`, one is free and the mode can run in one; else in a
/// process of its own. `done` is called once, on a thread of the sandbox, when all its processes are gone and
/// its work directory is removed (or on a worker's, when the job has ended). A set-up command that fails ends
/// the job with End::not_started and the sentence in `error`.
void start_process_client(sandbox::Sandbox& sandbox, Workers* workers, ProcessClientJob job,
                          ProcessClientDone done);

}  // namespace mxident::harness
