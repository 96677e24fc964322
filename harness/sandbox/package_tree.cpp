#include "harness/sandbox/package_tree.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <set>
#include <sstream>
#include <string_view>
#include <system_error>

#include "harness/sandbox/io.hpp"
#include "harness/sandbox/mounts.hpp"

namespace mxident::harness::sandbox {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 3> kOwnDirectories{"etc", "var", "run"};
/// Where packages make directories when they are installed and not before.
constexpr std::array<const char*, 6> kOfVar{"cache", "lib", "log", "mail", "spool", "tmp"};
constexpr std::array<const char*, 6> kDevices{"null", "zero", "full", "random", "urandom", "tty"};
/// The link /dev/log leads here, so that one /dev serves all trees.
constexpr const char* kSyslogName = "mxident-syslog";
/// Above what distributions hand out, below the 65536 ids that subuid(5) grants.
constexpr unsigned kFirstId = 60100;

std::string tree_path(const std::string& base, const std::string& name) {
  return base + "/trees/" + name;
}

void bind_tree_part(const std::string& from, const std::string& to, unsigned long flags) {
  if (::mount(from.c_str(), to.c_str(), nullptr, MS_BIND | flags, nullptr) != 0)
    throw SetupError("cannot lay " + from + " over " + to, errno);
}

/// The machine's directories as they are outside of trees, for links to lead to, and a /dev: once for all
/// trees, for each mount makes each cell dearer.
void make_shared_part(const std::string& base) {
  if (fs::exists(base + "/below")) return;
  for (const char* name : kOwnDirectories) {
    const std::string below = base + "/below/" + name;
    make_directories(below);
    bind_tree_part(std::string("/") + name, below, MS_REC);
    mount_attr attributes{};
    attributes.attr_set = MOUNT_ATTR_RDONLY;
    if (::mount_setattr(AT_FDCWD, below.c_str(), AT_RECURSIVE, &attributes, sizeof attributes) != 0)
      throw SetupError("cannot make " + below + " read-only", errno);
  }
  const std::string dev = base + "/dev";
  for (const char* name : {"/shm", "/pts"}) make_directories(dev + name);
  for (const char* name : kDevices) {
    write_file(dev + "/" + name, "");
    bind_tree_part(std::string("/dev/") + name, dev + "/" + name, 0);
  }
  fs::create_symlink("/proc/self/fd", dev + "/fd");
  fs::create_symlink("/proc/self/fd/0", dev + "/stdin");
  fs::create_symlink("/proc/self/fd/1", dev + "/stdout");
  fs::create_symlink("/proc/self/fd/2", dev + "/stderr");
  fs::create_symlink(std::string("/run/") + kSyslogName, dev + "/log");
}

/// Programs that change to other users reach their files through `base`: links lead there.
void refuse_closed(const std::string& base) {
  for (fs::path at = base; at.has_relative_path(); at = at.parent_path()) {
    if ((fs::status(at).permissions() & fs::perms::others_exec) == fs::perms::none)
      throw SetupError(at.string() +
                       " is closed to the users that the program changes to; name another folder in TMPDIR");
  }
}

/// The layers are named by descriptors: a ':' or ',' in a path would end its name.
void lay_usr(const std::string& target, const std::vector<std::string>& folders) {
  std::vector<Fd> layers;
  std::string names;
  const auto add = [&](const std::string& path) {
    Fd layer(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!layer) throw SetupError("cannot open " + path, errno);
    names += (names.empty() ? "lowerdir=/proc/self/fd/" : ":/proc/self/fd/") + std::to_string(layer.get());
    layers.push_back(std::move(layer));
  };
  for (const std::string& folder : folders) {
    if (fs::is_directory(folder + "/usr")) add(folder + "/usr");
  }
  if (layers.empty()) return bind_tree_part("/usr", target, MS_REC);
  add("/usr");
  if (::mount("overlay", target.c_str(), "overlay", MS_NODEV | MS_RDONLY, names.c_str()) != 0)
    throw SetupError("cannot lay unpacked packages over /usr", errno);
}

/// Field `which` of a line of passwd(5) or group(5).
std::string field_of(const std::string& line, int which) {
  std::istringstream fields(line);
  std::string out;
  for (int i = 0; i <= which; ++i) out = std::getline(fields, out, ':') ? out : "";
  return out;
}

class Names {
 public:
  explicit Names(const std::string& file) : text_(read_file(file)) {
    std::istringstream lines(text_);
    for (std::string line; std::getline(lines, line);) {
      names_.insert(field_of(line, 0));
      ids_.insert(field_of(line, 2));
    }
    if (!text_.empty() && text_.back() != '\n') text_ += '\n';
  }
  bool has(const std::string& name) const { return names_.contains(name); }
  bool has_id(unsigned id) const { return ids_.contains(std::to_string(id)); }
  void add(const std::string& name, unsigned id, const std::string& line) {
    names_.insert(name);
    ids_.insert(std::to_string(id));
    text_ += line + "\n";
  }
  void write(const std::string& file) const {
    fs::remove(file);  // a link to the machine's
    write_file(file, text_);
  }
  /// The id of a name that is there.
  std::string id_of(const std::string& name) const {
    std::istringstream lines(text_);
    for (std::string line; std::getline(lines, line);) {
      if (field_of(line, 0) == name) return field_of(line, 2);
    }
    return "";
  }

