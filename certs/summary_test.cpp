#include "certs/summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include "certs/test_support.hpp"

namespace mxident::certs {
namespace {

using test::attribute;
using test::cn;
using test::dns;
using test::from_hex;
using test::ordinary;
using test::raw;
using testing::HasSubstr;

/// `text` with the octets that differ from run to run replaced.
std::string stable(std::string text, const Chain& chain) {
  const auto replace = [&text](const Octets& octets, const char* by) {
    const auto at = text.find(test::to_hex(octets));
    if (at != std::string::npos) text.replace(at, octets.size() * 2, by);
  };
  replace(chain.leaf.key.key_identifier(), "SKI");
  replace(test::authority().intermediate.key_identifier, "AKI");
  return text;
}

TEST(Summary, OrdinaryCertificate) {
  auto request = ordinary();
  request.spec.serial = from_hex("01a2");
  request.spec.subject = {{attribute("2.5.4.10", "A, B"), cn("mx.example.test")}, {cn("second")}};
  const auto chain = test::mint_one(request);
  EXPECT_EQ(stable(summary(chain.leaf.der), chain),
            "subject: O=A\\, B + CN=mx.example.test, CN=second\n"
            "issuer: O=mxident test certificates (keys not secret), CN=mxident test intermediate\n"
            "serial: 01a2\n"
            "valid: 2020-01-01T00:00:00Z to 2099-12-31T23:59:59Z\n"
            "key: prime256v1\n"
            "signature: ecdsa-with-SHA256\n"
            "basic constraints (critical): no ca\n"
            "key usage (critical): digitalSignature\n"
            "extended key usage: serverAuth\n"
            "names:\n"
            "  dns mx.example.test\n"
            "subject key identifier: SKI\n"
            "authority key identifier: AKI\n");
}

std::string summary_of(const CertificateSpec& spec) {
  return summary(test::mint_one(spec).leaf.der);
}

TEST(Summary, OddOctetsAreEscaped) {
  auto spec = ordinary().spec;
  spec.subject = {{cn(raw("a\0b\\\n"))}};
  spec.san_critical = true;
  spec.san = {dns(raw("mx.test\0.evil.test")),
              dns(""),
              {NameType::email, "a\nnames:", {}},
              {NameType::ip, from_hex("c0000219"), {}},
              {NameType::ip, from_hex("20010db8000000000000000000000025"), {}},
              {NameType::ip, "12345", {}},
              {NameType::uri, "smtp://mx.test", {}},
              {NameType::srv, "_smtp.test", {}},
              {NameType::xmpp, "x.test", {}},
              {NameType::smtputf8, "\xc3\xbc@x.test", {}},
              {NameType::dirname, "", {{cn("d")}}},
              {NameType::rid, "1.2.3.4", {}}};
  const std::string text = summary_of(spec);
  EXPECT_THAT(text, HasSubstr("subject: CN=a\\x00b\\\\\\x0a\n"));
  EXPECT_THAT(text, HasSubstr("names (critical):\n"
                              "  dns mx.test\\x00.evil.test\n"
                              "  dns \n"
                              "  email a\\x0anames:\n"
                              "  ip 192.0.2.25\n"
                              "  ip 2001:db8::25\n"
                              "  ip #3132333435 (5 octets)\n"
                              "  uri smtp://mx.test\n"
                              "  srv _smtp.test\n"
                              "  xmpp x.test\n"
                              "  smtputf8 \\xc3\\xbc@x.test\n"
                              "  dirname CN=d\n"
                              "  rid 1.2.3.4\n"));
}

TEST(Summary, StringTypesThatAreUnusualAreNamed) {
  auto spec = ordinary().spec;
  spec.subject = {{cn(encode_text("m\xc3\xbc", StringType::bmp), StringType::bmp)},
                  {cn("t", StringType::t61)}};
  EXPECT_THAT(summary_of(spec), HasSubstr("subject: CN=m\\xc3\\xbc (BMPSTRING), CN=t (T61STRING)\n"));
}

TEST(Summary, EmptyThings) {
  auto spec = ordinary().spec;
  spec.subject.clear();
  spec.san.emplace();
  const std::string text = summary_of(spec);
  EXPECT_THAT(text, HasSubstr("subject: (empty)\n"));
  EXPECT_THAT(text, HasSubstr("names: (empty)\n"));
}

TEST(Summary, ConstraintsOfACa) {
  auto spec = ordinary().spec;
  spec.ca = true;
  spec.path_length = 2;
  spec.name_constraints =
      NameConstraints{{dns("example.test"), {NameType::ip, from_hex("c0000200ffffff00"), {}}},
                      {{NameType::email, ".evil.test", {}}},
                      true};
  const std::string text = summary_of(spec);
  EXPECT_THAT(text, HasSubstr("basic constraints (critical): ca, path length 2\n"));
  EXPECT_THAT(text, HasSubstr("key usage (critical): keyCertSign cRLSign\n"));
  EXPECT_THAT(text, HasSubstr("name constraints (critical):\n"
                              "  permitted dns example.test\n"
                              "  permitted ip 192.0.2.0/255.255.255.0\n"
                              "  excluded email .evil.test\n"));
}

TEST(Summary, WhatLibcryptoCannotReadIsHex) {
  ERR_clear_error();
  auto spec = ordinary().spec;
  spec.san = {{NameType::der, from_hex("0c0161"), {}}};
  spec.extensions = {{"1.2.3.4", true, "xy"}, {"2.5.29.19", false, "?"}};
  const std::string text = summary_of(spec);
  EXPECT_THAT(text, HasSubstr("names (not readable): #30030c0161\n"));
  EXPECT_THAT(text, HasSubstr("extension 1.2.3.4 (critical): #7879\n"));
  EXPECT_THAT(text, HasSubstr("basic constraints (not readable): #3f\n"));
  spec.subject = {{cn("\xff")}};
  EXPECT_THAT(summary_of(spec), HasSubstr("certificate (not readable): #3082"));
  EXPECT_EQ(summary("?"), "certificate (not readable): #3f\n");
  EXPECT_EQ(ERR_peek_error(), 0UL) << "an error left behind would be taken for another's";
}

TEST(Summary, OctetsBehindTheCertificateAreShown) {
  EXPECT_THAT(summary(test::mint_one(ordinary()).leaf.der + "!?"), HasSubstr("\noctets behind it: #213f\n"));
}

}  // namespace
}  // namespace mxident::certs
