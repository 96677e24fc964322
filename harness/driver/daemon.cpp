#include "harness/driver/daemon.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <utility>

#include "harness/driver/says.hpp"
#include "harness/text/ascii.hpp"

namespace mxident::harness {
namespace {

using sandbox::ProcessResult;

constexpr std::size_t kAtOnce = 16;
/// Starts in a row after which no message was settled, and starts that were lost in all: then no cell waits
/// for another one.
constexpr unsigned kMostFruitless = 3, kMostLost = 64;
constexpr std::chrono::milliseconds kLookAgain{20}, kEndIsKnown{3000};

bool somebody_listens(std::uint16_t port) {
  const sandbox::Fd probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
}

/// Throws SetupError or filesystem_error.
void write(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  sandbox::write_file(path, text);
}

std::string how(const ProcessResult& result) {
  switch (result.end) {
    case ProcessResult::End::exited:
      return fmt::format("ended with exit code {}", result.code);
    case ProcessResult::End::signalled:
      return fmt::format("was ended by signal {}", result.code);
    case ProcessResult::End::not_started:
      return fmt::format("did not start ({})", result.error);
    default:
      return "was ended";
  }
}

ClientReport not_started(std::string error) {
  ClientReport out;
  out.end = ClientReport::End::not_started;
  out.error = std::move(error);
  return out;
}

ClientReport late(std::string missed, std::string log_tail) {
  ClientReport out;
  out.end = ClientReport::End::deadline;
  out.missed = std::move(missed);
  out.error = std::move(log_tail);
  return out;
}

/// ": " and the last line of a log; empty if there is none.
std::string behind_it(const std::string& log) {
  const std::string line = last_line(log);
  return line.empty() ? "" : ": " + line;
}

}  // namespace

DaemonDriver::DaemonDriver(const ClientColumn& column, sandbox::Sandbox& sandbox,
                           std::unique_ptr<mocks::Directory> directory, std::uint16_t own_port)
    : column_(column),
      daemon_(*column_.mode->daemon),
      own_port_(own_port),
      sandbox_(sandbox),
      directory_(std::move(directory)),
      threads_(daemon_.thread) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
    throw sandbox::SetupError("cannot make a pipe", errno);
  wake_read_.reset(ends[0]);
  wake_write_.reset(ends[1]);
  thread_ = std::thread([this] { loop(); });
}

DaemonDriver::~DaemonDriver() {
  {
    const std::lock_guard lock(mutex_);
    leaving_ = stopping_ = true;
  }
  wake();
  thread_.join();
}

std::size_t DaemonDriver::at_once() const {
  return kAtOnce;
}

void DaemonDriver::wake() {
  const char one = 1;
  [[maybe_unused]] const auto written = ::write(wake_write_.get(), &one, 1);  // a full pipe wakes, too
}

void DaemonDriver::start(CellTask task, CellDone done) {
  {
    const std::lock_guard lock(mutex_);
    arrived_.emplace_back(std::move(task), std::move(done));
  }
  wake();
}

void DaemonDriver::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake();
}

void DaemonDriver::loop() {
  while (work()) {
    std::array<pollfd, 3> wanted{pollfd{wake_read_.get(), POLLIN, 0}, pollfd{log_.get(), POLLIN, 0},
                                 pollfd{syslog_.fd(), POLLIN, 0}};
    // A log file and a port have to be looked at again; a pipe says by itself when there is more.
    const bool look_again = process_ != 0 && (!daemon_.log_file.empty() || state_ == State::starting);
    const auto until = look_again ? Clock::now() + kLookAgain : next_deadline();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    ::poll(wanted.data(), wanted.size(), static_cast<int>(std::clamp<long long>(left, 0, 1000)));
    std::array<char, 8192> block;
    while (::read(wake_read_.get(), block.data(), block.size()) > 0) {
    }
    drain_log();
  }
}

