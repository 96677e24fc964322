#include "harness/sandbox/mounts.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "harness/sandbox/io.hpp"
#include "harness/sandbox/trust_store.hpp"

namespace mxident::harness::sandbox {
namespace {

namespace fs = std::filesystem;

constexpr unsigned long kPlain = MS_NOSUID | MS_NODEV | MS_NOEXEC;

bool exists(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0;
}

void lay_over(const std::string& from, const std::string& to, unsigned long flags = 0) {
  if (::mount(from.c_str(), to.c_str(), nullptr, MS_BIND | flags, nullptr) != 0) {
    throw SetupError("cannot lay " + from + " over " + to, errno);
  }
}

/// Makes one mount, or with `flags` AT_RECURSIVE a tree of them, read-only. Flags that came from outside
/// (nosuid and the like) stay, which a remount could not promise.
void make_read_only(const std::string& path, unsigned flags) {
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  if (::mount_setattr(AT_FDCWD, path.c_str(), flags, &attributes, sizeof attributes) != 0) {
    throw SetupError("cannot make " + path + " read-only", errno);
  }
}

void enter_as_root(const Fd& directory) {
  if (::fchdir(directory.get()) != 0 || ::chroot(".") != 0)
    throw SetupError("cannot enter the root directory", errno);
}

/// In a plain chroot: the namespace's own root is made private first, because it may share its mounts with
/// the machine and a bind would appear there. Entering the present mount namespace again leads to that root.
void make_chroot_a_mount() {
  const std::string here = fs::current_path();
  const Fd chroot_dir(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  const Fd self(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)));
  if (!chroot_dir || !self || ::setns(self.get(), CLONE_NEWNS) != 0) {
    throw NotPrivate(
        system_message("/ is no mount point, and its mount cannot be reached to make it private", errno));
  }
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    throw NotPrivate(system_message("the mounts below / cannot be made private", errno));
  }
  const Fd tree(::open_tree(chroot_dir.get(), "",
                            unsigned{AT_EMPTY_PATH} | unsigned{AT_RECURSIVE} | unsigned{OPEN_TREE_CLONE} |
                                unsigned{OPEN_TREE_CLOEXEC}));
  if (!tree || ::move_mount(tree.get(), "", chroot_dir.get(), "",
                            MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0) {
    throw NotPrivate(system_message("/ is no mount point and cannot be bound onto itself", errno));
  }
  // An initial ramdisk cannot be pivoted away; then changing the root directory has to do.
  if (::fchdir(tree.get()) == 0 && ::syscall(SYS_pivot_root, ".", ".") == 0) {
    ::umount2(".", MNT_DETACH);
  } else {
    enter_as_root(tree);
  }
  if (::chdir(here.c_str()) != 0) throw SetupError("cannot return to " + here, errno);
}

/// Files of /etc that are bundles of trusted roots on some system; replaced where they exist.
constexpr std::array<std::pair<const char*, const char*>, 8> kTrustFiles{{
    {"ssl/ca-bundle.pem", kBundleName},
    {"pki/tls/cert.pem", kBundleName},
    {"pki/tls/cacert.pem", kBundleName},
    {"pki/ca-trust/extracted/pem/tls-ca-bundle.pem", kBundleName},
    {"pki/ca-trust/extracted/java/cacerts", kJavaName},
    {"pki/java/cacerts", kJavaName},
    {"ca-certificates/extracted/tls-ca-bundle.pem", kBundleName},
    {"ca-certificates/extracted/java-cacerts.jks", kJavaName},
}};

/// Sockets there answer for the machine's real name service, and a path socket ignores network namespaces.
/// glibc asks nscd before everything else (nscd(8)).
constexpr std::array<const char*, 4> kNameServiceDirectories{"nscd", "systemd/resolve", "dbus",
                                                             "avahi-daemon"};

/// Our own entries of /etc, in `etc`.
void write_own_etc(const std::string& etc) {
  make_directories(etc + "/ssl/certs");
  write_file(etc + "/resolv.conf", "nameserver 127.0.0.1\n");
  write_file(etc + "/hosts",
             std::string("127.0.0.1 localhost\n::1 localhost\n127.0.0.1 ") + kHostName + " client\n");
  write_file(etc + "/nsswitch.conf",
             "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nnetworks: files\n"
             "protocols: files\nservices: files\n");
  write_file(etc + "/hostname", std::string(kHostName) + "\n");
  fs::create_symlink(std::string("certs/") + kBundleName, etc + "/ssl/cert.pem");
  for (const auto& [file, target] : kTrustFiles) {
    if (!exists(std::string("/etc/") + file)) continue;
    const std::string own = etc + "/" + file;
    make_directories(own.substr(0, own.rfind('/')));
    fs::create_symlink(std::string("/etc/ssl/certs/") + target, own);
  }
}

/// Adds a link to `real` for each of its entries that `own` lacks; a directory of both is gone through.
void link_missing(const std::string& real, const std::string& own) {
  for (const auto& entry : fs::directory_iterator(real)) {
    const std::string target = own + "/" + entry.path().filename().string();
    const fs::file_status mine = fs::symlink_status(target);
    if (!fs::exists(mine)) {
      // A relative link of /etc stays right as it is: ours stands at the same place.
      entry.is_symlink() ? fs::copy_symlink(entry.path(), target) : fs::create_symlink(entry.path(), target);
    } else if (fs::is_directory(mine) && entry.is_directory() && target != own + "/certs") {
      link_missing(entry.path(), target);
    }
  }
}

void lay_etc_as_links(const std::string& base) {
  make_directories(base + "/machine-etc");
  lay_over("/etc", base + "/machine-etc", MS_REC);
  make_read_only(base + "/machine-etc", AT_RECURSIVE);
  link_missing(base + "/machine-etc", base + "/etc");
  lay_over(base + "/etc", "/etc");
  make_read_only("/etc", 0);
}

/// Returns 0 or an errno value. The layers are named by relative paths: a ':' or ',' in `base` would end its
/// name.
int lay_etc_as_overlay(const std::string& base) {
  const Fd here(::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (::chdir(base.c_str()) != 0) return errno;
  const int error =
      ::mount("overlay", "/etc", "overlay", MS_NOSUID | MS_NODEV, "lowerdir=etc:/etc") == 0 ? 0 : errno;
  return here && ::fchdir(here.get()) == 0 ? error : errno;
}

void lay_trust(const std::string& base) {
  lay_over(base + "/trust", "/etc/ssl/certs");
  make_read_only("/etc/ssl/certs", 0);
  if (exists("/etc/pki/tls/certs")) lay_over(base + "/trust", "/etc/pki/tls/certs");
  // OpenSSL's own place, where it is a file and no link into /etc.
  const std::string openssl_file = "/usr/lib/ssl/cert.pem";
  if (fs::is_regular_file(fs::symlink_status(openssl_file)))
    lay_over(base + "/trust/" + kBundleName, openssl_file);
}

void cover_name_services(const std::string& base) {
  make_directories(base + "/empty");
  for (const char* run : {"/run", "/var/run"}) {
    if (fs::is_symlink(fs::symlink_status(run))) continue;
    for (const char* name : kNameServiceDirectories) {
      const std::string path = std::string(run) + "/" + name;
      if (exists(path)) lay_over(base + "/empty", path);
    }
  }
}

}  // namespace

void make_mounts_private() {
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0) return;
  if (errno == EPERM || errno == EACCES) throw SetupError("mounts are refused", errno);
  if (errno != EINVAL) throw NotPrivate(system_message("mounts cannot be made private", errno));
  make_chroot_a_mount();
}

