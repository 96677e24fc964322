// What the mint writes, read back by libcrypto and looked for octet by octet.
#include "certs/mint.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ostream>

#include "certs/der.hpp"
#include "certs/names.hpp"
#include "certs/test_support.hpp"

namespace mxident::certs {
namespace {

using test::attribute;
using test::cn;
using test::dns;
using test::from_hex;
using test::mint_one;
using test::ordinary;
using test::parse;
using test::raw;
using test::to_hex;

using GeneralNames = OpensslPtr<GENERAL_NAMES, GENERAL_NAMES_free>;

Octets octets_of(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

GeneralNames san_of(const X509* certificate) {
  return GeneralNames(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
}

/// Content of extnValue, or "none".
Octets extension_value(const X509* certificate, int nid) {
  const int at = X509_get_ext_by_NID(certificate, nid, -1);
  return at < 0 ? "none" : octets_of(X509_EXTENSION_get_data(X509_get_ext(certificate, at)));
}

CertificateSpec with_san(std::vector<GeneralName> names) {
  auto spec = ordinary().spec;
  spec.san = std::move(names);
  return spec;
}

template <class Change>
CertificateSpec changed(Change change) {
  auto spec = ordinary().spec;
  change(spec);
  return spec;
}

struct SpecRow {
  const char* name;
  CertificateSpec spec;
};
void PrintTo(const SpecRow& row, std::ostream* out) {
  *out << row.name;
}

/// Certificates that libcrypto reads, odd as their names may be.
class ReadBackTest : public testing::TestWithParam<SpecRow> {};

TEST_P(ReadBackTest, LibcryptoWritesTheSameDer) {
  const Chain chain = mint_one(GetParam().spec);
  const Octets& der = chain.leaf.der;
  const auto certificate = parse(der);
  ASSERT_TRUE(certificate) << to_hex(der);

  // re_: from the parsed fields, not from the octets that libcrypto keeps beside them.
  unsigned char* tbs = nullptr;
  const int tbs_size = i2d_re_X509_tbs(certificate.get(), &tbs);
  ASSERT_GT(tbs_size, 0);
  EXPECT_NE(der.find(Octets(reinterpret_cast<const char*>(tbs), static_cast<std::size_t>(tbs_size))),
            Octets::npos);
  OPENSSL_free(tbs);

  unsigned char* whole = nullptr;
  const int size = i2d_X509(certificate.get(), &whole);
  ASSERT_GT(size, 0);
  EXPECT_EQ(to_hex(Octets(reinterpret_cast<const char*>(whole), static_cast<std::size_t>(size))),
            to_hex(der));
  OPENSSL_free(whole);

  EXPECT_EQ(X509_verify(certificate.get(), test::authority().intermediate.key.get()), 1);
  EXPECT_EQ(X509_check_private_key(certificate.get(), chain.leaf.key.get()), 1);
}

const SpecRow kReadable[] = {
    {"ordinary", ordinary().spec},
    {"no_subject", changed([](auto& s) { s.subject.clear(); })},
    {"several_cns", changed([](auto& s) {
       s.subject = {{cn("a.test")}, {cn("b.test")}, {cn("c.test")}};
     })},
    {"multi_valued_rdn", changed([](auto& s) {
       s.subject = {{cn("b.test"), cn("a.test")}};
     })},
    {"all_string_types", changed([](auto& s) {
       s.subject.clear();
       for (const auto type : {StringType::utf8, StringType::printable, StringType::ia5, StringType::bmp,
                               StringType::t61, StringType::universal}) {
         s.subject.push_back({cn(encode_text("mx.test", type), type)});
       }
     })},
    {"all_name_types", with_san({dns("a.test"),
                                 {NameType::ip, from_hex("c0000201"), {}},
                                 {NameType::ip, from_hex("20010db8000000000000000000000001"), {}},
                                 {NameType::email, "postmaster@a.test", {}},
                                 {NameType::uri, "smtp://a.test", {}},
                                 {NameType::srv, "_submission.a.test", {}},
                                 {NameType::xmpp, "a.test", {}},
                                 {NameType::smtputf8, "\xc3\xbc@a.test", {}},
                                 {NameType::dirname, "", {{cn("a.test")}}},
                                 {NameType::rid, "1.2.3.4", {}}})},
    {"dns_with_nul", with_san({dns(raw("mx.test\0.evil.test"))})},
    {"dns_empty", with_san({dns("")})},
    {"ip_of_five_octets", with_san({{NameType::ip, "12345", {}}})},
    {"san_empty", with_san({})},
    {"san_missing", changed([](auto& s) { s.san.reset(); })},
    {"san_critical", changed([](auto& s) { s.san_critical = true; })},
    {"san_of_500_names", with_san(std::vector<GeneralName>(500, dns("mx.example.test")))},
    {"wrong_tag_in_der", with_san({{NameType::der, from_hex("0c0161"), {}}})},
    {"general_name_longer_than_its_sequence", with_san({{NameType::der, from_hex("827f6d78"), {}}})},
    {"generalized_time_on_both_ends", changed([](auto& s) {
       s.validity = {2524608000, 2524608001};
     })},
    {"utc_time_on_both_ends", changed([](auto& s) {
       s.validity = {1347451016, 1370634207};
     })},
    {"no_eku_no_key_usage", changed([](auto& s) {
       s.extended_key_usage.emplace();
       s.key_usage = 0;
     })},
    {"no_extension", changed([](auto& s) {
       s.san.reset();
       s.without = {"2.5.29.14", "2.5.29.15", "2.5.29.19", "2.5.29.35", "2.5.29.37"};
     })},
    {"all_key_usages", changed([](auto& s) { s.key_usage = 0x1ff; })},
    {"ca_with_everything", changed([](auto& s) {
       s.ca = true;
       s.path_length = 300;
       s.name_constraints =
           NameConstraints{{dns("example.test"), {NameType::ip, from_hex("c0000200ffffff00"), {}}},
                           {{NameType::email, ".evil.test", {}}},
                           false};
     })},
    {"empty_name_constraints", changed([](auto& s) { s.name_constraints.emplace(); })},
    {"p384", changed([](auto& s) { s.key = KeyType::p384; })},
    {"ed25519", changed([](auto& s) { s.key = KeyType::ed25519; })},
    {"rsa2048", changed([](auto& s) { s.key = KeyType::rsa2048; })},
    {"rsa1024", changed([](auto& s) { s.key = KeyType::rsa1024; })},
    {"unknown_extension", changed([](auto& s) {
       s.extensions = {{"1.2.3.4", true, raw("\0\1")}};
     })},
    {"negative_serial", changed([](auto& s) { s.serial = raw("\x80"); })},
};
INSTANTIATE_TEST_SUITE_P(Mint, ReadBackTest, testing::ValuesIn(kReadable),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(MintNames, SanComparesAsText) {
  const auto chain = mint_one(with_san({dns("mx.example.test"),
                                        {NameType::ip, from_hex("c0000219"), {}},
                                        {NameType::ip, from_hex("20010db8000000000000000000000025"), {}},
                                        {NameType::email, "post@example.test", {}},
                                        {NameType::uri, "smtp://mx.example.test", {}}}));
  const auto certificate = parse(chain.leaf.der);
  ASSERT_TRUE(certificate);
  const auto names = san_of(certificate.get());
  ASSERT_TRUE(names);
  ASSERT_EQ(sk_GENERAL_NAME_num(names.get()), 5);
  const auto value = [&](int i) { return octets_of(sk_GENERAL_NAME_value(names.get(), i)->d.ia5); };
  EXPECT_EQ(value(0), "mx.example.test");
  EXPECT_EQ(to_hex(value(1)), "c0000219");
  EXPECT_EQ(value(3), "post@example.test");
  EXPECT_EQ(value(4), "smtp://mx.example.test");

  X509* const x = certificate.get();
  EXPECT_EQ(X509_check_host(x, "mx.example.test", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(x, "mx2.example.test", 0, 0, nullptr), 0);
  EXPECT_EQ(X509_check_ip_asc(x, "192.0.2.25", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(x, "192.0.2.26", 0), 0);
  EXPECT_EQ(X509_check_ip_asc(x, "2001:db8::25", 0), 1);
  EXPECT_EQ(X509_check_email(x, "post@example.test", 0, 0), 1);
  EXPECT_EQ(X509_check_email(x, "other@example.test", 0, 0), 0);
}

TEST(MintNames, OtherNamesHaveTheirTypes) {
  const auto chain = mint_one(with_san({{NameType::srv, "_smtp.a.test", {}},
                                        {NameType::xmpp, "b.test", {}},
                                        {NameType::smtputf8, "c@d.test", {}}}));
  const auto certificate = parse(chain.leaf.der);
  const auto names = san_of(certificate.get());
  ASSERT_TRUE(names);
  const int nids[] = {NID_SRVName, NID_XmppAddr, NID_id_on_SmtpUTF8Mailbox};
  const int types[] = {V_ASN1_IA5STRING, V_ASN1_UTF8STRING, V_ASN1_UTF8STRING};
  const char* const texts[] = {"_smtp.a.test", "b.test", "c@d.test"};
  for (int i = 0; i < 3; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    ASSERT_EQ(name->type, GEN_OTHERNAME);
    EXPECT_EQ(OBJ_obj2nid(name->d.otherName->type_id), nids[i]);
    ASSERT_EQ(name->d.otherName->value->type, types[i]);
    EXPECT_EQ(octets_of(name->d.otherName->value->value.asn1_string), texts[i]);
  }
}

TEST(MintNames, SubjectHasEveryCnAndItsRdn) {
  const auto chain = mint_one(changed([](auto& s) {
    s.subject = {
        {attribute("2.5.4.6", "US", StringType::printable)}, {cn("z.test"), cn("a.test")}, {cn("last.test")}};
  }));
  const auto certificate = parse(chain.leaf.der);
  ASSERT_TRUE(certificate);
  const X509_NAME* subject = X509_get_subject_name(certificate.get());
  ASSERT_EQ(X509_NAME_entry_count(subject), 4);
  const auto entry = [&](int i) { return X509_NAME_get_entry(subject, i); };
  EXPECT_EQ(octets_of(X509_NAME_ENTRY_get_data(entry(1))), "a.test") << "DER sorts a multi-valued RDN";
  EXPECT_EQ(octets_of(X509_NAME_ENTRY_get_data(entry(2))), "z.test");
  EXPECT_EQ(X509_NAME_ENTRY_set(entry(1)), X509_NAME_ENTRY_set(entry(2)));
  EXPECT_NE(X509_NAME_ENTRY_set(entry(2)), X509_NAME_ENTRY_set(entry(3)));
  EXPECT_EQ(ASN1_STRING_type(X509_NAME_ENTRY_get_data(entry(0))), V_ASN1_PRINTABLESTRING);
  EXPECT_EQ(octets_of(X509_NAME_ENTRY_get_data(entry(3))), "last.test");
}

// Malformed in just the stated way: the fault is there, and the certificate around it is sound.

TEST(MintMalformed, NulStaysInsideTheName) {
  const Octets evil = raw("mx.test\0.evil.test");
  auto spec = with_san({dns(evil)});
  spec.subject = {{cn(evil)}};
  const auto certificate = parse(mint_one(spec).leaf.der);
  ASSERT_TRUE(certificate);
  const auto names = san_of(certificate.get());
  ASSERT_TRUE(names);
  EXPECT_EQ(octets_of(sk_GENERAL_NAME_value(names.get(), 0)->d.dNSName), evil);
  const auto* entry = X509_NAME_get_entry(X509_get_subject_name(certificate.get()), 0);
  EXPECT_EQ(octets_of(X509_NAME_ENTRY_get_data(entry)), evil);
}

TEST(MintMalformed, AddressOfWrongLength) {
  for (const std::size_t size : {0U, 1U, 3U, 5U, 8U, 15U, 17U, 32U}) {
    const auto certificate = parse(mint_one(with_san({{NameType::ip, Octets(size, '\x7f'), {}}})).leaf.der);
    ASSERT_TRUE(certificate);
    const auto names = san_of(certificate.get());
    ASSERT_TRUE(names);
    ASSERT_EQ(sk_GENERAL_NAME_num(names.get()), 1);
    EXPECT_EQ(octets_of(sk_GENERAL_NAME_value(names.get(), 0)->d.iPAddress).size(), size);
  }
}

TEST(MintMalformed, WrongTagSpoilsTheSanOnly) {
  const auto certificate =
      parse(mint_one(with_san({{NameType::der, from_hex("0c0161"), {}}, dns("a")})).leaf.der);
  ASSERT_TRUE(certificate);
  EXPECT_EQ(to_hex(extension_value(certificate.get(), NID_subject_alt_name)), "30060c0161820161");
  EXPECT_FALSE(san_of(certificate.get()));
  EXPECT_NE(extension_value(certificate.get(), NID_ext_key_usage), "none");
}

TEST(MintMalformed, LengthBeyondTheSanSpoilsTheSanOnly) {
  const auto certificate = parse(mint_one(with_san({{NameType::der, from_hex("827f6d78"), {}}})).leaf.der);
  ASSERT_TRUE(certificate);
  EXPECT_EQ(to_hex(extension_value(certificate.get(), NID_subject_alt_name)), "3004827f6d78");
  EXPECT_FALSE(san_of(certificate.get()));
}

TEST(MintMalformed, TwoSanExtensions) {
  const Octets second = der::sequence({general_names_content({dns("b.test")})});
  const Octets first = der::sequence({general_names_content({dns("a.test")})});
  auto spec = ordinary().spec;
  spec.extensions = {{"2.5.29.17", false, first}, {"2.5.29.17", true, second}};
  const auto certificate = parse(mint_one(spec).leaf.der);
  ASSERT_TRUE(certificate);
  const int at = X509_get_ext_by_NID(certificate.get(), NID_subject_alt_name, -1);
  const int next = X509_get_ext_by_NID(certificate.get(), NID_subject_alt_name, at);
  ASSERT_GE(at, 0);
  ASSERT_GT(next, at);
  EXPECT_EQ(octets_of(X509_EXTENSION_get_data(X509_get_ext(certificate.get(), at))), first);
  EXPECT_EQ(octets_of(X509_EXTENSION_get_data(X509_get_ext(certificate.get(), next))), second);
  EXPECT_EQ(X509_EXTENSION_get_critical(X509_get_ext(certificate.get(), next)), 1);
  EXPECT_EQ(X509_get_ext_by_NID(certificate.get(), NID_subject_alt_name, next), -1);
}

TEST(MintMalformed, CnThatIsNoUtf8StandsInTheDer) {
  // libcrypto refuses such a name, so only the octets can be looked at.
  const auto chain = mint_one(changed([](auto& s) { s.subject = {{cn("a\xff")}}; }));
  EXPECT_NE(chain.leaf.der.find(from_hex("06035504030c0261ff")), Octets::npos);
  EXPECT_FALSE(parse(chain.leaf.der));
}

TEST(MintExtensions, MissingAndEmptySanDiffer) {
  const auto missing = parse(mint_one(changed([](auto& s) { s.san.reset(); })).leaf.der);
  EXPECT_EQ(extension_value(missing.get(), NID_subject_alt_name), "none");
  const auto empty = parse(mint_one(with_san({})).leaf.der);
  EXPECT_EQ(to_hex(extension_value(empty.get(), NID_subject_alt_name)), "3000");
}

TEST(MintExtensions, DefaultsOfAnEndCertificate) {
  const auto certificate = parse(mint_one(ordinary()).leaf.der);
  EXPECT_EQ(to_hex(extension_value(certificate.get(), NID_basic_constraints)), "3000");
  EXPECT_EQ(to_hex(extension_value(certificate.get(), NID_key_usage)), "03020780");
  EXPECT_EQ(to_hex(extension_value(certificate.get(), NID_ext_key_usage)), "300a06082b06010505070301");
  EXPECT_EQ(X509_get_version(certificate.get()), X509_VERSION_3);
}

TEST(MintExtensions, DefaultsOfACa) {
  const auto certificate = parse(mint_one(changed([](auto& s) {
                                   s.ca = true;
                                   s.path_length = 0;
                                 })).leaf.der);
  EXPECT_EQ(to_hex(extension_value(certificate.get(), NID_basic_constraints)), "30060101ff020100");
  EXPECT_EQ(to_hex(extension_value(certificate.get(), NID_key_usage)), "03020106");
  EXPECT_EQ(extension_value(certificate.get(), NID_ext_key_usage), "none");
}

TEST(MintExtensions, ReplacementKeepsThePlaceAndLeftOutIsGone) {
  auto spec = ordinary().spec;
  spec.extensions = {{"2.5.29.19", false, from_hex("3000")}, {"1.2.3.4", false, "x"}};
  spec.without = {"2.5.29.15"};
  const auto certificate = parse(mint_one(spec).leaf.der);
  ASSERT_TRUE(certificate);
  EXPECT_EQ(X509_get_ext_by_NID(certificate.get(), NID_basic_constraints, -1), 0);
  EXPECT_EQ(X509_EXTENSION_get_critical(X509_get_ext(certificate.get(), 0)), 0);
  EXPECT_EQ(extension_value(certificate.get(), NID_key_usage), "none");
  const int count = X509_get_ext_count(certificate.get());
  EXPECT_EQ(octets_of(X509_EXTENSION_get_data(X509_get_ext(certificate.get(), count - 1))), "x");
}

TEST(MintExtensions, KeyIdentifiersGoFromIssuerToIssued) {
  CertificateRequests requests;
  requests["ca"].spec.ca = true;
  requests["ca"].spec.subject_key_identifier = from_hex("bfc030ebf543113e67ba9e91fbfc6adae36b1224");
  requests["mx"] = ordinary();
  requests["mx"].issuer = "ca";
  const auto chains = mint(requests, test::authority(), test::keys());
  const auto leaf = parse(chains.at("mx").leaf.der);
  EXPECT_EQ(to_hex(extension_value(leaf.get(), NID_authority_key_identifier)),
            "30168014bfc030ebf543113e67ba9e91fbfc6adae36b1224");
  EXPECT_EQ(extension_value(leaf.get(), NID_subject_key_identifier),
            der::tlv(der::kOctetString, {chains.at("mx").leaf.key.key_identifier()}));

  requests["ca"].spec.subject_key_identifier = "";
  const auto without = mint(requests, test::authority(), test::keys());
  EXPECT_EQ(extension_value(parse(without.at("ca").leaf.der).get(), NID_subject_key_identifier), "none");
  EXPECT_EQ(extension_value(parse(without.at("mx").leaf.der).get(), NID_authority_key_identifier), "none");
}

Octets serial_of(const CertificateSpec& spec) {
  const auto certificate = parse(mint_one(spec).leaf.der);
  return octets_of(X509_get0_serialNumber(certificate.get()));
}

TEST(MintSerial, StableAndTiedToWhatIsSaid) {
  const Octets serial = serial_of(ordinary().spec);
  EXPECT_EQ(serial, serial_of(ordinary().spec)) << "another key, the same words";
  EXPECT_EQ(serial.size(), 16U);
  EXPECT_NE(serial, serial_of(with_san({dns("other.test")})));
  EXPECT_NE(serial, serial_of(changed([](auto& s) { s.subject.clear(); })));
  EXPECT_NE(serial, serial_of(changed([](auto& s) { s.validity.to -= 1; })));
  const auto two = mint({{"a", ordinary()}, {"b", ordinary()}}, test::authority(), test::keys());
  EXPECT_NE(octets_of(X509_get0_serialNumber(parse(two.at("a").leaf.der).get())),
            octets_of(X509_get0_serialNumber(parse(two.at("b").leaf.der).get())));
}

TEST(MintSerial, GivenOctetsAreTaken) {
  EXPECT_EQ(to_hex(serial_of(changed([](auto& s) { s.serial = from_hex("3b74028d5a61ab2fd1d6"); }))),
            "3b74028d5a61ab2fd1d6");
  const auto empty = mint_one(changed([](auto& s) { s.serial = ""; }));
  EXPECT_NE(empty.leaf.der.find(from_hex("a003020102"
                                         "0200")),
            Octets::npos);
}

TEST(MintSends, OrderAndRepetition) {
  CertificateRequests requests;
  requests["mx"] = ordinary();
  requests["other"] = ordinary("other.test");
  requests["mx"].sends = {{"root", "leaf", "mx", "other", "intermediate", "unknown-ca", "leaf"}};
  const auto chains = mint(requests, test::authority(), test::keys());
  const auto& leaf = chains.at("mx").leaf.der;
  const auto& authority = test::authority();
  EXPECT_EQ(chains.at("mx").sends,
            (std::vector<Octets>{authority.root.der, leaf, leaf, chains.at("other").leaf.der,
                                 authority.intermediate.der, authority.unknown_root.der, leaf}));
  requests["mx"].sends.emplace();
  EXPECT_TRUE(mint(requests, test::authority(), test::keys()).at("mx").sends.empty());
}

TEST(MintSends, DefaultIsThePathWithoutItsRoot) {
  const auto& authority = test::authority();
  CertificateRequests requests;
  requests["ca"].spec.ca = true;
  requests["own-root"].spec.ca = true;
  requests["own-root"].issuer = "self";
  for (const char* issuer : {"intermediate", "root", "self", "unknown-ca", "ca", "own-root"}) {
    auto& request = requests[std::string("by-") + issuer] = ordinary();
    request.issuer = issuer;
  }
  const auto chains = mint(requests, authority, test::keys());
  const auto leaf = [&](const char* id) { return chains.at(id).leaf.der; };
  using List = std::vector<Octets>;
  EXPECT_EQ(chains.at("by-intermediate").sends, (List{leaf("by-intermediate"), authority.intermediate.der}));
  EXPECT_EQ(chains.at("by-intermediate").issuers, (List{authority.intermediate.der, authority.root.der}));
  EXPECT_EQ(chains.at("by-root").sends, (List{leaf("by-root")}));
  EXPECT_EQ(chains.at("by-root").issuers, (List{authority.root.der}));
  EXPECT_EQ(chains.at("by-self").sends, (List{leaf("by-self")}));
  EXPECT_EQ(chains.at("by-self").issuers, List{});
  EXPECT_EQ(chains.at("by-unknown-ca").sends, (List{leaf("by-unknown-ca")}));
  EXPECT_EQ(chains.at("by-unknown-ca").issuers, (List{authority.unknown_root.der}));
  EXPECT_EQ(chains.at("by-ca").sends, (List{leaf("by-ca"), leaf("ca"), authority.intermediate.der}));
  EXPECT_EQ(chains.at("by-ca").issuers, (List{leaf("ca"), authority.intermediate.der, authority.root.der}));
  EXPECT_EQ(chains.at("by-own-root").sends, (List{leaf("by-own-root")}));
  EXPECT_EQ(chains.at("by-own-root").issuers, (List{leaf("own-root")}));
}

TEST(MintPem, ReadsBackInTheOrderOfTheWire) {
  const auto chain = mint_one(ordinary());
  const std::string pem = pem_chain(chain);
  EXPECT_EQ(pem, chain.leaf.pem() + to_pem(test::authority().intermediate.der));
  const OpensslPtr<BIO, BIO_free_all> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  for (const auto& der : chain.sends) {
    const test::X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    ASSERT_TRUE(certificate);
    EXPECT_EQ(X509_cmp(certificate.get(), parse(der).get()), 0);
  }
}

}  // namespace
}  // namespace mxident::certs
