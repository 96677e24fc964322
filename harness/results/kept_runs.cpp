#include "harness/results/kept_runs.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <nlohmann/json.hpp>

#include "harness/results/writer.hpp"

namespace mxident::harness {
namespace {

namespace fs = std::filesystem;

/// No colons: not every system takes them in a name.
std::string time_name(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[32] = {};
  std::strftime(text, sizeof text, "%Y-%m-%dT%H%M%SZ", &parts);
  return text;
}

[[noreturn]] void refuse(const fs::path& path) {
  throw OutputError(fmt::format("{}: cannot be written: {}", path.string(), std::strerror(errno)));
}

}  // namespace

fs::path new_run_folder(const fs::path& folder, std::int64_t time) {
  make_folder(folder);
  std::error_code error;
  const std::string name = time_name(time);
  for (unsigned n = 1; n < 1000; ++n) {
    const fs::path run = folder / (n == 1 ? name : fmt::format("{}-{}", name, n));
    if (fs::create_directory(run, error)) return run;
    if (error) throw OutputError(fmt::format("{}: cannot be made: {}", run.string(), error.message()));
  }
  throw OutputError(fmt::format("{}: has a thousand runs of this second", folder.string()));
}

void add_to_index(const fs::path& run, const RunHeader& header, const RunFooter& footer, int exit_code) {
  const fs::path folder = run.parent_path(), index = folder / "runs.ndjson", latest = folder / "latest";
  nlohmann::ordered_json counts = nlohmann::ordered_json::object(), clients = counts;
  for (const auto& [outcome, count] : footer.counts) counts[std::string(to_string(outcome))] = count;
  for (const auto& column : header.columns) clients[column.client] = column.version;
  const nlohmann::ordered_json json{{"run", run.filename().string()},
                                    {"mxident", header.mxident_version},
                                    {"suite", header.suite_digest},
                                    {"clients", clients},
                                    {"counts", counts},
                                    {"news", footer.news},
                                    {"fixed", footer.fixed},
                                    {"complete", footer.complete},
                                    {"exit_code", exit_code}};
  const std::string line = json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  const int fd = open(index.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) refuse(index);
  // In one piece: another run may add its line at the same time.
  const bool written = write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  if (close(fd) != 0 || !written) refuse(index);
  if (!footer.complete) return;
  const fs::path beside = folder / fmt::format(".latest.{}", getpid());
  unlink(beside.c_str());
  if (symlink(run.filename().c_str(), beside.c_str()) != 0 || rename(beside.c_str(), latest.c_str()) != 0)
    refuse(latest);
}

}  // namespace mxident::harness