std::string mount_proc_and_sys() {
  // A program that reads /sys/class/net sees the interfaces of the namespace that mounted it. Only
  // information.
  ::mount("sysfs", "/sys", "sysfs", kPlain | MS_RDONLY, nullptr);
  if (::mount("proc", "/proc", "proc", kPlain, nullptr) == 0) return {};
  return errno == ENOENT ? "there is no /proc" : system_message("/proc is the machine's", errno);
}

void make_base_directories(const std::string& base) {
  for (const char* name : {"/cells", "/work", "/trust/java"}) make_directories(base + name);
  write_trust_store(base + "/trust", {});
}

std::string lay_out_files(const std::string& base, EtcForm form) {
  if (::mount("tmpfs", base.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") != 0) {
    throw SetupError("cannot mount a tmpfs at " + base, errno);
  }
  make_base_directories(base);
  std::string note;
  try {
    write_own_etc(base + "/etc");
    const int error = form == EtcForm::links ? EOPNOTSUPP : lay_etc_as_overlay(base);
    if (error != 0) {
      lay_etc_as_links(base);
      note = system_message("/etc is made of links, no overlay", error);
    }
    lay_trust(base);
    cover_name_services(base);
  } catch (const fs::filesystem_error& error) {
    throw SetupError(error.what());
  }
  return note;
}

}  // namespace mxident::harness::sandbox
