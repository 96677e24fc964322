// The sandbox as a whole, through the probe program; the rows about processes run at every level.
#include "harness/sandbox/sandbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <ostream>

#include "harness/sandbox/io.hpp"
#include "harness/sandbox/test_program.hpp"

namespace mxident::harness::sandbox {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Words = std::vector<std::string>;
namespace fs = std::filesystem;

/// Empty if `level` is possible here, else why not.
std::string refusal(const std::string& level) {
  Program program(level, {"describe"});
  const int status = program.wait();
  if (level == "none") return {};
  return status != 0 || program.output().starts_with("sandbox: none") ? program.output() : std::string();
}

#define SKIP_IF_REFUSED(level) \
  if (const std::string reason = refusal(level); !reason.empty()) GTEST_SKIP() << reason

Words shell(const std::string& script, Words options = {}) {
  options.insert(options.begin(), "run");
  for (const std::string& word : {std::string("--"), std::string("/bin/sh"), std::string("-c"), script}) {
    options.push_back(word);
  }
  return options;
}

// --- how processes end ---

struct EndRow {
  std::string name;
  Words options, command;
  std::string end, code;
  std::string output;  ///< a part of it
};
void PrintTo(const EndRow& row, std::ostream* out) {
  *out << row.name;
}

const std::vector<EndRow> kEnds{
    {"exit_code", {}, {"/bin/sh", "-c", "echo out; echo err >&2; exit 7"}, "exited", "7", "out\nerr\n"},
    {"looked_up_on_path", {}, {"true"}, "exited", "0", ""},
    {"terminated", {}, {"/bin/sh", "-c", "kill -TERM $$"}, "signalled", "15", ""},
    {"segmentation_fault", {}, {"/bin/sh", "-c", "kill -SEGV $$"}, "signalled", "11", ""},
    {"aborts_although_first", {}, {"/bin/sh", "-c", "exec sh -c 'kill -ABRT $$'"}, "signalled", "6", ""},
    {"stdin_is_given", {"--stdin", "some text"}, {"cat"}, "exited", "0", "some text"},
    {"stdin_is_empty", {}, {"cat"}, "exited", "0", ""},
    {"no_such_program",
     {},
     {"mxident-no-such"},
     "not-started",
     "0",
     "no program \"mxident-no-such\" on PATH"},
    {"no_such_path", {}, {"/nowhere/program"}, "not-started", "2", "cannot execute it: No such file"},
    {"not_executable", {}, {"/etc/passwd"}, "not-started", "13", "cannot execute it: Permission denied"},
    {"a_directory", {}, {"/etc"}, "not-started", "13", "cannot execute it: Permission denied"},
    {"empty_command", {}, {}, "not-started", "0", "the command is empty"},
    {"no_work_dir", {"--work-dir", "/nowhere"}, {"true"}, "not-started", "2", "work directory: No such file"},
    {"hangs", {"--timeout-ms", "150"}, {"sleep", "1000"}, "deadline", "9", ""},
    {"ignores_signals",
     {"--timeout-ms", "150"},
     {"/bin/sh", "-c", "trap '' TERM INT HUP QUIT; echo deaf; while :; do sleep 1000; done"},
     "deadline",
     "9",
     "deaf"},
    {"output_is_cut",
     {"--max-output", "10"},
     {"head", "-c", "300000", "/dev/zero"},
     "exited",
     "0",
     "cut=1 size=10 "},
    {"output_just_fits", {"--max-output", "5"}, {"printf", "12345"}, "exited", "0", "cut=0 size=5 "},
    {"floods",
     {"--max-output", "100", "--max-discarded", "1000000"},
     {"yes"},
     "output-limit",
     "9",
     "cut=1 size=100 "},
    {"environment_is_clean",
     {"--env", "OWN=1"},
     {"/bin/sh", "-c", "env | cut -d= -f1 | sort | tr '\\n' ' '"},
     "exited",
     "0",
     "HOME LANG NODE_EXTRA_CA_CERTS OWN PATH PWD TMPDIR "},
    {"home_is_the_work_dir",
     {},
     {"/bin/sh", "-c", "test \"$HOME\" = \"$(pwd)\" && touch file"},
     "exited",
     "0",
     ""},
    {"only_standard_descriptors",
     {},
     {"/bin/sh", "-c", "echo /proc/$$/fd/*| sed 's/[^ ]*fd.//g'"},
     "exited",
     "0",
     "\n0 1 2"},
    {"signals_are_default",
     {},
     {"/bin/sh", "-c",
      "grep -E '^Sig(Blk|Ign)' /proc/self/status | sed 's/.*\\(.......\\)$/\\1/' | tr '\\n' ' '"},
     "exited",
     "0",
     "\n0000000 0000000 "},
    {"no_core_dump", {}, {"/bin/sh", "-c", "grep core /proc/self/limits"}, "exited", "0", " 1 "},
    {"file_size_is_limited",
     {},
     {"/bin/sh", "-c", "grep 'file size' /proc/self/limits"},
     "exited",
     "0",
     "1073741824"},
};

class ProcessEnd : public testing::TestWithParam<std::tuple<std::string, EndRow>> {};

TEST_P(ProcessEnd, IsReported) {
  const auto& [level, row] = GetParam();
  SKIP_IF_REFUSED(level);
  Words words{"run"};
  words.insert(words.end(), row.options.begin(), row.options.end());
  words.push_back("--");
  words.insert(words.end(), row.command.begin(), row.command.end());
  Program program(level, words, {{"LD_BIND_NOW", "1"}, {"http_proxy", "http://127.0.0.1:1"}});
  EXPECT_EQ(program.wait(), 0) << program.output();
  EXPECT_EQ(program.value("end"), row.end) << program.output();
  EXPECT_EQ(program.value("code"), row.code) << program.output();
  EXPECT_THAT(program.output(), HasSubstr(row.output));
  EXPECT_TRUE(std::filesystem::is_empty(program.temporary())) << "something was left in TMPDIR";
}

INSTANTIATE_TEST_SUITE_P(Sandbox, ProcessEnd,
                         testing::Combine(testing::Values("auto", "root", "none"), testing::ValuesIn(kEnds)),
                         [](const auto& row) {
                           return std::get<0>(row.param) + "_" + std::get<1>(row.param).name;
                         });

// --- nothing is left ---

class EveryLevel : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Sandbox, EveryLevel, testing::Values("auto", "root", "none"),
                         [](const auto& row) { return row.param; });