bool DaemonDriver::work() {
  bool stopping = false, leaving = false;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [task, done] : arrived_) {
      Cell cell;
      cell.task = std::move(task);
      cell.done = std::move(done);
      cells_.emplace(++last_cell_, std::move(cell));
    }
    arrived_.clear();
    stopping = stopping_;
    leaving = leaving_;
  }
  try {
    read_log_file();
    take_ends();
    if (!stopping) {
      end_late_cells();
      go_on();
      return true;
    }
  } catch (const std::exception& error) {
    // A directory or a thread that cannot be made, a full disk.
    finish_all(not_started(error.what()));
    take_down();
    if (!stopping) return true;
  }
  finish_all(late("", ""));
  take_down();
  return !leaving;
}

void DaemonDriver::go_on() {
  if (!cells_.empty() && state_ == State::down) {
    if (const std::string why = given_up(); !why.empty()) {
      finish_all(not_started(why + "; it is not started again"));
    } else {
      bring_up();
    }
  }
  if (state_ == State::starting && is_ready()) state_ = State::ready;
  if (state_ == State::starting && Clock::now() >= ready_until_) {
    finish_all(not_started(fmt::format("the daemon was not ready after {} s{}",
                                       daemon_.ready_timeout.count() / 1000, behind_it(all_log_))));
    take_down();
  }
  if (state_ == State::ready) submit_waiting();
}

/// Why it is not started again; empty: it is.
std::string DaemonDriver::given_up() const {
  if (fruitless_ >= kMostFruitless)
    return fmt::format("the daemon was started {} times and settled no message", fruitless_);
  if (lost_ >= kMostLost) return fmt::format("the daemon ended by itself {} times", lost_);
  return "";
}

/// One that is to be alone has a start of its own; the others wait until there is none of those. And what was
/// handed over of a name belongs to a start: agents remember hosts and domains.
bool DaemonDriver::takes(const Cell& cell) const {
  if (cell.task.alone) return submitted_ == 0;
  if (std::any_of(cell.task.names.begin(), cell.task.names.end(),
                  [&](const std::string& name) { return names_.contains(name); }))
    return false;
  return (daemon_.messages == 0 || submitted_ < daemon_.messages) &&
         std::none_of(cells_.begin(), cells_.end(),
                      [](const auto& other) { return other.second.task.alone; });
}

void DaemonDriver::submit_waiting() {
  for (auto at = cells_.begin(); at != cells_.end();) {
    const auto cell = at++;
    if (cell->second.step == Cell::Step::waiting && takes(cell->second)) submit(cell->first, cell->second);
  }
  const bool all_wait = std::all_of(cells_.begin(), cells_.end(),
                                    [](const auto& cell) { return cell.second.step == Cell::Step::waiting; });
  if (cells_.empty() || !all_wait) return;
  take_down();
  wake();  // they are for the next start
}

sandbox::ProcessSpec DaemonDriver::spec(const std::vector<std::string>& command,
                                        const PlaceholderValues& values) const {
  sandbox::ProcessSpec out;
  for (const auto& word : command) out.command.push_back(expand_placeholders(word, values));
  for (const auto& [name, text] : column_.mode->env) out.env[name] = expand_placeholders(text, values);
  out.work_dir = work_dir_;
  out.tree = tree_;
  out.timeout = column_.mode->timeout;
  out.resolv_conf = resolv_conf_of(directory_->address());
  return out;
}

/// What went wrong; empty: nothing.
std::string DaemonDriver::lay_out_packages() {
  const auto& installed = column_.mode->installed;
  if (!installed) return "";
  sandbox::PackageTree tree{{}, installed->users, installed->groups};
  for (const auto& package : column_.client->manifest.unpack)
    tree.folders.push_back(cache_dir() + "/" + package);
  try {
    tree_ = sandbox_.make_tree(tree);
    if (daemon_.syslog) syslog_.open(sandbox_.tree_syslog_socket(tree_));
  } catch (const sandbox::SetupError& error) {
    return error.what();
  }
  return "";
}

