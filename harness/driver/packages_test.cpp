#include "harness/driver/packages.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace mxident::harness {
namespace {

using Packages = std::map<std::string, std::string>;
const Packages kInstalled{{"curl", "7.88.1-10+deb12u14"},      {"libssl3", "3.0.17-1~deb12u2"},
                          {"libgnutls30", "3.7.9-2+deb12u7"},  {"libio-socket-ssl-perl", "2.081-2"},
                          {"perl", "5.36.0-7+deb12u3"},        {"gnutls-bin", "3.7.9-2+deb12u7"},
                          {"nodejs", "18.20.4+dfsg-1~deb12u1"}};

struct PackagesRow {
  const char* name;
  std::string engine;
  std::vector<std::string> packages, npm;
  Packages wanted;
};
void PrintTo(const PackagesRow& row, std::ostream* out) {
  *out << row.name;
}
class PackagesOf : public testing::TestWithParam<PackagesRow> {};

TEST_P(PackagesOf, AClient) {
  Manifest manifest;
  manifest.engine = GetParam().engine;
  manifest.packages = GetParam().packages;
  manifest.npm = GetParam().npm;
  EXPECT_EQ(packages_of(manifest, kInstalled), GetParam().wanted);
}

const PackagesRow kPackagesRows[] = {
    {"openssl", "OpenSSL", {"curl"}, {}, {{"curl", "7.88.1-10+deb12u14"}, {"libssl3", "3.0.17-1~deb12u2"}}},
    {"gnutls",
     "GnuTLS",
     {"gnutls-bin"},
     {},
     {{"gnutls-bin", "3.7.9-2+deb12u7"}, {"libgnutls30", "3.7.9-2+deb12u7"}}},
    {"a_wrapper_that_checks_the_name",
     "OpenSSL (IO::Socket::SSL)",
     {"perl"},
     {},
     {{"perl", "5.36.0-7+deb12u3"}, {"libssl3", "3.0.17-1~deb12u2"}, {"libio-socket-ssl-perl", "2.081-2"}}},
    {"not_installed", "NSS", {"no-such-package"}, {}, {}},
    {"npm",
     "",
     {},
     {"nodemailer@6.9.1", "@scope/x@1.0.0"},
     {{"npm:nodemailer", "6.9.1"}, {"npm:@scope/x", "1.0.0"}}},
};
INSTANTIATE_TEST_SUITE_P(Table, PackagesOf, testing::ValuesIn(kPackagesRows),
                         [](const auto& i) { return std::string(i.param.name); });

TEST(MissingPackages, OfEachKind) {
  const std::filesystem::path cache =
      std::filesystem::temp_directory_path() / ("mxident-packages-" + std::to_string(::getpid()));
  std::filesystem::create_directories(cache / "there" / ".complete");
  std::filesystem::create_directories(cache / "half-unpacked");
  std::filesystem::create_directories(cache / "npm" / "acme" / "node_modules" / "@scope" / "x");
  Manifest manifest;
  manifest.id = "acme";
  manifest.packages = {"curl", "no-such-package"};
  manifest.unpack = {"there", "half-unpacked"};
  manifest.npm = {"@scope/x@1.0.0", "y@2.0.0"};
  EXPECT_EQ(missing_packages(manifest, kInstalled, cache),
            (std::vector<std::string>{"no-such-package", "half-unpacked", "y"}));
  EXPECT_EQ(missing_packages(manifest, {}, cache), (std::vector<std::string>{"half-unpacked", "y"}));
  std::filesystem::remove_all(cache);
}

}  // namespace
}  // namespace mxident::harness
