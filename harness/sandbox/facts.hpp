// What the way in hands to the Sandbox object.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "harness/sandbox/io.hpp"
#include "harness/sandbox/sandbox.hpp"

namespace mxident::harness::sandbox {

struct SandboxFacts {
  Level level = Level::none;
  std::string base;        ///< directory of work, cells and trust
  std::string notes;       ///< what went otherwise than hoped, for people
  bool real_root = false;  ///< the caller was uid 0
  bool sub_users = false;  ///< programs can change to other users
  pid_t helper = 0;        ///< at Level::none, the spawner: a child to wait for
};

/// `orders` leads to the spawner.
std::unique_ptr<Sandbox> make_sandbox(SandboxFacts facts, Fd orders);

}  // namespace mxident::harness::sandbox