/// What went wrong; empty: nothing.
std::string DaemonDriver::lay_out_and_set_up() {
  work_dir_ = sandbox_.make_work_dir();
  values_ = {{"work_dir", work_dir_},
             {"program_dir", column_.client->manifest.program_dir.string()},
             {"build_dir", column_.client->build_dir},
             {"cache_dir", cache_dir()},
             {"ca_file", sandbox_.ca_file()},
             {"ca_dir", sandbox_.ca_dir()},
             {"dns_address", directory_->address()},
             {"daemon_port", std::to_string(own_port_)}};
  if (const std::string fault = lay_out_packages(); !fault.empty()) return fault;
  for (const auto& [name, text] : column_.mode->files) {
    const std::string file =
        name.front() == '/' ? sandbox_.path_in_tree(tree_, name) : work_dir_ + "/" + name;
    write(file, expand_placeholders(text, values_));
  }
  for (const auto& command : column_.mode->setup) {
    const ProcessResult result = run_and_wait(sandbox_, spec(command, values_));
    if (result.end == ProcessResult::End::exited && result.code == 0) continue;
    return fmt::format("set-up command \"{}\" failed: {}", fmt::join(command, " "),
                       result.error.empty() ? result.output.substr(0, 200) : result.error);
  }
  return "";
}

void DaemonDriver::bring_up() {
  ++fruitless_;
  submitted_ = 0;
  names_.clear();
  late_ = 0;
  all_log_.clear();
  line_.clear();
  threads_.clear();
  log_file_read_ = 0;
  if (const std::string fault = lay_out_and_set_up(); !fault.empty()) {
    finish_all(not_started(fault));
    take_down();
    return;
  }
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    finish_all(not_started(sandbox::system_message("cannot make a pipe", errno)));
    take_down();
    return;
  }
  log_.reset(ends[0]);
  ::fcntl(log_.get(), F_SETFL, O_NONBLOCK);
  const sandbox::Fd output(ends[1]), input(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  sandbox::ProcessSpec program = spec(daemon_.command, values_);
  program.timeout = kLongerThanAnyRun;
  program.input = input.get();
  program.output = output.get();
  state_ = State::starting;
  ready_until_ = Clock::now() + daemon_.ready_timeout;
  process_ = sandbox_.start(std::move(program), [this](ProcessResult result) {
    {
      const std::lock_guard lock(mutex_);
      ends_.push_back(std::move(result));
    }
    wake();
  });
}

bool DaemonDriver::is_ready() const {
  if (daemon_.ready_own_port) return somebody_listens(own_port_);
  if (daemon_.ready_port != 0) return somebody_listens(daemon_.ready_port);
  return log_says(daemon_.ready_output, all_log_);
}

void DaemonDriver::submit(std::uint64_t number, Cell& cell) {
  if (!directory_->add(*cell.task.world, cell.task.names)) {
    // The runner keeps cells apart whose worlds have a name in common.
    finish(cells_.find(number), not_started("a name of the scenario is answered for by another cell"));
    return;
  }
  for (const auto& at : cell.task.world->destinations()) peers_[at.address] = number;
  names_.insert(cell.task.names.begin(), cell.task.names.end());
  ++submitted_;
  cell.deadline = Clock::now() + column_.mode->timeout;
  const Daemon::Submit& way = way_of(cell);
  cell.step = way.before.empty() ? Cell::Step::submitting : Cell::Step::preparing;
  if (!way.before.empty()) {
    start_program(number, cell, way.before, "");
  } else if (way.by_smtp()) {
    hand_over(number, cell);
  } else {
    start_program(number, cell, way.command, way.stdin_text);
  }
}

const Daemon::Submit& DaemonDriver::way_of(const Cell& cell) const {
  const ClientMode* way = way_to(column_.client->manifest, *column_.mode, cell.task.behaviour);
  return (way == nullptr ? daemon_ : *way->daemon).submit;
}

void DaemonDriver::start_program(std::uint64_t number, Cell& cell, const std::vector<std::string>& command,
                                 const std::string& stdin_text) {
  PlaceholderValues values = cell.task.values;
  for (const auto& [name, value] : values_) values[name] = value;
  cell.message_file = fmt::format("{}/mxident-message-{}.eml", work_dir_, number);
  values["message_file"] = cell.message_file;
  write(cell.message_file, values["message"]);
  sandbox::ProcessSpec program = spec(command, values);
  program.stdin_text = expand_placeholders(stdin_text, values);
  sandbox_.start(std::move(program),
                 [this, number](ProcessResult result) { submission_ended(number, {std::move(result)}); });
}

