#include "harness/explore/fingerprint/fingerprint.hpp"

#include <gtest/gtest.h>

#include "harness/explore/fingerprint/probes.hpp"

namespace mxident::harness {
namespace {

Fingerprint example() {
  Fingerprint f{"curl", "7.88.1", "ssl-reqd", "rfc6125", "", {}, {}};
  f.names.push_back({"mxhost", "MX host", Decision::accept, "", "mx.mxhost.fp.test", true, false});
  f.names.push_back({"ehlo", "EHLO name", Decision::reject, "", "mx.ehlo.fp.test", false, false});
  f.behaviours.push_back(
      {"hidden", "STARTTLS not offered", Decision::reject, "", std::nullopt, false, false});
  return f;
}

TEST(FingerprintProbes, AllLoad) {
  EXPECT_EQ(name_probes().size(), 11u);
  EXPECT_EQ(behaviour_probes().size(), 11u);
}

TEST(FingerprintCard, SaysWhatIsChecked) {
  const std::string text = card(example());
  EXPECT_NE(text.find("accepts a certificate for   MX host\n"), std::string::npos) << text;
  EXPECT_NE(text.find("refuses a certificate for   EHLO name\n"), std::string::npos) << text;
  EXPECT_NE(text.find("sends as SNI                MX host\n"), std::string::npos) << text;
  EXPECT_NE(text.find("decides                     before MAIL\n"), std::string::npos) << text;
  EXPECT_NE(text.find("STARTTLS not offered        gives up\n"), std::string::npos) << text;
}

TEST(FingerprintCard, NoNameCheck) {
  Fingerprint f = example();
  f.names[1].decision = Decision::accept;
  EXPECT_NE(card(f).find("any name: names are not checked"), std::string::npos);
}

TEST(FingerprintCard, MailBeforeTheCheck) {
  Fingerprint f = example();
  f.names[1].mail_seen = true;
  EXPECT_NE(card(f).find("sends MAIL before it refuses"), std::string::npos);
}

}  // namespace
}  // namespace mxident::harness