struct LeftoverRow {
  std::string name, script, end;
};
void PrintTo(const LeftoverRow& row, std::ostream* out) {
  *out << row.name;
}

/// MARK stands for an argument by which the processes are found.
const std::vector<LeftoverRow> kLeftovers{
    {"background", "sleep 1000 & echo MARK; exit 0", "exited"},
    {"own_session", "setsid sh -c 'sleep 1000; : MARK' & exit 0", "exited"},
    {"daemon", "(setsid sh -c '(setsid sh -c \"trap : TERM HUP; sleep 1000; : MARK\") & exit 0' &) ; exit 0",
     "exited"},
    {"stopped", "sh -c 'kill -STOP $$; : MARK' & wait", "deadline"},
    // About a thousand processes; an endless bomb would only test the machine.
    {"fork_bomb", "f() { [ $1 -gt 0 ] && { f $(($1-1)) & f $(($1-1)) & }; sleep 1000; }; f 8; : MARK",
     "deadline"},
};

class Leftover : public testing::TestWithParam<std::tuple<std::string, LeftoverRow>> {};

TEST_P(Leftover, IsEndedWithTheCell) {
  const auto& [level, row] = GetParam();
  SKIP_IF_REFUSED(level);
  const std::string marker = unique_marker();
  std::string script = row.script;
  script.replace(script.find("MARK"), 4, marker);
  Program program(level, shell(script, {"--timeout-ms", "700"}));
  EXPECT_EQ(program.wait(), 0) << program.output();
  EXPECT_EQ(program.value("end"), row.end) << program.output();
  EXPECT_TRUE(all_gone(marker));
}

INSTANTIATE_TEST_SUITE_P(Sandbox, Leftover,
                         testing::Combine(testing::Values("auto", "root", "none"),
                                          testing::ValuesIn(kLeftovers)),
                         [](const auto& row) {
                           return std::get<0>(row.param) + "_" + std::get<1>(row.param).name;
                         });