void DaemonDriver::hand_over(std::uint64_t number, const Cell& cell) {
  if (!by_smtp_) by_smtp_ = std::make_unique<LocalSubmissions>();
  const Daemon::Submit& way = way_of(cell);
  by_smtp_->start({way.smtp_to_own_port ? own_port_ : way.smtp_port, cell.task.sender, cell.task.recipient,
                   cell.task.message, column_.mode->timeout, way.login},
                  [this, number](SubmissionEnd end) { submission_ended(number, std::move(end)); });
}

void DaemonDriver::submission_ended(std::uint64_t number, SubmissionEnd end) {
  {
    const std::lock_guard lock(mutex_);
    submissions_.emplace_back(number, std::move(end));
  }
  wake();
}

/// Of submissions and of the daemon itself.
void DaemonDriver::take_ends() {
  std::vector<std::pair<std::uint64_t, SubmissionEnd>> submissions;
  std::vector<ProcessResult> ends;
  {
    const std::lock_guard lock(mutex_);
    submissions.swap(submissions_);
    ends.swap(ends_);
  }
  for (const auto& [number, end] : submissions) {
    const auto cell = cells_.find(number);
    if (cell == cells_.end()) continue;  // of a start that is over
    const ProcessResult& result = end.result;
    cell->second.cpu_ms += std::chrono::duration<double, std::milli>(result.cpu).count();
    std::string said = result.output.substr(0, kLineKept);
    const bool done = result.end == ProcessResult::End::exited && result.code == 0;
    if (!done && cell->second.step == Cell::Step::preparing)
      said += fmt::format("the command of \"before\" {}\n", how(result));
    // Ahead of what the daemon has said already, which may have been quicker.
    cell->second.log.insert(cell->second.of_submission, said);
    cell->second.of_submission += said.size();
    if (done && cell->second.step == Cell::Step::preparing) {
      cell->second.step = Cell::Step::submitting;
      hand_over(number, cell->second);
    } else if (done) {
      cell->second.step = Cell::Step::submitted;
      // The program may have been quicker than its submission.
      finish_if_settled(cell, cell->second.log);
    } else {
      cell->second.step = Cell::Step::refused;
      cell->second.refusal = report_of(result);
      // Where the daemon itself has gone, that is known in a moment, and is why. One that answers is there.
      cell->second.deadline = Clock::now();
      if (!end.refused_by_reply) cell->second.deadline += kEndIsKnown;
    }
  }
  for (const auto& result : ends) process_ended(result);
}

bool DaemonDriver::is_settled(const Cell& cell, const std::string& log) const {
  if (cell.step != Cell::Step::submitted) return false;
  if (!daemon_.settled_thread.empty()) return log_says(daemon_.settled_thread, log);
  return log_says(for_recipient(daemon_.settled, cell.task.recipient), log);
}

void DaemonDriver::finish_if_settled(std::map<std::uint64_t, Cell>::iterator cell, const std::string& log) {
  if (!is_settled(cell->second, log)) return;
  fruitless_ = late_ = 0;
  ClientReport report;
  report.settled = true;
  finish(cell, std::move(report));
}

void DaemonDriver::process_ended(const ProcessResult& result) {
  const std::string words = fmt::format("the daemon {}", how(result));
  const bool was_ready = state_ == State::ready;
  ++lost_;
  drain_log();
  read_log_file();
  process_ = 0;
  take_down();
  if (!was_ready) {
    const bool went_away = result.end == ProcessResult::End::exited && result.code == 0;
    finish_all(not_started(fmt::format("{} before it was ready{}{}", words, behind_it(all_log_),
                                       went_away ? "; its command has to stay in the foreground" : "")));
    return;
  }
  for (auto at = cells_.begin(); at != cells_.end();) {
    const auto cell = at++;
    if (cell->second.step == Cell::Step::waiting) continue;  // the next start is for it
    ClientReport report = report_of(result);
    report.said_crashed = true;
    cell->second.in_company = submitted_ > 1;
    report.error = words + " while the message was under way";
    finish(cell, std::move(report));
  }
}

