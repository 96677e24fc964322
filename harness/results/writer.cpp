#include "harness/results/writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace mxident::harness {

ResultsWriter::ResultsWriter(const std::filesystem::path& file)
    : fd_(open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), file.string());
}

ResultsWriter::~ResultsWriter() {
  close(fd_);
}

void ResultsWriter::write(const std::string& line) {
  const std::string text = line + "\n";
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t n = ::write(fd_, text.data() + at, text.size() - at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw std::system_error(errno, std::generic_category(), "results.ndjson");
    at += static_cast<std::size_t>(n);
  }
}

}  // namespace mxident::harness
