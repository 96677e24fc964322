// mxident verify --batch: very many domains, one after another, some at a time.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "harness/cli/verify_options.hpp"
#include "harness/run/shard.hpp"

namespace mxident::harness::cli {

/// Reads standard input on a thread of its own, one line at a time, so that a slow writer does not hold up
/// results. Blanks around, empty lines and those that begin with "#" are left out.
class BatchLines {
 public:
  boost::asio::awaitable<std::optional<std::string>> next();
  std::size_t count() const { return count_; }  ///< so many lines were a domain

 private:
  static boost::asio::awaitable<std::optional<std::string>> read();
  boost::asio::thread_pool thread_{1};
  std::size_t count_ = 0;
};

/// Which domains this call looks at, and where its results go: standard output, or the file of --output, in
/// which an earlier call may have some already.
class BatchWork {
 public:
  /// Throws InputError for options that do not go together and for a file that holds something else,
  /// OutputError for one that cannot be written.
  explicit BatchWork(const VerifyArguments& arguments);

  bool wants(const std::string& line) const;
  std::FILE* out() const { return file_ ? file_.get() : stdout; }
  int worst_before() const { return worst_; }  ///< exit code of what the file had

 private:
  void open(const std::string& path, bool go_on);
  Shard shard_;
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file_;
  std::unordered_set<std::string> done_;
  int worst_ = 0;
};

}  // namespace mxident::harness::cli
