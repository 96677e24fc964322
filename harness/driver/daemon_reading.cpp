// What a daemon says, line by line, and whose it is.
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <utility>

#include "harness/driver/daemon.hpp"
#include "harness/driver/says.hpp"
#include "harness/text/ascii.hpp"

namespace mxident::harness {

void DaemonDriver::drain_log() {
  syslog_.drain([this](const std::string& line) {
    add_to_log(line + "\n");
    look_at_line(line);
  });
  if (!log_) return;
  std::array<char, 8192> block;
  ssize_t size = 0;
  while ((size = ::read(log_.get(), block.data(), block.size())) > 0)
    take_log({block.data(), static_cast<std::size_t>(size)});
  if (size == 0) log_.reset();
}

void DaemonDriver::take_log(std::string_view text) {
  if (!daemon_.log_file.empty() && state_ != State::starting) return;
  add_to_log(text);
  if (!daemon_.log_file.empty()) return;
  for (const char c : text) {
    if (c != '\n') {
      if (line_.size() < kLineKept) line_ += c;
      continue;
    }
    look_at_line(std::exchange(line_, {}));
  }
}

void DaemonDriver::add_to_log(std::string_view text) {
  all_log_ += text;
  if (all_log_.size() > 2 * kLogKept) all_log_.erase(0, all_log_.size() - kLogKept);
}

void DaemonDriver::read_log_file() {
  if (daemon_.log_file.empty() || process_ == 0) return;
  std::ifstream file(work_dir_ + "/" + daemon_.log_file, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(log_file_read_));
  std::array<char, 8192> block;
  while (file.read(block.data(), block.size()), file.gcount() > 0) {
    const std::string_view text(block.data(), static_cast<std::size_t>(file.gcount()));
    log_file_read_ += text.size();
    if (state_ == State::starting) all_log_ += text.substr(0, kLineKept);
    for (const char c : text) {
      if (c != '\n') {
        if (line_.size() < kLineKept) line_ += c;
        continue;
      }
      look_at_line(std::exchange(line_, {}));
    }
  }
}

bool DaemonDriver::has_no_log_file() const {
  std::error_code ignored;
  return !daemon_.log_file.empty() && !std::filesystem::exists(work_dir_ + "/" + daemon_.log_file, ignored);
}

void DaemonDriver::look_at_line(const std::string& line) {
  bool names_one = false;
  std::string before;
  const std::string folded = lower(line);  // some agents write the domain in small letters
  for (auto at = cells_.begin(); at != cells_.end();) {
    const auto cell = at++;
    const std::string& recipient = cell->second.task.recipient;
    if (cell->second.step == Cell::Step::waiting || folded.find(lower(recipient)) == std::string::npos)
      continue;
    if (!std::exchange(names_one, true)) before = threads_.take(line);
    if (cell->second.log.size() < kCellLogKept) cell->second.log += before + line + "\n";
    if (!daemon_.settled_thread.empty()) threads_.give(line, cell->first);
    finish_if_settled(cell, line);
  }
  if (!names_one) look_at_nameless_line(line);
}

/// Of a message's session that failed some agents say no more than whom it was with.
void DaemonDriver::look_at_nameless_line(const std::string& line) {
  if (!daemon_.peer.empty()) {
    const auto at = peers_.find(first_group(daemon_.peer, line));
    if (at != peers_.end()) threads_.give(line, at->second);
  }
  const auto cell = cells_.find(threads_.owner(line));
  if (cell == cells_.end()) {
    threads_.keep(line);
    return;
  }
  if (cell->second.log.size() < kCellLogKept) cell->second.log += line + "\n";
  finish_if_settled(cell, line);
}

}  // namespace mxident::harness
