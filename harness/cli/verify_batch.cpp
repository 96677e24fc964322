#include "harness/cli/verify_batch.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "harness/input/json_input.hpp"
#include "harness/results/writer.hpp"
#include "harness/text/digest.hpp"
#include "harness/text/printable.hpp"
#include "verifier/match.hpp"

namespace mxident::harness::cli {
namespace {

/// A domain has at most 253 characters, as U-labels somewhat more octets.
constexpr std::size_t kMostOfALine = 1000;
constexpr std::size_t kMostOfAResult = 64u << 20;

/// As results name it.
std::string domain_name(const std::string& line) {
  const ReferenceResult made = make_reference(line, ReferenceOrigin::recipient_domain, NameRules{});
  return made.reference ? made.reference->text : line;
}

}  // namespace

boost::asio::awaitable<std::optional<std::string>> BatchLines::next() {
  auto line = co_await boost::asio::co_spawn(thread_, read(), boost::asio::use_awaitable);
  if (line) ++count_;
  co_return line;
}

boost::asio::awaitable<std::optional<std::string>> BatchLines::read() {
  std::string line;
  for (;;) {
    line.clear();
    int c = std::cin.get();
    if (c == std::char_traits<char>::eof()) co_return std::nullopt;
    for (; c != '\n' && c != std::char_traits<char>::eof(); c = std::cin.get()) {
      // What is too long is cut one character behind the limit: it fails as a name, with its beginning shown.
      if (line.size() <= kMostOfALine) line += static_cast<char>(c);
    }
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == line.npos || line[first] == '#') continue;
    const std::size_t last = line.find_last_not_of(" \t\r");
    co_return line.substr(first, last - first + 1);
  }
}

BatchWork::BatchWork(const VerifyArguments& arguments) {
  const bool any = !arguments.output.empty() || !arguments.shard.empty();
  if (any && !arguments.batch) throw InputError("verify", "", "--output and --shard want --batch with them");
  if (!arguments.shard.empty()) shard_ = parse_shard(arguments.shard);
  if (!arguments.output.empty()) open(arguments.output, arguments.resume);
}

void BatchWork::open(const std::string& path, bool go_on) {
  const auto refuse = [&] {
    throw OutputError(fmt::format("{}: cannot be written: {}", path, std::strerror(errno)));
  };
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) refuse();
  file_.reset(::fdopen(fd, "r+"));
  if (!file_) {
    ::close(fd);
    refuse();
  }
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0)
    throw OutputError(fmt::format("{}: another call is writing there; give this one another --output", path));
  off_t whole = 0;  // octets of whole lines
  std::size_t number = 0;
  std::ifstream in(path, std::ios::binary);
  for (std::string line; go_on && std::getline(in, line) && !in.eof();) {
    ++number;
    if (line.size() > kMostOfAResult)
      throw InputError(path, fmt::format("line {}", number), "is longer than any result");
    const auto json = nlohmann::json::parse(line, nullptr, false);
    const bool ours = json.is_object() && json.contains("domain") && json["domain"].is_string() &&
                      json.contains("exit") && json["exit"].is_number_integer();
    if (!ours) throw InputError(path, fmt::format("line {}", number), "is no result of verify --json");
    done_.insert(json["domain"].get<std::string>());
    worst_ = std::max(worst_, std::clamp(json["exit"].get<int>(), 0, 5));
    whole += static_cast<off_t>(line.size()) + 1;
  }
  if (::ftruncate(fd, whole) != 0 || std::fseek(file_.get(), 0, SEEK_END) != 0) refuse();
}

bool BatchWork::wants(const std::string& line) const {
  if (shard_.of == 1 && done_.empty()) return true;
  const std::string domain = domain_name(line);
  if (done_.contains(domain)) return false;
  // By its name: whatever else is in the list, a domain is of the same shard.
  return shard_.of == 1 ||
         std::stoull(sha256_hex(domain).substr(0, 12), nullptr, 16) % shard_.of + 1 == shard_.index;
}

}  // namespace mxident::harness::cli