void DaemonDriver::end_late_cells() {
  for (auto at = cells_.begin(); at != cells_.end();) {
    const auto cell = at++;
    if (cell->second.step == Cell::Step::waiting || Clock::now() < cell->second.deadline) continue;
    if (cell->second.step == Cell::Step::refused) {
      finish(cell, cell->second.refusal);
      continue;
    }
    ++late_;
    if (cell->second.task.alone) ++lost_;
    const std::string own = last_line(cell->second.log.substr(cell->second.of_submission));
    std::string missed = cell->second.step == Cell::Step::preparing    ? "\"before\" had not ended"
                         : cell->second.step == Cell::Step::submitting ? "\"submit\" had not ended"
                         : has_no_log_file()
                             ? fmt::format("its log file \"{}\" is not there", daemon_.log_file)
                         : own.empty() ? "no line of its log names the recipient"
                                       : "no line of its log that names the recipient is one of \"settled\"";
    finish(cell, late(std::move(missed), own.empty() ? last_line(all_log_) : own));
  }
  // So many in a row: it hangs as a whole.
  if (late_ < kAtOnce || process_ == 0) return;
  take_down();
  // What was just being handed over goes to the next start, as new cells: the ends of those submissions are
  // nobody's.
  auto unfinished = std::exchange(cells_, {});
  for (auto& [number, cell] : unfinished) {
    directory_->remove(*cell.task.world);
    Cell again;
    again.task = std::move(cell.task);
    again.done = std::move(cell.done);
    cells_.emplace(++last_cell_, std::move(again));
  }
}

DaemonDriver::Clock::time_point DaemonDriver::next_deadline() const {
  auto out = Clock::now() + std::chrono::seconds(1);
  for (const auto& [number, cell] : cells_) out = std::min(out, cell.deadline);
  return out;
}

void DaemonDriver::finish(std::map<std::uint64_t, Cell>::iterator at, ClientReport report) {
  Cell cell = std::move(at->second);
  std::erase_if(peers_, [&](const auto& peer) { return peer.second == at->first; });
  threads_.forget(at->first);
  if (cell.task.alone && cell.step != Cell::Step::waiting) fruitless_ = 0;
  cells_.erase(at);
  directory_->remove(*cell.task.world);
  std::error_code ignored;
  if (!cell.message_file.empty()) std::filesystem::remove(cell.message_file, ignored);
  CellReport out;
  out.client = std::move(report);
  out.output = std::move(cell.log);
  out.cpu_ms = cell.cpu_ms;
  out.in_company = cell.in_company;
  cell.done(std::move(out));
}

void DaemonDriver::finish_all(const ClientReport& report) {
  while (!cells_.empty()) finish(cells_.begin(), report);
}

/// Ends the program, if it runs, and waits until it and all below it are gone.
void DaemonDriver::take_down() {
  if (process_ != 0) {
    sandbox_.end(process_);
    for (;;) {
      {
        const std::lock_guard lock(mutex_);
        if (!ends_.empty()) {
          ends_.clear();
          break;
        }
      }
      pollfd wanted{wake_read_.get(), POLLIN, 0};
      ::poll(&wanted, 1, 100);
      std::array<char, 64> block;
      while (::read(wake_read_.get(), block.data(), block.size()) > 0) {
      }
    }
    process_ = 0;
  }
  log_.reset();
  syslog_.close();
  if (!tree_.empty()) sandbox_.remove_tree(tree_);
  tree_.clear();
  if (!work_dir_.empty()) sandbox_.remove_work_dir(work_dir_);
  work_dir_.clear();
  state_ = State::down;
}

std::shared_ptr<Driver> make_daemon_driver(const ClientColumn& column, const DriverContext& context,
                                           std::uint32_t number) {
  return std::make_shared<DaemonDriver>(column, context.sandbox, context.internet.open_directory(number),
                                        static_cast<std::uint16_t>(sandbox::kFirstPortOfDaemons + number));
}

}  // namespace mxident::harness
