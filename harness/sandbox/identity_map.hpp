// Which users exist in a new user namespace.
#pragma once

#include <sys/types.h>

namespace mxident::harness::sandbox {

/// Writes the maps of `process`, which stands in a new user namespace of ours. A caller with uid 0 maps all
/// users that it sees to themselves; another one becomes uid 0, with its subordinate ids (subuid(5)) from 1
/// on where newuidmap(1) grants them. Throws SetupError.
void map_users(pid_t process);

/// Whether the present user namespace knows more than one user.
bool has_several_users();

}  // namespace mxident::harness::sandbox