TEST_P(EveryLevel, KillingTheProgramLeavesNoProcessBehind) {
  SKIP_IF_REFUSED(GetParam());
  const std::string marker = unique_marker();
  Program program(GetParam(), {"wait", "/bin/sh", "-c",
                               "setsid sh -c 'trap : TERM; sleep 1000; : " + marker + "' & sleep 1000"});
  // The program, its helper, the cell's first process and the two shells.
  ASSERT_TRUE(some_run(marker, 5)) << program.output();
  ::kill(program.pid(), SIGKILL);
  const int status = program.wait();
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(all_gone(marker));
}

struct SignalRow {
  std::string name;
  int signal;
};

TEST_P(EveryLevel, SignalsReachTheMainProgram) {
  SKIP_IF_REFUSED(GetParam());
  for (const SignalRow& row : {SignalRow{"int", SIGINT}, SignalRow{"term", SIGTERM}}) {
    const std::string marker = unique_marker();
    Program program(GetParam(), {"wait", "/bin/sh", "-c", "sleep 1000; : " + marker});
    ASSERT_TRUE(program.read_until("ready")) << program.output();
    ::kill(program.pid(), row.signal);
    const int status = program.wait();
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 5) << row.name << program.output();
    EXPECT_THAT(program.output(), HasSubstr("caught " + std::to_string(row.signal)));
    EXPECT_THAT(program.output(), HasSubstr("end=deadline"));
    EXPECT_TRUE(all_gone(marker));
  }
}

TEST_P(EveryLevel, ASignalToTheGroupDoesNotReachClients) {
  SKIP_IF_REFUSED(GetParam());
  Program program(GetParam(), {"wait", "/bin/sh", "-c", "sleep 1000"});
  ASSERT_TRUE(program.read_until("ready")) << program.output();
  ::kill(-program.pid(), SIGINT);
  const int status = program.wait();
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 5) << program.output();
  EXPECT_THAT(program.output(), HasSubstr("end=deadline"))
      << "the client was to be ended by the program only";
}

TEST_P(EveryLevel, TheMainProgramsEndIsTheEnd) {
  SKIP_IF_REFUSED(GetParam());
  Program exits(GetParam(), {"exit", "42"});
  EXPECT_EQ(exits.wait(), 42 << 8);
  Program dies(GetParam(), {"raise", std::to_string(SIGTERM)});
  const int status = dies.wait();
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM) << status;
  EXPECT_TRUE(std::filesystem::is_empty(exits.temporary()));
}

TEST(Enter, RefusesAnUnknownLevel) {
  Program program("everything", {"describe"});
  EXPECT_EQ(program.wait(), 2 << 8);
  EXPECT_THAT(program.output(),
              HasSubstr("MXIDENT_SANDBOX is \"everything\", wanted auto, user, root or none"));
}

TEST(Enter, RefusesAStageFromOutside) {
  Program program("auto", {"describe"}, {{"MXIDENT_SANDBOX_STAGE", "1 2"}});
  EXPECT_EQ(program.wait(), 2 << 8);
}

TEST(Enter, NeedsAPlaceForItsDirectory) {
  Program program("auto", {"describe"}, {{"TMPDIR", "/nowhere"}});
  EXPECT_EQ(program.wait(), 3 << 8);
  EXPECT_THAT(program.output(), HasSubstr("/nowhere/mxident-"));
}

TEST(Fallback, SaysWhatIsMissing) {
  Program program("none", {"describe"});
  EXPECT_EQ(program.wait(), 0);
  EXPECT_THAT(program.output(), StartsWith("sandbox: none"));
  EXPECT_THAT(program.output(), HasSubstr("names=0\ndns=0\nport-25=0\n"));
}

// --- the world inside ---

class Inside : public testing::TestWithParam<std::string> {
 protected:
  /// What a command in a cell prints, without the probe's own line.
  static std::string output_of(Words words, std::map<std::string, std::string> environment = {}) {
    Program program(GetParam(), std::move(words), std::move(environment));
    program.wait();
    const std::size_t line = program.output().find('\n');
    return line == std::string::npos ? program.output() : program.output().substr(line + 1);
  }
};
INSTANTIATE_TEST_SUITE_P(Sandbox, Inside, testing::Values("auto", "root"),
                         [](const auto& row) { return row.param; });

