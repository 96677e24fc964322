#include "harness/driver/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/regex.hpp>
#include <nlohmann/json.hpp>

#include "harness/driver/placeholders.hpp"
#include "harness/input/json_input.hpp"
#include "harness/input/policy_json.hpp"

namespace mxident::harness {
namespace {

constexpr std::array<std::pair<std::string_view, Need>, 5> kNeeds{{{"names", Need::names},
                                                                   {"dns", Need::dns},
                                                                   {"port-25", Need::port_25},
                                                                   {"root-uid", Need::root_uid},
                                                                   {"sub-uids", Need::sub_uids}}};
constexpr std::array<std::pair<std::string_view, Takes>, 3> kTakes{
    {{"host-name", Takes::host_name}, {"address", Takes::address}, {"domain", Takes::domain}}};
constexpr std::array<std::pair<std::string_view, ReferenceSelection>, 4> kReferences{
    {{"mx-host", ReferenceSelection::mx_host},
     {"recipient-domain", ReferenceSelection::recipient_domain},
     {"configured", ReferenceSelection::configured},
     {"address", ReferenceSelection::address}}};
constexpr std::array<std::pair<std::string_view, Judges>, 2> kJudges{
    {{"delivery", Judges::delivery}, {"every-host", Judges::every_host}}};

template <typename Table>
auto word(const JsonNode& node, const Table& table) {
  const std::string text = node.string();
  std::vector<std::string> known;
  for (const auto& [name, value] : table) {
    if (text == name) return value;
    known.emplace_back(name);
  }
  node.fail(fmt::format("found \"{}\", wanted one of {}", text, fmt::join(known, ", ")));
}

template <typename Table>
auto words(const JsonNode& node, const Table& table) {
  std::vector<decltype(word(node, table))> out;
  for (const auto& element : node.array()) out.push_back(word(element, table));
  return out;
}

std::string kebab_id(const JsonNode& node) {
  const std::string id = node.non_empty_string();
  const bool good =
      id.size() <= 64 && id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") == std::string::npos;
  if (!good)
    node.fail(fmt::format("found \"{}\", wanted an id of lower-case letters, digits, '-', '_' and '.'", id));
  return id;
}

std::string template_text(const JsonNode& node) {
  std::string text = node.string();
  if (const auto fault = placeholder_fault(text)) node.fail(*fault);
  // An argument, a variable and a path end there, and the rest would be lost without a word.
  if (text.find('\0') != std::string::npos) node.fail("found a NUL octet, which no program can be given");
  return text;
}

std::vector<std::string> command(const JsonNode& node) {
  std::vector<std::string> out;
  for (const auto& element : node.array()) out.push_back(template_text(element));
  if (out.empty() || out[0].empty()) node.fail("found an empty command, wanted a program and its arguments");
  return out;
}

std::string regex_text(const JsonNode& node) {
  const std::string text = node.non_empty_string();
  try {
    boost::regex check(text);
  } catch (const boost::regex_error& error) {
    node.fail(fmt::format("\"{}\" is no regular expression: {}", text, error.what()));
  }
  return text;
}

SaysPattern says_pattern(const JsonNode& node) {
  node.object({"output", "exit"});
  SaysPattern out;
  if (const auto text = node.find("output")) out.output = regex_text(*text);
  if (const auto codes = node.find("exit")) {
    for (const auto& code : codes->array()) out.exit.push_back(static_cast<int>(code.integer(0, 255)));
  }
  if (out.empty()) node.fail("says nothing: wanted \"output\" or \"exit\"");
  return out;
}

Says says(const JsonNode& node) {
  node.object({"verified", "unverified", "rejected", "crashed", "layers"});
  Says out;
  if (const auto n = node.find("verified")) out.verified = says_pattern(*n);
  if (const auto n = node.find("unverified")) out.unverified = says_pattern(*n);
  if (const auto n = node.find("rejected")) out.rejected = says_pattern(*n);
  if (const auto n = node.find("crashed")) out.crashed = says_pattern(*n);
  const auto layers = node.find("layers");
  if (!layers) return out;
  for (const auto& [name, layer] : layers->members()) {
    const bool known =
        std::any_of(kLayers.begin(), kLayers.end(), [&n = name](const auto& l) { return l.first == n; });
    if (!known) layer.fail(fmt::format("\"{}\" is no layer", name));
    layer.object({"ok", "failed"});
    auto& target = out.layers[name];
    if (const auto n = layer.find("ok")) target.ok = says_pattern(*n);
    if (const auto n = layer.find("failed")) target.failed = says_pattern(*n);
  }
  return out;
}

mocks::TlsVersion tls_version(const JsonNode& node) {
  using mocks::TlsVersion;
  static const std::map<std::string, TlsVersion> known{{"1.0", TlsVersion::tls1_0},
                                                       {"1.1", TlsVersion::tls1_1},
                                                       {"1.2", TlsVersion::tls1_2},
                                                       {"1.3", TlsVersion::tls1_3}};
  const std::string text = node.string();
  const auto it = known.find(text);
  if (it == known.end()) node.fail(fmt::format("found \"{}\", wanted one of 1.0, 1.1, 1.2, 1.3", text));
  return it->second;
}

mocks::ServerProfile server_profile(const JsonNode& node) {
  node.object({"tls_min", "tls_max", "security_level"});
  mocks::ServerProfile out;
  if (const auto n = node.find("tls_min")) out.tls_min = tls_version(*n);
  if (const auto n = node.find("tls_max")) out.tls_max = tls_version(*n);
  if (const auto n = node.find("security_level")) out.security_level = static_cast<int>(n->integer(0, 5));
  return out;
}

void read_policy(const JsonNode& node, ClientMode& mode) {
  mode.policy = policy_from_json(node);
  mode.refined = node.is_object();
  if (!mode.refined) return;
  const auto members = node.members();
  mode.refined_in_tls_only = std::all_of(members.begin(), members.end(), [](const auto& member) {
    return member.first == "base" || member.first == "tls";
  });
}

/// Fields that all modes of a manifest may share.
const std::vector<std::string> kSharedFields{
    "needs", "takes",  "files",  "setup",    "env", "stdin", "timeout_s", "server", "hangs_without_starttls",
    "says",  "judges", "daemon", "installed"};

std::vector<std::vector<std::string>> commands(const JsonNode& node) {
  std::vector<std::vector<std::string>> out;
  for (const auto& element : node.array()) out.push_back(command(element));
  return out;
}

/// A worker outlives its cells.
std::vector<std::string> worker_command(const JsonNode& node) {
  std::vector<std::string> out = command(node);
  for (const auto& element : node.array()) {
    if (const auto name = first_placeholder_of_a_cell(element.string()))
      element.fail(fmt::format("{{{}}} differs from cell to cell, and a worker runs many", *name));
  }
  return out;
}

/// A package is also the name of a folder in the cache.
std::vector<std::string> package_names(const JsonNode& node, std::string_view more) {
  std::vector<std::string> out;
  for (const auto& element : node.array()) {
    const std::string name = element.non_empty_string();
    const std::string allowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-." + std::string(more);
    if (name.find_first_not_of(allowed) != std::string::npos || name.front() == '.' || name.front() == '-') {
      element.fail(fmt::format("\"{}\" is no package name", name));
    }
    out.push_back(name);
  }
  return out;
}

/// With a place for {recipient}, which stands for the very mailbox.
std::string settled_text(const JsonNode& node) {
  constexpr std::string_view kMark = "{recipient}";
  const std::string text = node.non_empty_string();
  const std::size_t at = text.find(kMark);
  if (at == std::string::npos)
    node.fail(
        fmt::format("found \"{}\", wanted a place for {{recipient}}: the log tells of many messages", text));
  std::string one = text;
  for (std::size_t i = at; i != std::string::npos; i = one.find(kMark, i)) one.replace(i, kMark.size(), "x");
  try {
    boost::regex check(one);
  } catch (const boost::regex_error& error) {
    node.fail(fmt::format("\"{}\" is no regular expression: {}", text, error.what()));
  }
  return text;
}

std::string path_inside(const JsonNode& node) {
  const std::string path = node.non_empty_string();
  if (path.front() == '/' || path.find("..") != std::string::npos)
    node.fail(fmt::format("\"{}\" is no path inside the work directory", path));
  return path;
}

/// A group of it says what lines have in common.
std::string grouped_text(const JsonNode& node) {
  std::string text = regex_text(node);
  if (boost::regex(text).mark_count() == 0)
    node.fail(fmt::format("\"{}\" has no group: wanted one around what the lines of a message have in common",
                          text));
  return text;
}

/// A number, or the daemon's own port.
void read_port(const JsonNode& node, std::uint16_t& port, bool& own_port) {
  if (!node.is_string()) {
    port = static_cast<std::uint16_t>(node.integer(1, 65535));
    return;
  }
  if (node.string() != "{daemon_port}")
    node.fail(fmt::format("found \"{}\", wanted a number or \"{{daemon_port}}\"", node.string()));
  own_port = true;
}

Installed installed(const JsonNode& node) {
  node.object({"users", "groups"});
  Installed out;
  const auto check = [](const JsonNode& at, const std::string& name) {
    if (name.empty() || name.find_first_of(":/\n") != std::string::npos)
      at.fail(fmt::format("\"{}\" is no name of a user or group", name));
  };
  if (const auto n = node.find("users")) {
    for (const auto& [name, home] : n->members()) {
      check(home, name);
      out.users[name] = home.string();
      if (!out.users[name].starts_with('/') || out.users[name].find_first_of(":\n") != std::string::npos)
        home.fail(fmt::format("found \"{}\", wanted the path of a home directory", out.users[name]));
    }
  }
  if (const auto n = node.find("groups")) {
    for (const auto& name : n->array()) {
      check(name, name.string());
      out.groups.push_back(name.string());
    }
  }
  return out;
}

/// As AUTH PLAIN can say it (RFC 4616 2).
std::string credential(const JsonNode& node) {
  constexpr std::size_t kMax = 255;
  std::string out = node.string();
  if (out.empty() || out.size() > kMax || out.find('\0') != std::string::npos)
    node.fail("wanted 1 to 255 octets without NUL");
  return out;
}

Daemon::Submit submit(const JsonNode& node) {
  node.object({"command", "stdin", "smtp", "before", "login"});
  Daemon::Submit out;
  const auto program = node.find("command"), smtp = node.find("smtp");
  if (program.has_value() == smtp.has_value()) node.fail("wanted one of \"command\" and \"smtp\"");
  if (program) out.command = command(*program);
  if (smtp) read_port(*smtp, out.smtp_port, out.smtp_to_own_port);
  if (const auto n = node.find("stdin")) {
    if (smtp) n->fail("what is handed over by SMTP is the message itself");
    out.stdin_text = template_text(*n);
  }
  if (const auto n = node.find("login")) {
    if (program) n->fail("only what is handed over by \"smtp\" logs in");
    n->object({"user", "password"});
    out.login = probe::Login{credential(n->at("user")), credential(n->at("password"))};
  }
  if (const auto n = node.find("before")) {
    if (program) n->fail("only what is handed over by \"smtp\" has something before it");
    out.before = command(*n);
  }
  return out;
}

Daemon daemon(const JsonNode& node) {
  node.object({"command", "ready", "submit", "settled", "log", "claims", "thread", "peer", "messages"});
  Daemon out;
  out.command = command(node.at("command"));
  const auto ready = node.find("ready");
  if (!ready) node.fail("nothing says when it is ready: wanted \"ready\" with \"output\" or \"port\"");
  ready->object({"output", "port", "timeout_s"});
  if (const auto n = ready->find("output")) out.ready_output = regex_text(*n);
  if (const auto n = ready->find("port")) read_port(*n, out.ready_port, out.ready_own_port);
  if (out.ready_output.empty() == (out.ready_port == 0 && !out.ready_own_port))
    ready->fail("wanted one of \"output\" and \"port\": how is it known that it is ready?");
  if (const auto n = ready->find("timeout_s")) out.ready_timeout = std::chrono::seconds(n->integer(1, 600));
  out.submit = submit(node.at("submit"));
  const auto settled = node.find("settled");
  if (!settled) node.fail("nothing says when a message is done with: wanted \"settled\" with \"output\"");
  settled->object({"output", "thread"});
  if (const auto n = settled->find("output")) out.settled = settled_text(*n);
  if (const auto n = settled->find("thread")) out.settled_thread = regex_text(*n);
  if (out.settled.empty() == out.settled_thread.empty())
    settled->fail("wanted one of \"output\" and \"thread\"");
  if (const auto n = node.find("log")) {
    n->object({"file", "syslog"});
    if (const auto file = n->find("file")) out.log_file = path_inside(*file);
    if (const auto syslog = n->find("syslog")) out.syslog = syslog->boolean();
    if (out.log_file.empty() == !out.syslog) n->fail("wanted one of \"file\" and \"syslog\": true");
  }
  if (const auto n = node.find("thread")) out.thread = grouped_text(*n);
  if (!out.settled_thread.empty() && out.thread.empty())
    settled->fail("\"thread\" needs the daemon's \"thread\", which says what lines have in common");
  if (const auto n = node.find("peer")) out.peer = grouped_text(*n);
  if (const auto n = node.find("messages")) out.messages = static_cast<std::size_t>(n->integer(1, 1'000'000));
  if (const auto n = node.find("claims")) {
    n->object({"addresses", "domains", "hosts"});
    out.claims.file = n->file();
    out.claims.pointer = n->pointer();
    if (const auto list = n->find("addresses")) out.claims.addresses = list->strings();
    if (const auto list = n->find("domains")) out.claims.domains = list->strings();
    if (const auto list = n->find("hosts")) out.claims.hosts = list->strings();
  }
  return out;
}

/// A daemon is started once, before any of its messages is known.
void refuse_placeholders_of_a_message(const JsonNode& node, const ClientMode& mode) {
  const auto refuse = [&](const std::string& where, const std::string& text) {
    if (const auto name = first_placeholder_of_a_message(text))
      node.fail(fmt::format("{}: {{{}}} differs from message to message, and a daemon is started once", where,
                            *name));
  };
  for (const auto& word : mode.daemon->command) refuse("command", word);
  for (const auto& [name, text] : mode.files) refuse("files/" + name, text);
  for (const auto& [name, text] : mode.env) refuse("env/" + name, text);
  for (const auto& words : mode.setup) {
    for (const auto& word : words) refuse("setup", word);
  }
}

void read_files(const JsonNode& node, ClientMode& mode) {
  for (const auto& [name, text] : node.members()) {
    const bool of_tree = mode.installed && (name.starts_with("/etc/") || name.starts_with("/var/"));
    if (name.empty() || (name.front() == '/' && !of_tree) || name.find("..") != std::string::npos) {
      text.fail(fmt::format("\"{}\" is no path inside the work directory", name));
    }
    mode.files[name] = template_text(text);
  }
}

/// What differs from `usual` where TLS begins at once; files and variables are added, or take the place of
/// one.
ClientMode implicit_way(const JsonNode& node, const ClientMode& usual) {
  node.object({"command", "files", "setup", "env", "stdin", "says", "submit"});
  ClientMode out = usual;
  if (usual.daemon) {
    // It is started once, for both ways.
    for (const char* field : {"command", "files", "setup", "env", "stdin"})
      if (const auto n = node.find(field))
        n->fail("a mode with a \"daemon\" differs in \"submit\" and \"says\" only");
    out.daemon->submit = submit(node.at("submit"));
  } else if (const auto n = node.find("submit")) {
    n->fail("only a mode with a \"daemon\" has a \"submit\"");
  }
  if (const auto n = node.find("command")) out.command = command(*n);
  if (const auto n = node.find("files")) read_files(*n, out);
  if (const auto n = node.find("setup")) out.setup = commands(*n);
  if (const auto n = node.find("env")) {
    for (const auto& [name, text] : n->members()) out.env[name] = template_text(text);
  }
  if (const auto n = node.find("stdin")) out.stdin_text = template_text(*n);
  if (const auto n = node.find("says")) out.says = says(*n);
  if (node.members().empty()) node.fail("found nothing that differs, wanted \"command\" or another field");
  return out;
}

ClientMode client_mode(const JsonNode& node, const Manifest& manifest,
                       const std::optional<JsonNode>& defaults, unsigned cpu_ms) {
  node.object({"id",       "title",     "policy", "reference", "needs",
               "takes",    "files",     "setup",  "command",   "env",
               "stdin",    "timeout_s", "server", "delivers",  "hangs_without_starttls",
               "cpu_ms",   "says",      "judges", "daemon",    "implicit",
               "installed"});
  const auto find = [&](const char* key) {
    const auto own = node.find(key);
    return own || !defaults ? own : defaults->find(key);
  };
  ClientMode out;
  out.id = kebab_id(node.at("id"));
  if (const auto n = node.find("title")) out.title = n->string();
  read_policy(node.at("policy"), out);
  if (const auto n = node.find("reference")) {
    out.reference = word(*n, kReferences);
    out.policy.references = *out.reference;
  }
  if (const auto n = find("needs")) out.needs = words(*n, kNeeds);
  if (const auto n = find("takes")) {
    out.takes = words(*n, kTakes);
    if (out.takes.empty()) n->fail("found an empty list, wanted what the client can be told to deliver to");
    out.states_takes = true;
  }
  if (const auto n = find("installed")) {
    if (!find("daemon")) n->fail("only a mode with a \"daemon\" has packages as if installed");
    out.installed = installed(*n);
  }
  if (const auto n = find("files")) read_files(*n, out);
  if (const auto n = find("setup")) out.setup = commands(*n);
  if (const auto n = find("daemon")) {
    out.daemon = daemon(*n);
    if (out.daemon->syslog && !out.installed)
      n->fail("\"syslog\" needs \"installed\": else what the program sends there goes to the machine's");
    if (node.find("command")) node.fail("a mode with a \"daemon\" has no \"command\" of its own");
    if (!out.states_takes) out.takes = {Takes::domain};
    out.states_takes = true;
  } else if (manifest.appliance) {
    if (!out.states_takes) out.takes = {Takes::domain};
    out.states_takes = true;
  } else if (!manifest.builtin) {
    out.command = command(node.at("command"));
  }
  if (const auto n = find("env")) {
    for (const auto& [name, text] : n->members()) out.env[name] = template_text(text);
  }
  if (const auto n = find("stdin")) out.stdin_text = template_text(*n);
  if (out.daemon) refuse_placeholders_of_a_message(node, out);
  if (const auto n = find("timeout_s")) out.timeout = std::chrono::seconds(n->integer(1, 600));
  if (const auto n = find("server")) out.server = server_profile(*n);
  if (const auto n = node.find("delivers")) out.delivers = n->boolean();
  if (const auto n = find("judges")) out.judges = word(*n, kJudges);
  if (const auto n = find("hangs_without_starttls")) out.hangs_without_starttls = n->boolean();
  out.cpu_ms = cpu_ms;
  if (const auto n = node.find("cpu_ms")) out.cpu_ms = static_cast<unsigned>(n->integer(1, 60000));
  if (const auto n = find("says")) out.says = says(*n);
  if (const auto n = node.find("implicit")) out.implicit.push_back(implicit_way(*n, out));
  if (!out.delivers && out.says.verified.empty() && out.says.rejected.empty()) {
    node.fail(
        "a mode with \"delivers\": false is judged by its words: wanted \"says\" with \"verified\" or "
        "\"rejected\"");
  }
  return out;
}

}  // namespace

std::string_view to_string(Need need) {
  return std::find_if(kNeeds.begin(), kNeeds.end(), [&](const auto& n) { return n.second == need; })->first;
}

Manifest load_manifest(const std::filesystem::path& file) {
  const auto json = read_json_file(file);
  const JsonNode root(json, file.string());
  root.object({"id", "title", "engine", "packages", "unpack", "npm", "build", "version", "minimum_version",
               "tags", "built_in", "appliance", "cpu_ms", "worker", "defaults", "modes"});
  Manifest out;
  out.program_dir = std::filesystem::absolute(file).parent_path();
  out.id = kebab_id(root.at("id"));
  out.title = root.at("title").non_empty_string();
  if (const auto n = root.find("engine")) out.engine = n->string();
  if (const auto n = root.find("tags")) {
    for (const auto& tag : n->array()) out.tags.push_back(kebab_id(tag));
  }
  if (const auto n = root.find("packages")) out.packages = n->strings();
  if (const auto n = root.find("unpack")) out.unpack = package_names(*n, "");
  if (const auto n = root.find("npm")) out.npm = package_names(*n, "@/_");
  if (const auto n = root.find("build")) out.build = commands(*n);
  if (const auto n = root.find("version")) {
    n->object({"command", "pattern"});
    out.version_command = command(n->at("command"));
    out.version_pattern = regex_text(n->at("pattern"));
  }
  if (const auto n = root.find("minimum_version")) out.minimum_version = n->string();
  if (const auto n = root.find("built_in")) out.builtin = n->boolean();
  if (const auto n = root.find("appliance")) out.appliance = n->boolean();
  unsigned cpu_ms = 20;
  if (const auto n = root.find("cpu_ms")) cpu_ms = static_cast<unsigned>(n->integer(1, 60000));
  const auto defaults = root.find("defaults");
  if (defaults) defaults->object(kSharedFields);
  const JsonNode modes = root.at("modes");
  for (const auto& element : modes.array()) {
    ClientMode mode = client_mode(element, out, defaults, cpu_ms);
    if (out.appliance && (element.find("command") || mode.daemon))
      element.fail("an appliance is not started here: wanted neither \"command\" nor \"daemon\"");
    const bool twice =
        std::any_of(out.modes.begin(), out.modes.end(), [&](const auto& m) { return m.id == mode.id; });
    if (twice) element.fail(fmt::format("the mode \"{}\" stands twice", mode.id));
    out.modes.push_back(std::move(mode));
  }
  if (out.modes.empty()) modes.fail("no mode found, wanted at least one");
  if (const auto n = root.find("worker")) {
    n->object({"replaces", "command"});
    out.worker = WorkerCommand{n->at("replaces").strings(), worker_command(n->at("command"))};
    const bool used =
        std::any_of(out.modes.begin(), out.modes.end(), [&](const auto& m) { return worker_words(out, m); });
    if (!used)
      n->at("replaces")
          .fail(
              "no mode without \"setup\" and with the same \"env\" in all cells has a command that begins "
              "so");
  }
  return out;
}

std::optional<std::span<const std::string>> worker_words(const Manifest& manifest, const ClientMode& mode) {
  const bool same_env = std::none_of(mode.env.begin(), mode.env.end(), [](const auto& variable) {
    return first_placeholder_of_a_cell(variable.second).has_value();
  });
  if (!manifest.worker || !same_env || !mode.setup.empty()) return std::nullopt;
  const auto& replaced = manifest.worker->replaces;
  if (replaced.empty() || replaced.size() > mode.command.size() ||
      !std::equal(replaced.begin(), replaced.end(), mode.command.begin())) {
    return std::nullopt;
  }
  return std::span(mode.command).subspan(replaced.size());
}

const ClientMode* way_to(const Manifest& manifest, const ClientMode& mode, mocks::Starttls behaviour) {
  if (manifest.builtin || behaviour != mocks::Starttls::implicit) return &mode;
  return mode.implicit.empty() ? nullptr : &mode.implicit.front();
}

bool takes_port(const Manifest& manifest, const ClientMode& mode) {
  const auto named = [](const std::string& text) { return text.find("{port}") != std::string::npos; };
  const auto in_values = [&](const auto& entry) { return named(entry.second); };
  const auto in_words = [&](const auto& words) { return std::any_of(words.begin(), words.end(), named); };
  return manifest.builtin || named(mode.stdin_text) || in_words(mode.command) ||
         (mode.daemon && (in_words(mode.daemon->submit.command) || in_words(mode.daemon->submit.before))) ||
         std::any_of(mode.env.begin(), mode.env.end(), in_values) ||
         std::any_of(mode.files.begin(), mode.files.end(), in_values) ||
         std::any_of(mode.setup.begin(), mode.setup.end(), in_words);
}

std::vector<Manifest> load_manifests(const std::filesystem::path& dir) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(dir, error)) {
    if (const auto file = entry.path() / "client.json"; std::filesystem::exists(file)) files.push_back(file);
  }
  if (error) throw InputError(dir.string(), "", "cannot be read as a folder of client manifests");
  std::vector<Manifest> out;
  for (const auto& file : files) out.push_back(load_manifest(file));
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  const auto twin =
      std::adjacent_find(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.id == b.id; });
  if (twin != out.end()) {
    throw InputError((twin->program_dir / "client.json").string(), "/id",
                     fmt::format("the client \"{}\" stands in another manifest too", twin->id));
  }
  return out;
}

}  // namespace mxident::harness
