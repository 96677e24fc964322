// What the main program and the spawner say to each other: packets on one SOCK_SEQPACKET pair.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/sandbox/io.hpp"

namespace mxident::harness::sandbox {

enum class Order : std::uint32_t {
  start,  ///< carries descriptors: the request (a memory file), the write end of the output, and standard
          ///< input if any
  end,    ///< ends the cell now, with all its processes
};

/// From the main program to the spawner.
struct OrderPacket {
  Order order;
  std::uint32_t reserved;
  std::uint64_t cell;
};

enum class CellEnd : std::uint32_t {
  exited,       ///< `code` is the exit code of the program
  signalled,    ///< `code` is the signal
  killed,       ///< the cell was ended before its program
  not_started,  ///< `code` is an errno value, `step` says at what
};

/// The steps of making a cell, for people.
enum class CellStep : std::uint32_t { process, files, work_dir, execute };
std::string_view to_string(CellStep step);

/// What the processes of a cell leave behind.
struct CellReport {
  CellEnd end;
  CellStep step;
  std::int32_t code;
};

/// From the spawner to the main program: the cell and all its processes are gone.
struct EndPacket {
  std::uint64_t cell;
  CellReport report;
  std::int32_t reserved;
  std::int64_t wall_us, cpu_us;
};

/// A program to start. Texts hold no NUL octet.
struct Request {
  std::string program;  ///< a path
  std::string work_dir;
  std::string resolv_conf, hosts;        ///< files to lay over those of /etc; empty: none
  std::vector<std::string> arguments;    ///< argv
  std::vector<std::string> environment;  ///< NAME=VALUE
  std::vector<std::string> binds;        ///< directories to lay over others: FROM, TO, FROM, TO...
  std::vector<std::string> writable;     ///< of TO
};

/// The request as the text of a memory file, and back (nothing if it is none).
std::string encode(const Request& request);
std::optional<Request> decode(std::string_view text);

}  // namespace mxident::harness::sandbox
