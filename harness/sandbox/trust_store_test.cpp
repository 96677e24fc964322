#include "harness/sandbox/trust_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "harness/sandbox/io.hpp"

namespace mxident::harness::sandbox {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::EndsWith;
using testing::StartsWith;

class TrustStore : public testing::Test {
 protected:
  TrustStore() {
    directory_ = (fs::temp_directory_path() / "mxident-trust-XXXXXX").string();
    if (::mkdtemp(directory_.data()) == nullptr) throw SetupError("mkdtemp", errno);
  }
  ~TrustStore() override { fs::remove_all(directory_); }

  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& entry : fs::directory_iterator(directory_)) result.push_back(entry.path().filename());
    std::sort(result.begin(), result.end());
    return result;
  }
  std::string read(const std::string& name) const { return read_file(directory_ + "/" + name); }

  std::string directory_;
  const std::string root_ = read_file(std::string(MXIDENT_SOURCE_DIR) + "/harness/sandbox/testdata/root.pem");
};

TEST_F(TrustStore, HoldsTheRootInEveryForm) {
  write_trust_store(directory_, {root_});
  // The hash is what `openssl x509 -hash` says.
  EXPECT_THAT(names(), ElementsAre("3ac4ac9e.0", "ca-certificates.crt", "java", "mxident-0.pem"));
  EXPECT_EQ(read("ca-certificates.crt"), root_);
  EXPECT_EQ(read("3ac4ac9e.0"), root_);
  EXPECT_EQ(fs::read_symlink(directory_ + "/3ac4ac9e.0"), "mxident-0.pem");
}

TEST_F(TrustStore, SeveralCertificatesOfOneNameGetNumbers) {
  write_trust_store(directory_, {root_ + root_});
  EXPECT_THAT(names(), ElementsAre("3ac4ac9e.0", "3ac4ac9e.1", "ca-certificates.crt", "java", "mxident-0.pem",
                                   "mxident-1.pem"));
  EXPECT_EQ(read("ca-certificates.crt"), root_ + root_);
}

TEST_F(TrustStore, IsReplaced) {
  write_trust_store(directory_, {root_, root_});
  write_trust_store(directory_, {});
  EXPECT_THAT(names(), ElementsAre("ca-certificates.crt", "java"));
  EXPECT_EQ(read("ca-certificates.crt"), "");
}

TEST_F(TrustStore, JavaStoreHasItsMagicVersionAndCount) {
  write_trust_store(directory_, {root_});
  const std::string store = read("java/cacerts");
  EXPECT_THAT(store, StartsWith(std::string("\xFE\xED\xFE\xED\0\0\0\2\0\0\0\1\0\0\0\2\0\x09mxident-0", 27)));
}

TEST_F(TrustStore, RefusesATextWithoutCertificate) {
  EXPECT_THROW(write_trust_store(directory_, {"no certificate"}), SetupError);
}

}  // namespace
}  // namespace mxident::harness::sandbox
