// A program that is started once and takes one message after another: started when the first cell comes,
// ready by its own sign, settled for a recipient by its log. One thread drives it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "harness/driver/daemon_log.hpp"
#include "harness/driver/driver.hpp"
#include "harness/driver/submission.hpp"
#include "harness/sandbox/io.hpp"

namespace mxident::harness {

class DaemonDriver : public Driver {
 public:
  DaemonDriver(const ClientColumn& column, sandbox::Sandbox& sandbox,
               std::unique_ptr<mocks::Directory> directory, std::uint16_t own_port);
  /// Ends the program and all that it started.
  ~DaemonDriver() override;

  std::size_t at_once() const override;
  bool looks_up_many() const override { return true; }
  void start(CellTask task, CellDone done) override;
  void stop() override;

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kLogKept = 1 << 16, kLineKept = 1 << 14, kCellLogKept = 1 << 16;
  enum class State { down, starting, ready };
  struct Cell {
    CellTask task;
    CellDone done;
    Clock::time_point deadline = Clock::time_point::max();  ///< from its submission on
    enum class Step { waiting, preparing, submitting, submitted, refused } step = Step::waiting;
    ClientReport refusal;  ///< how its submission ended
    std::string message_file;
    std::string log;                ///< `log`: the lines that name its recipient
    std::size_t of_submission = 0;  ///< what of `log` is the submission's own
    bool in_company = false;        ///< CellReport::in_company
    double cpu_ms = 0;
  };

  void loop();
  bool work();   ///< false: nothing is left to do but to wait
  void go_on();  ///< may throw
  void bring_up();
  std::string lay_out_packages();
  std::string lay_out_and_set_up();
  bool is_ready() const;
  void submit(std::uint64_t number, Cell& cell);
  const Daemon::Submit& way_of(const Cell& cell) const;
  void start_program(std::uint64_t number, Cell& cell, const std::vector<std::string>& command,
                     const std::string& stdin_text);
  void hand_over(std::uint64_t number, const Cell& cell);
  void submission_ended(std::uint64_t number, SubmissionEnd end);  ///< from any thread
  void take_ends();
  void take_log(std::string_view text);
  void add_to_log(std::string_view text);
  void drain_log();
  void read_log_file();
  bool has_no_log_file() const;  ///< where the manifest says that there is one
  void look_at_line(const std::string& line);
  void look_at_nameless_line(const std::string& line);
  bool is_settled(const Cell& cell, const std::string& log) const;
  void submit_waiting();
  bool takes(const Cell& cell) const;
  std::string given_up() const;
  void finish_if_settled(std::map<std::uint64_t, Cell>::iterator cell, const std::string& log);
  void process_ended(const sandbox::ProcessResult& result);
  void end_late_cells();
  void finish(std::map<std::uint64_t, Cell>::iterator cell, ClientReport report);
  void finish_all(const ClientReport& report);
  void take_down();
  Clock::time_point next_deadline() const;
  void wake();
  sandbox::ProcessSpec spec(const std::vector<std::string>& command, const PlaceholderValues& values) const;

  const ClientColumn column_;
  const Daemon& daemon_;
  const std::uint16_t own_port_;
  sandbox::Sandbox& sandbox_;
  std::unique_ptr<mocks::Directory> directory_;
  sandbox::Fd wake_read_, wake_write_;

  // Of the driver's thread:
  State state_ = State::down;
  std::string work_dir_, tree_;
  SyslogSocket syslog_;
  LogThreads threads_;
  std::map<std::string, std::uint64_t> peers_;  ///< cells by the addresses of their servers
  PlaceholderValues values_;
  sandbox::Fd log_;
  std::size_t log_file_read_ = 0;
  std::string all_log_, line_;  ///< `all_log_`: until it is ready, and its last part
  Clock::time_point ready_until_;
  std::uint64_t process_ = 0;
  std::size_t submitted_ = 0;    ///< messages of this start
  std::set<std::string> names_;  ///< of their worlds
  unsigned fruitless_ = 0;       ///< starts since a message was settled, or had its end alone
  unsigned lost_ = 0;            ///< starts that ended by themselves, or whose only message was late
  unsigned late_ = 0;            ///< cells that met their deadline since then
  std::map<std::uint64_t, Cell> cells_;
  std::uint64_t last_cell_ = 0;

  // Shared:
  std::mutex mutex_;
  bool stopping_ = false, leaving_ = false;
  std::vector<std::pair<CellTask, CellDone>> arrived_;
  std::vector<std::pair<std::uint64_t, SubmissionEnd>> submissions_;
  std::vector<sandbox::ProcessResult> ends_;
  std::unique_ptr<LocalSubmissions> by_smtp_;  ///< made when the first message is handed over so
  std::thread thread_;
};

}  // namespace mxident::harness
