#include "harness/text/checktls.hpp"

#include <gtest/gtest.h>

namespace mxident::harness {
namespace {

TEST(CheckTlsSentence, TheReportedCase) {
  PresentedNames names;
  names.san = PresentedNames::San::present;
  names.identifiers = {{PresentedType::dns, "*.xxxcn.test"}, {PresentedType::dns, "xxxcn.test"}};
  PresentedCommonName cn;
  cn.octets = "*.xxxcn.test";
  names.common_names = {cn};
  EXPECT_EQ(
      checktls_mismatch(names, "mx5.xxxmx.test"),
      "Cert Hostname DOES NOT VERIFY (mx5.xxxmx.test != *.xxxcn.test | DNS:*.xxxcn.test | DNS:xxxcn.test)");
}

TEST(CheckTlsSentence, OddOctetsAreVisible) {
  PresentedNames names;
  names.identifiers = {{PresentedType::dns, std::string("a\0b", 3)},
                       {PresentedType::ip, std::string("\xc0\x00\x02\x19", 4)}};
  EXPECT_EQ(checktls_mismatch(names, "mx.test"),
            "Cert Hostname DOES NOT VERIFY (mx.test != DNS:a\\x00b | IP:192.0.2.25)");
}

TEST(CheckTlsSentence, ManyNamesAreCounted) {
  PresentedNames names;
  names.identifiers.assign(100, {PresentedType::dns, "a.test"});
  EXPECT_NE(checktls_mismatch(names, "mx.test").find("and 80 more"), std::string::npos);
}

}  // namespace
}  // namespace mxident::harness
