// Descriptors, files and packets: the few system calls that every part of the sandbox needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mxident::harness::sandbox {

/// An owned file descriptor; -1 is none.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~Fd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

/// `what` with the text of an errno value: "cannot mount /proc: Operation not permitted".
std::string system_message(const std::string& what, int error);

/// A step of the sandbox's set-up that the system refused.
class SetupError : public std::runtime_error {
 public:
  SetupError(const std::string& what, int error) : runtime_error(system_message(what, error)) {}
  explicit SetupError(const std::string& what) : runtime_error(what) {}
};

/// Replaces the file's content; the file keeps its inode, so that bind mounts of it stay true. Throws
/// SetupError.
void write_file(const std::string& path, std::string_view text);
/// Writes one value into a file that exists, as /proc wants it: one write call. Returns 0 or an errno value.
int write_value(const std::string& path, std::string_view text);
/// The whole file; empty if it cannot be read.
std::string read_file(const std::string& path);
/// Makes the directory and its missing parents. Throws SetupError.
void make_directories(const std::string& path);
/// An anonymous file in memory with this content, read position at its start. Throws SetupError.
Fd memory_file(const char* name, std::string_view text);

/// A connected pair of packet sockets, close-on-exec. Throws SetupError.
std::pair<Fd, Fd> packet_sockets();
/// Sends one packet with descriptors. Returns 0 or an errno value (EAGAIN where `flags` holds MSG_DONTWAIT).
int send_packet(int socket, std::span<const std::byte> bytes, std::span<const int> fds, int flags);
/// Receives one packet. Returns its size, 0 at the end of the connection, or minus an errno value.
int receive_packet(int socket, std::span<std::byte> bytes, std::vector<Fd>& fds, int flags);

/// Opens /dev/null on standard descriptors that are closed, so that no other descriptor gets their numbers.
void ensure_standard_descriptors();

}  // namespace mxident::harness::sandbox
