// The sandbox in a plain chroot: / is no mount point, and the kernel refuses user namespaces. The chroot is
// made in a user and mount namespace of the test's own, so that no root is needed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>

namespace mxident::harness::sandbox {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

/// Directories of the machine are bound into a directory of a tmpfs, which is made shared: a mount that the
/// sandbox makes in the open would show in the list of mounts outside.
constexpr std::string_view kScript = R"(set -e
top=$(mktemp -d)
trap 'rmdir $top' EXIT
export TMPDIR=/tmp
unshare --user --map-root-user --mount sh -c '
  set -e
  mount -t tmpfs none '$top'
  mkdir '$top'/root
  cd '$top'/root
  mkdir tmp probe etc usr
  mount --rbind /usr usr
  mount --rbind /etc etc
  mount --rbind DIRECTORY probe
  for name in bin lib lib64 sbin; do
    if [ -L /$name ]; then cp -a /$name .
    elif [ -d /$name ]; then mkdir $name; mount --rbind /$name $name
    fi
  done
  mount --make-rshared '$top'
  cat /proc/self/mountinfo >'$top'/before
  set +e
  chroot . COMMAND 2>&1
  echo code=$?
  cat /proc/self/mountinfo | cmp -s - '$top'/before && echo same mounts
  ls tmp
')";

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

/// What `command` prints in the chroot, its exit code, and whether the mounts outside are as before. PROBE in
/// the command stands for the probe program.
std::string output_of(std::string_view command) {
  std::string script(kScript);
  replace_all(script, "COMMAND", command);
  replace_all(script, "PROBE", "/probe/mxident_sandbox_probe");
  replace_all(script, "DIRECTORY", std::filesystem::path(MXIDENT_SANDBOX_PROBE).parent_path().string());
  std::FILE* pipe = ::popen(script.c_str(), "r");
  std::string output;
  std::array<char, 4096> block{};
  for (std::size_t size = 0; (size = std::fread(block.data(), 1, block.size(), pipe)) > 0;) {
    output.append(block.data(), size);
  }
  ::pclose(pipe);
  return output;
}

class PlainChroot : public testing::Test {
 protected:
  void SetUp() override {
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP()
        << "without /proc AddressSanitizer knows no bounds of the stack and takes an exception for a fault";
#endif
    if (const std::string output = output_of("true"); output != "code=0\nsame mounts\n") {
      GTEST_SKIP() << "no chroot can be made here: " << output;
    }
  }
};

TEST_F(PlainChroot, IsSandboxedAsRoot) {
  const std::string output = output_of("PROBE describe");
  EXPECT_THAT(output, HasSubstr("sandbox: own network, mount and process namespaces, as root"));
  EXPECT_THAT(output, EndsWith("code=0\nsame mounts\n"));
}

TEST_F(PlainChroot, HasNamesOfItsOwn) {
  const std::string output = output_of("PROBE run --hosts \"127.0.0.9 mx.test\" -- getent hosts mx.test");
  EXPECT_THAT(output, EndsWith("127.0.0.9       mx.test\ncode=0\nsame mounts\n"));
}

TEST_F(PlainChroot, StopsWhereMountsCannotBeMadePrivate) {
  // Without CAP_SYS_CHROOT there is no way to the mount that the chroot lies in.
  const std::string output =
      output_of("setpriv --bounding-set=-sys_chroot /probe/mxident_sandbox_probe describe");
  EXPECT_THAT(output, HasSubstr("mxident: the sandbox would be seen outside: / is no mount point"));
  EXPECT_THAT(output, EndsWith("code=3\nsame mounts\n"));
}

}  // namespace
}  // namespace mxident::harness::sandbox