TEST_P(Inside, HasNoInterfaceButLoopback) {
  SKIP_IF_REFUSED(GetParam());
  EXPECT_EQ(output_of(shell("sed -n 's/:.*//p' /proc/net/dev | tr -d ' '")), "lo\n");
}

TEST_P(Inside, HasRoutesToItsOwnAddressesOnly) {
  SKIP_IF_REFUSED(GetParam());
  // The probe only asks the kernel for a route, with a datagram socket: nothing is sent, whatever the answer.
  const auto route = [](const std::string& address) {
    return output_of({"run", "--", MXIDENT_SANDBOX_PROBE, "route", address});
  };
  for (const char* own : {"127.0.0.1", "127.77.3.53", "192.0.2.1", "192.0.2.77", "198.51.100.9",
                          "203.0.113.9", "::1", "fd6d:7864::1", "fd6d:7864:12:34::5", "2001:db8::25"}) {
    EXPECT_EQ(route(own), "ok\n") << own;
  }
  for (const char* foreign : {"198.18.0.1", "10.0.0.1", "192.0.3.1", "2001:2::1", "fd6d:7865::1"}) {
    EXPECT_EQ(route(foreign), "Network is unreachable\n") << foreign;
  }
}

TEST_P(Inside, LowPortsCanBeBound) {
  SKIP_IF_REFUSED(GetParam());
  EXPECT_EQ(output_of({"run", "--", MXIDENT_SANDBOX_PROBE, "bind", "25"}), "ok\n");
}

TEST_P(Inside, NoConnectionComesFromAPortOfADaemon) {
  SKIP_IF_REFUSED(GetParam());
  EXPECT_EQ(output_of({"run", "--", "/bin/cat", "/proc/sys/net/ipv4/ip_local_reserved_ports"}),
            std::to_string(kFirstPortOfDaemons) + "-" + std::to_string(kLastPortOfDaemons) + "\n");
}

TEST_P(Inside, NoConnectionExistsAtItsClientAlone) {
  SKIP_IF_REFUSED(GetParam());
  EXPECT_EQ(output_of({"run", "--", "/bin/cat", "/proc/sys/net/ipv4/tcp_syncookies"}), "0\n");
}

TEST_P(Inside, TwoCellsHaveTheirOwnNames) {
  SKIP_IF_REFUSED(GetParam());
  // Each looks only when the other is there too: their work directories are neighbours.
  const std::string script =
      ": >here; until [ $(ls ../*/here | wc -l) = 2 ]; do sleep 0.01; done; "
      "cat /etc/resolv.conf; getent hosts own.test; cat /etc/hosts";
  Program program(GetParam(), {"pair", "/bin/sh", "-c", script});
  EXPECT_EQ(program.wait(), 0);
  const std::string& output = program.output();
  const std::size_t second = output.find("end=", 4);
  ASSERT_NE(second, std::string::npos) << output;
  EXPECT_THAT(output.substr(0, second), HasSubstr("nameserver 127.1.0.53\n127.1.0.1"));
  EXPECT_THAT(output.substr(0, second), Not(HasSubstr("127.2.")));
  EXPECT_THAT(output.substr(second), HasSubstr("nameserver 127.2.0.53\n127.2.0.1"));
  EXPECT_THAT(output.substr(second), Not(HasSubstr("127.1.")));
}

TEST_P(Inside, OnlyTheWorkDirectoryIsWritable) {
  SKIP_IF_REFUSED(GetParam());
  const std::string elsewhere = "/var/mxident-written-by-a-cell";
  const std::string script =
      "echo mine >here && cat here; echo mine >/dev/shm/here && cat /dev/shm/here; ls -A /dev/shm; echo x "
      ">/dev/null && "
      "echo null; f=$(mktemp) && echo temporary >$f && cat $f && rm $f; echo x "
      "2>/dev/null >" +
      elsewhere + " || echo refused";
  EXPECT_EQ(output_of(shell(script)), "mine\nmine\nhere\nnull\ntemporary\nrefused\n");
  EXPECT_FALSE(std::filesystem::exists(elsewhere));
}

