#include "harness/driver/manifest.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <regex>

#include "harness/input/json_input.hpp"

namespace mxident::harness {
namespace {

namespace fs = std::filesystem;

std::string mode_json(const std::string& fields) {
  return fmt::format(
      R"({{"id":"acme","title":"Acme","modes":[{{"id":"m","policy":"rfc9525","command":["acme"]{}}}]}})",
      fields);
}

std::string daemon_json(const std::string& fields, const std::string& of_mode = "",
                        const std::string& submit = R"({"command":["acme","{recipient}"]})") {
  return fmt::format(R"({{"id":"acme","title":"Acme","modes":[{{"id":"m","policy":"rfc9525",)"
                     R"("daemon":{{"command":["acmed"],"submit":{},{}}}{}}}]}})",
                     submit, fields, of_mode);
}

std::string submitting_json(const std::string& submit) {
  return daemon_json(R"("ready":{"port":25},"settled":{"output":"{recipient}"})", "", submit);
}

struct Row {
  const char* name;
  std::string text;
  const char* problem;  ///< found in what(), with the place; "" for a good manifest
};
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.text;
}

class ManifestText : public testing::TestWithParam<Row> {};

TEST_P(ManifestText, LoadsOrNamesThePlace) {
  const auto dir =
      fs::temp_directory_path() / fmt::format("mxident-manifest-{}-{}", getpid(), GetParam().name);
  fs::create_directories(dir);
  const auto file = dir / "client.json";
  std::ofstream(file) << GetParam().text;
  std::string message;
  try {
    load_manifest(file);
  } catch (const InputError& error) {
    message = error.what();
  }
  fs::remove_all(dir);
  const std::string problem = GetParam().problem;
  if (problem.empty()) {
    EXPECT_EQ(message, "");
  } else {
    EXPECT_NE(message.find(problem), std::string::npos) << message;
  }
}

const Row kRows[] = {
    {"minimal", mode_json(""), ""},
    {"files_and_env", mode_json(R"(,"files":{"a/b.conf":"ca = {ca_file}"},"env":{"X":"{port}"})"), ""},
    {"no_modes", R"({"id":"a","title":"A","modes":[]})", "/modes: no mode found"},
    {"unknown_key", mode_json(R"(,"timeout":5)"),
     "/modes/0: unknown key \"timeout\", did you mean \"timeout_s\"?"},
    {"unknown_placeholder", mode_json(R"(,"stdin":"{mesage}")"),
     "/modes/0/stdin: unknown placeholder {mesage}"},
    {"empty_command", R"({"id":"a","title":"A","modes":[{"id":"m","policy":"rfc9525","command":[]}]})",
     "/modes/0/command: found an empty command"},
    {"argument_with_nul",
     R"({"id":"a","title":"A","modes":[{"id":"m","policy":"rfc9525","command":["x","a\u0000b"]}]})",
     "/modes/0/command/1: found a NUL octet"},
    {"takes_nothing", mode_json(R"(,"takes":[])"), "/modes/0/takes: found an empty list"},
    {"unknown_policy", R"({"id":"a","title":"A","modes":[{"id":"m","policy":"rfc9999","command":["x"]}]})",
     "/modes/0/policy: "},
    {"bad_pattern", mode_json(R"(,"says":{"verified":{"output":"(("}})"),
     "/modes/0/says/verified/output: \"((\" is no regular"},
    {"unknown_layer", mode_json(R"(,"says":{"layers":{"names":{"ok":{"exit":[0]}}}})"),
     "\"names\" is no layer"},
    {"unknown_need", mode_json(R"(,"needs":["root"])"),
     "/modes/0/needs/0: found \"root\", wanted one of names, dns"},
    {"path_escapes", mode_json(R"(,"files":{"../x":"y"})"), "is no path inside the work directory"},
    {"checker_without_words", mode_json(R"(,"delivers":false)"), "is judged by its words"},
    {"mode_twice",
     R"({"id":"a","title":"A","modes":[{"id":"m","policy":"encrypt","command":["x"]},{"id":"m","policy":"encrypt","command":["x"]}]})",
     "/modes/1: the mode \"m\" stands twice"},
    {"defaults",
     R"({"id":"a","title":"A","unpack":["postfix"],"npm":["@x/y_z@1.2.3"],"build":[["cc","{build_dir}"]],)"
     R"("defaults":{"stdin":"{message}"},"modes":[{"id":"m","policy":"rfc9525","command":["a"]}]})",
     ""},
    {"unknown_default", R"({"id":"a","title":"A","defaults":{"policy":"encrypt"},"modes":[]})",
     "/defaults: unknown key \"policy\""},
    {"bad_default",
     R"({"id":"a","title":"A","defaults":{"stdin":"{x}"},"modes":[{"id":"m","policy":"rfc9525","command":["a"]}]})",
     "/defaults/stdin: unknown placeholder {x}"},
    {"package_is_a_path", R"({"id":"a","title":"A","unpack":["../x"],"modes":[]})",
     "/unpack/0: \"../x\" is no package name"},
    {"empty_build_command", R"({"id":"a","title":"A","build":[[]],"modes":[]})",
     "/build/0: found an empty command"},
    {"daemon", daemon_json(R"("ready":{"output":"ready"},"settled":{"output":"to=<{recipient}>"})"), ""},
    {"daemon_by_port",
     daemon_json(R"("ready":{"port":2525},"settled":{"output":"{recipient}"},"log":{"file":"log"})"), ""},
    {"daemon_that_says_nothing_when_ready", daemon_json(R"("settled":{"output":"{recipient}"})"),
     "/modes/0/daemon: nothing says when it is ready"},
    {"daemon_ready_in_two_ways",
     daemon_json(R"("ready":{"output":"r","port":25},"settled":{"output":"{recipient}"})"),
     "/modes/0/daemon/ready: wanted one of"},
    {"daemon_that_never_settles", daemon_json(R"("ready":{"port":25})"),
     "/modes/0/daemon: nothing says when a message is done with"},
    {"daemon_that_settles_for_nobody", daemon_json(R"("ready":{"port":25},"settled":{"output":"sent"})"),
     "/modes/0/daemon/settled/output: found \"sent\", wanted a place for {recipient}"},
    {"daemon_started_for_one_message",
     daemon_json(R"("ready":{"port":25},"settled":{"output":"{recipient}"})", R"(,"env":{"D":"{domain}"})"),
     "env/D: {domain} differs from message to message"},
    {"daemon_log_elsewhere",
     daemon_json(R"("ready":{"port":25},"settled":{"output":"{recipient}"},"log":{"file":"/var/log/x"})"),
     "/modes/0/daemon/log/file: \"/var/log/x\" is no path inside"},
    {"daemon_as_if_installed",
     daemon_json(
         R"("ready":{"port":"{daemon_port}"},"settled":{"output":"{recipient}"},"log":{"syslog":true},)"
         R"("thread":"smtp\\[([0-9]+)\\]")",
         R"(,"installed":{"users":{"acme":"/var/acme"},"groups":["more"]},"files":{"/etc/acme":"x"})"),
     ""},
    {"daemon_port_of_another_name",
     daemon_json(R"("ready":{"port":"{port}"},"settled":{"output":"{recipient}"})"),
     "/modes/0/daemon/ready/port: found \"{port}\", wanted a number or \"{daemon_port}\""},
    {"daemon_syslog_of_the_machine",
     daemon_json(R"("ready":{"port":25},"settled":{"output":"{recipient}"},"log":{"syslog":true})"),
     "/modes/0/daemon: \"syslog\" needs \"installed\""},
    {"daemon_thread_without_group",
     daemon_json(R"("ready":{"port":25},"settled":{"output":"{recipient}"},"thread":"smtp")"),
     "/modes/0/daemon/thread: \"smtp\" has no group"},
    {"daemon_settled_by_thread",
     daemon_json(R"x("ready":{"port":25},"settled":{"thread":"completed"},"thread":"id=([0-9]+)")x"), ""},
    {"daemon_settled_by_no_thread", daemon_json(R"("ready":{"port":25},"settled":{"thread":"completed"})"),
     "/modes/0/daemon/settled: \"thread\" needs the daemon's \"thread\""},
    {"daemon_settled_in_two_ways",
     daemon_json(R"x("ready":{"port":25},"settled":{"output":"{recipient}","thread":"x"},"thread":"(y)")x"),
     "/modes/0/daemon/settled: wanted one of"},
    {"daemon_peer_without_group",
     daemon_json(R"("ready":{"port":25},"settled":{"output":"{recipient}"},"peer":"to [0-9.]+")"),
     "/modes/0/daemon/peer: \"to [0-9.]+\" has no group"},
    {"daemon_takes_no_message",
     daemon_json(R"("ready":{"port":25},"settled":{"output":"{recipient}"},"messages":0)"),
     "/modes/0/daemon/messages: found number 0, wanted"},
    {"daemon_logs_twice",
     daemon_json(R"("ready":{"port":25},"settled":{"output":"{recipient}"},"log":{"file":"x","syslog":true})",
                 R"(,"installed":{})"),
     "/modes/0/daemon/log: wanted one of"},
    {"installed_without_daemon", mode_json(R"(,"installed":{})"), "/modes/0/installed: only a mode with"},
    {"installed_user_is_a_line",
     daemon_json(R"("ready":{"port":25},"settled":{"output":"{recipient}"})",
                 R"(,"installed":{"users":{"a:0":"/"}})"),
     "\"a:0\" is no name of a user"},
    {"installed_user_without_home",
     daemon_json(R"("ready":{"port":25},"settled":{"output":"{recipient}"})",
                 R"(,"installed":{"users":{"acme":""}})"),
     "/users/acme: found \"\", wanted the path"},
    {"file_of_the_machine", mode_json(R"(,"files":{"/etc/acme":"y"})"),
     "is no path inside the work directory"},
    {"tag", R"({"id":"a","title":"A","tags":["M T A"],"modes":[]})", "/tags/0: found \"M T A\""},
    {"daemon_and_command",
     mode_json(R"(,"daemon":{"command":["d"],"ready":{"port":25},"submit":{"command":["s"]},)"
               R"("settled":{"output":"{recipient}"}})"),
     "has no \"command\" of its own"},
    {"implicit", mode_json(R"(,"implicit":{"command":["acme","--tls"],"env":{"P":"{port}"}})"), ""},
    {"implicit_empty", mode_json(R"(,"implicit":{})"), "/modes/0/implicit: found nothing that differs"},
    {"implicit_submit",
     daemon_json(R"("ready":{"port":25},"settled":{"output":"{recipient}"})",
                 R"(,"implicit":{"submit":{"command":["acme","smtps://{mx_host}:{port}"]}})"),
     ""},
    {"submit_by_smtp", submitting_json(R"({"smtp":"{daemon_port}"})"), ""},
    {"submit_by_smtp_and_a_command", submitting_json(R"({"smtp":25,"command":["s"]})"),
     "/daemon/submit: wanted one of \"command\" and \"smtp\""},
    {"submit_by_smtp_with_a_text", submitting_json(R"({"smtp":25,"stdin":"x"})"),
     "/daemon/submit/stdin: what is handed over by SMTP is the message itself"},
    {"submit_by_smtp_prepared", submitting_json(R"({"smtp":25,"before":["acme","{domain}"]})"), ""},
    {"submit_prepared_without_smtp", submitting_json(R"({"command":["acme"],"before":["acme"]})"),
     "/daemon/submit/before: only what is handed over by \"smtp\""},
    {"submit_logged_in", submitting_json(R"({"smtp":25,"login":{"user":"a","password":"b"}})"), ""},
    {"submit_logged_in_without_smtp",
     submitting_json(R"({"command":["acme"],"login":{"user":"a","password":"b"}})"),
     "/daemon/submit/login: only what is handed over by \"smtp\""},
    {"submit_logged_in_without_password", submitting_json(R"({"smtp":25,"login":{"user":"a"}})"),
     "/daemon/submit/login: the key \"password\" is missing"},
    {"submit_logged_in_as_nobody", submitting_json(R"({"smtp":25,"login":{"user":"","password":"b"}})"),
     "/daemon/submit/login/user: wanted 1 to 255 octets"},
    {"submit_logged_in_with_nul", submitting_json(R"({"smtp":25,"login":{"user":"a","password":"\u0000"}})"),
     "/daemon/submit/login/password: wanted 1 to 255 octets"},
    {"submit_by_smtp_to_a_word", submitting_json(R"({"smtp":"smtp"})"),
     "/daemon/submit/smtp: found \"smtp\", wanted a number or \"{daemon_port}\""},
    {"implicit_start_of_a_daemon",
     daemon_json(R"("ready":{"port":25},"settled":{"output":"{recipient}"})",
                 R"(,"implicit":{"env":{"A":"B"},"submit":{"command":["acme"]}})"),
     "/modes/0/implicit/env: a mode with a \"daemon\" differs in \"submit\" and \"says\" only"},
    {"implicit_submit_without_daemon", mode_json(R"(,"implicit":{"submit":{"command":["acme"]}})"),
     "/modes/0/implicit/submit: only a mode with a \"daemon\""},
    {"implicit_key", mode_json(R"(,"implicit":{"policy":"encrypt"})"), "/modes/0/implicit: unknown key"},
    {"bad_id", R"({"id":"A B","title":"A","modes":[]})", "/id: found \"A B\", wanted an id"},
};
INSTANTIATE_TEST_SUITE_P(Table, ManifestText, testing::ValuesIn(kRows),
                         [](const auto& i) { return std::string(i.param.name); });

TEST(ShippedManifests, AllLoad) {
  const auto manifests = load_manifests(fs::path(MXIDENT_SOURCE_DIR) / "harness/clients");
  EXPECT_GE(manifests.size(), 7u);
  for (const auto& manifest : manifests) EXPECT_EQ(manifest.program_dir.filename(), manifest.id);
}

TEST(ExampleManifests, AllLoad) {
  std::size_t found = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(MXIDENT_SOURCE_DIR) / "docs/examples/manifests")) {
    const Manifest manifest = load_manifest(entry.path());
    const std::string kind = entry.path().stem().string();
    const ClientMode& mode = manifest.modes.front();
    EXPECT_EQ(manifest.appliance, kind == "appliance") << entry.path();
    EXPECT_EQ(mode.daemon.has_value(), kind == "daemon") << entry.path();
    EXPECT_EQ(worker_words(manifest, mode).has_value(), kind == "worker") << entry.path();
    ++found;
  }
  EXPECT_EQ(found, 4U);
}

TEST(ManifestDefaults, AModeComesFirst) {
  const auto dir = fs::temp_directory_path() / fmt::format("mxident-manifest-{}-defaults", getpid());
  fs::create_directories(dir);
  std::ofstream(dir / "client.json")
      << R"({"id":"a","title":"A","defaults":{"stdin":"shared","timeout_s":7},"modes":[
    {"id":"m","policy":"encrypt","command":["a"]},{"id":"n","policy":"encrypt","command":["a"],"stdin":"own"}]})";
  const Manifest manifest = load_manifest(dir / "client.json");
  fs::remove_all(dir);
  EXPECT_EQ(manifest.modes[0].stdin_text, "shared");
  EXPECT_EQ(manifest.modes[1].stdin_text, "own");
  EXPECT_EQ(manifest.modes[1].timeout, std::chrono::seconds(7));
}

TEST(ShippedManifests, EachCheckerSaysWhatItVerifies) {
  const std::regex says("\\b(chain|name|host|domain|nothing|verifies|verified)\\b");
  for (const auto& manifest : load_manifests(fs::path(MXIDENT_SOURCE_DIR) / "harness/clients")) {
    for (const auto& mode : manifest.modes) {
      if (mode.delivers || mode.command.empty() || mode.command.front() == "{mxident}") continue;
      EXPECT_TRUE(std::regex_search(mode.title, says)) << manifest.id << ':' << mode.id << ": " << mode.title;
    }
  }
}

}  // namespace
}  // namespace mxident::harness