 private:
  std::string text_;
  std::set<std::string> names_, ids_;
};

void write_users(const std::string& etc, const PackageTree& tree) {
  Names users("/etc/passwd"), groups("/etc/group");
  unsigned id = kFirstId;
  const auto add_group = [&](const std::string& name) {
    if (groups.has(name)) return;
    while (users.has_id(id) || groups.has_id(id)) ++id;
    groups.add(name, id, name + ":x:" + std::to_string(id) + ":");
  };
  for (const auto& [name, home] : tree.users) {
    add_group(name);
    if (users.has(name)) continue;
    const std::string group = groups.id_of(name);
    while (users.has_id(id)) ++id;
    const std::string own = std::to_string(id);
    users.add(name, id, name + ":x:" + own + ":" + group + "::" + home + ":/usr/sbin/nologin");
  }
  for (const std::string& name : tree.groups) add_group(name);
  users.write(etc + "/passwd");
  groups.write(etc + "/group");
}

}  // namespace

void make_package_tree(const std::string& base, const std::string& name, const PackageTree& tree) {
  const std::string path = tree_path(base, name);
  try {
    refuse_closed(base);
    for (const std::string& folder : tree.folders) {
      if (!fs::is_directory(folder))
        throw SetupError("there is no unpacked package " + folder +
                         "; scripts/install-clients puts it there");
    }
    make_shared_part(base);
    make_directories(path + "/usr");
    lay_usr(path + "/usr", tree.folders);
    for (const char* directory : kOwnDirectories) {
      const std::string own = path + "/" + directory;
      make_directories(own);
      for (const std::string& folder : tree.folders) {
        const std::string part = folder + "/" + directory;
        if (fs::is_directory(part))
          fs::copy(part, own,
                   fs::copy_options::recursive | fs::copy_options::copy_symlinks |
                       fs::copy_options::skip_existing);
      }
      if (std::string_view(directory) == "var") {
        for (const char* part : kOfVar) make_directories(own + "/" + part);
      }
      link_missing(base + "/below/" + directory, own);
    }
    write_users(path + "/etc", tree);
  } catch (const fs::filesystem_error& error) {
    throw SetupError(error.what());
  }
}

void remove_package_tree(const std::string& base, const std::string& name) {
  const std::string path = tree_path(base, name);
  // What is still mounted is not ours to empty.
  if (::umount2((path + "/usr").c_str(), MNT_DETACH) != 0 && errno != EINVAL && errno != ENOENT) return;
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

TreeMounts mounts_of_package_tree(const std::string& base, const std::string& name) {
  const std::string path = tree_path(base, name);
  TreeMounts out;
  out.binds = {path + "/usr", "/usr", base + "/dev", "/dev"};
  for (const char* directory : kOwnDirectories) {
    out.binds.push_back(path + "/" + directory);
    out.binds.push_back(std::string("/") + directory);
    out.writable.push_back(std::string("/") + directory);
  }
  return out;
}

std::string syslog_socket(const std::string& base, const std::string& name) {
  return tree_path(base, name) + "/run/" + kSyslogName;
}

}  // namespace mxident::harness::sandbox