TEST_P(Inside, EtcIsItsOwn) {
  SKIP_IF_REFUSED(GetParam());
  const std::string script =
      "cat /etc/resolv.conf /etc/hosts; grep hosts: /etc/nsswitch.conf; hostname; test -r /etc/passwd && "
      "echo users; "
      "touch /etc/own 2>/dev/null || echo read-only";
  const std::string expected =
      "nameserver 127.0.0.1\n127.0.0.1 localhost\n::1 localhost\n127.0.0.1 client.test client\n"
      "hosts: files dns\nclient.test\nusers\nread-only\n";
  EXPECT_EQ(output_of(shell(script)), expected);
  EXPECT_EQ(output_of(shell(script), {{"MXIDENT_SANDBOX_ETC", "links"}}), expected);
}

TEST_P(Inside, SeesItsOwnProcessesOnly) {
  SKIP_IF_REFUSED(GetParam());
  EXPECT_EQ(output_of(shell(
                "echo $$; test -d /proc/$$ && echo there; tr '\\0' ' ' </proc/$$/cmdline | cut -c1-10")),
            "2\nthere\n/bin/sh -c\n");
}

TEST_P(Inside, TrustsNothingAtFirst) {
  SKIP_IF_REFUSED(GetParam());
  EXPECT_EQ(output_of(shell("cd /etc/ssl/certs; ls; wc -c <ca-certificates.crt; ls -L /etc/ssl/cert.pem")),
            "ca-certificates.crt\njava\n0\n/etc/ssl/cert.pem\n");
}

TEST_P(Inside, NameServiceSocketsAreCovered) {
  SKIP_IF_REFUSED(GetParam());
  EXPECT_EQ(output_of(shell("ls -A /run/nscd /run/systemd/resolve /run/dbus /run/avahi-daemon 2>/dev/null | "
                            "grep -v -e : -e '^$'")),
            "");
}

TEST_P(Inside, ACellHasABoundOnItsProcesses) {
  SKIP_IF_REFUSED(GetParam());
  const std::string machine = read_file("/proc/sys/kernel/pid_max");
  const std::string cell = output_of(shell("cat /proc/sys/kernel/pid_max"));
  EXPECT_EQ(read_file("/proc/sys/kernel/pid_max"), machine) << "the machine was changed";
  utsname name{};
  int major = 0, minor = 0;
  ::uname(&name);
  ASSERT_EQ(std::sscanf(name.release, "%d.%d", &major, &minor), 2);
  EXPECT_EQ(cell, major > 6 || (major == 6 && minor >= 14) ? "2048\n" : machine);
}

TEST_P(Inside, TheRunsRootIsTheSystemsTrust) {
  SKIP_IF_REFUSED(GetParam());
  const std::string script =
      "openssl verify $ROOT; openssl verify -no-CAfile -CApath /etc/ssl/certs $ROOT; "
      "grep -c BEGIN /etc/ssl/certs/ca-certificates.crt; grep -c BEGIN /etc/ssl/cert.pem; "
      "test -e /etc/ssl/certs/java/cacerts && echo java";
  const std::string root = std::string(MXIDENT_SOURCE_DIR) + "/harness/sandbox/testdata/root.pem";
  if (output_of({"run", "--", "openssl", "version"}).empty()) GTEST_SKIP() << "openssl is not installed";
  EXPECT_EQ(output_of({"run", "--trust", root, "--env", "ROOT=" + root, "--", "/bin/sh", "-c", script}),
            root + ": OK\n" + root + ": OK\n1\n1\njava\n");
  EXPECT_THAT(output_of({"run", "--env", "ROOT=" + root, "--", "/bin/sh", "-c", "openssl verify $ROOT 2>&1"}),
              HasSubstr("verification failed"));
}

TEST_P(Inside, JavaReadsTheStore) {
  SKIP_IF_REFUSED(GetParam());
  const std::string root = std::string(MXIDENT_SOURCE_DIR) + "/harness/sandbox/testdata/root.pem";
  const Words words{"run",        "--trust", root,    "--timeout-ms", "60000",
                    "--",         "keytool", "-list", "-keystore",    "/etc/ssl/certs/java/cacerts",
                    "-storepass", "changeit"};
  const std::string output = output_of(words);
  if (output.empty()) GTEST_SKIP() << "keytool is not installed";
  EXPECT_THAT(output, HasSubstr("mxident-0"));
  EXPECT_THAT(output, HasSubstr("trustedCertEntry"));
  EXPECT_THAT(output, HasSubstr("contains 1 entry"));
}

