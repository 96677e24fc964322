#include "harness/results/writer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace mxident::harness {
namespace {

namespace fs = std::filesystem;

std::string error_text(const fs::path& file) {
  return fmt::format("{}: cannot be written: {}", file.string(), std::strerror(errno));
}

/// False with errno set if the disk refuses.
bool write_all(int fd, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t n = ::write(fd, text.data() + at, text.size() - at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    at += static_cast<std::size_t>(n);
  }
  return true;
}

}  // namespace

void make_folder(const fs::path& folder) {
  std::error_code error;
  if (!folder.empty()) fs::create_directories(folder, error);
  if (error) throw OutputError(fmt::format("{}: cannot be made: {}", folder.string(), error.message()));
}

ResultsWriter::ResultsWriter(const fs::path& folder, Start start)
    : file_(fs::absolute(folder) / "results.ndjson") {
  make_folder(folder);
  // Opened without cutting it: what another run is writing stays.
  fd_ = open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd_ < 0) fail();
  if (flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    close(fd_);
    throw OutputError(fmt::format("{}: another run is writing there; give this one another --output",
                                  file_.parent_path().string()));
  }
  if (start == Start::anew && ftruncate(fd_, 0) != 0 &&
      errno != EINVAL) {  // EINVAL: a device has nothing to cut
    const std::string problem = error_text(file_);
    close(fd_);
    throw OutputError(problem);
  }
}

void ResultsWriter::go_on_at(std::uint64_t octets) {
  const auto place = static_cast<off_t>(octets);
  if (ftruncate(fd_, place) != 0 || lseek(fd_, place, SEEK_SET) != place) fail();
}

ResultsWriter::~ResultsWriter() {
  close(fd_);
}

void ResultsWriter::fail() const {
  throw OutputError(error_text(file_));
}

void ResultsWriter::write(const std::string& line) {
  if (!write_all(fd_, line + "\n")) fail();
}

void ResultsWriter::end(const RunFooter& footer) {
  write(to_line(footer));
  // A folder that was taken away meanwhile has swallowed all of it.
  if (std::error_code error; !fs::exists(file_, error))
    throw OutputError(fmt::format("{}: is gone: somebody removed it while the run went on", file_.string()));
}

NewFile::NewFile(fs::path file) : file_(std::move(file)) {
  std::error_code error;
  const fs::file_status status = fs::status(file_, error);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    // A device or a pipe takes what is written; a file in its place would be the end of it.
    fd_ = open(file_.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    // A link stays one: what it leads to is replaced.
    const fs::path target = fs::exists(status) ? fs::canonical(file_, error) : file_;
    beside_ = target.parent_path() / fmt::format(".{}.{}", target.filename().string(), getpid());
    target_ = target;
    fd_ = open(beside_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  }
  if (fd_ < 0) fail();
}

NewFile::~NewFile() {
  if (fd_ < 0) return;
  close(fd_);
  if (!beside_.empty()) unlink(beside_.c_str());
}

void NewFile::fail() const {
  throw OutputError(error_text(file_));
}

void NewFile::write(const std::string& text) {
  if (!write_all(fd_, text)) fail();
}

void NewFile::keep() {
  if (!beside_.empty() && (fsync(fd_) != 0 || rename(beside_.c_str(), target_.c_str()) != 0)) fail();
  close(fd_);
  fd_ = -1;
}

void write_file(const fs::path& file, const std::string& text) {
  NewFile out(file);
  out.write(text);
  out.keep();
}

}  // namespace mxident::harness