// --- packages laid over the system ---

/// The test's own temporary folder is closed to other users.
std::map<std::string, std::string> in_open_folder() {
  return {{"TMPDIR", fs::temp_directory_path()}};
}

/// An unpacked package of its own, removed with it.
class Package {
 public:
  explicit Package(std::string name) : folder_(fs::temp_directory_path() / (unique_marker() + name)) {
    for (const char* directory : {"usr/sbin", "etc/acme", "var/lib/acme"})
      fs::create_directories(folder_ / directory);
    write_file(folder_ / "usr/sbin/acmed", "#!/bin/sh\necho acmed; cat /etc/acme/conf\n");
    fs::permissions(folder_ / "usr/sbin/acmed", fs::perms{0755});
    write_file(folder_ / "etc/acme/conf", "its own configuration\n");
  }
  ~Package() { fs::remove_all(folder_); }
  std::string folder() const { return folder_; }

 private:
  fs::path folder_;
};

TEST_P(Inside, PackagesAreAsIfInstalled) {
  SKIP_IF_REFUSED(GetParam());
  const Package package(":a,b");  // octets that end a layer's name in the options of an overlay
  const std::string script =
      "/usr/sbin/acmed; test -x /bin/sh && echo sh; getent passwd acme | cut -d: -f1,6; getent group acme | "
      "cut "
      "-d: -f1; getent passwd root | cut -d: -f1; echo x >>/var/lib/acme/queue && wc -l "
      "</var/lib/acme/queue; "
      "echo more >>/etc/acme/conf && echo etc; touch /usr/sbin/x 2>/dev/null || echo usr-refused; touch "
      "/etc/passwd-x && "
      "rm /etc/passwd-x; touch /run/acme.pid && echo run; head -c 4 /dev/zero | wc -c; echo x >/dev/null; ls "
      "-L "
      "/etc/resolv.conf; cat /etc/hostname; test -d /var/lib && readlink /dev/log";
  const std::string first =
      "acmed\nits own configuration\nsh\nacme:/home/of/acme\nacme\nroot\n1\netc\nusr-refused\nrun\n4\n"
      "/etc/resolv.conf\nclient.test\n/run/mxident-syslog\n";
  std::string second = first;
  second.replace(second.find("sh\n"), 0, "more\n");
  second.replace(second.find("1\n"), 1, "2");
  Program program(GetParam(), shell(script, {"--package", package.folder(), "--user", "acme"}),
                  in_open_folder());
  EXPECT_EQ(program.wait(), 0);
  EXPECT_THAT(program.output(), HasSubstr("\n" + first + "end=exited")) << "the first process";
  EXPECT_THAT(program.output(), HasSubstr("\n" + second + "left=0"))
      << "the second process, and nothing left";
  EXPECT_EQ(read_file(package.folder() + "/etc/acme/conf"), "its own configuration\n");
  EXPECT_FALSE(fs::exists(package.folder() + "/var/lib/acme/queue"));
}

TEST_P(Inside, PackagesNeedAFolderThatIsOpenToTheirUsers) {
  SKIP_IF_REFUSED(GetParam());
  const Package package("");
  const fs::path closed = fs::temp_directory_path() / unique_marker();
  fs::create_directory(closed);
  fs::permissions(closed, fs::perms::owner_all);
  Program program(GetParam(), shell("true", {"--package", package.folder()}), {{"TMPDIR", closed}});
  EXPECT_NE(program.wait(), 0);
  EXPECT_THAT(program.output(), HasSubstr(closed.string() + " is closed to the users"));
  fs::remove_all(closed);
}

TEST_P(Inside, APackageThatIsNotThereIsNamed) {
  SKIP_IF_REFUSED(GetParam());
  Program program(GetParam(), shell("true", {"--package", "/nowhere/acme"}), in_open_folder());
  EXPECT_NE(program.wait(), 0);
  EXPECT_THAT(program.output(), HasSubstr("there is no unpacked package /nowhere/acme"));
}

}  // namespace
}  // namespace mxident::harness::sandbox
