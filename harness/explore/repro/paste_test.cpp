#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>
#include <sstream>

#include "harness/explore/repro/answer.hpp"
#include "harness/explore/repro/clue.hpp"
#include "harness/explore/repro/pattern.hpp"

namespace mxident::harness::repro {
namespace {

namespace fs = std::filesystem;

const fs::path kFixtures = MXIDENT_SOURCE_DIR "/harness/explore/repro/fixtures";

std::string content(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Clues as "mx=a.test", each once.
std::set<std::string> clues_of(const Reading& reading) {
  static constexpr const char* kWords[] = {"mx", "cn", "san", "ehlo", "banner", "domain", "sign"};
  std::set<std::string> out;
  for (const auto& clue : reading.clues)
    out.insert(std::string(kWords[static_cast<std::size_t>(clue.kind)]) + "=" + clue.value);
  return out;
}

/// "### name", the text, and "==> " with what has to be found in it: all of it and no more.
struct Fixture {
  std::string file, name, text;
  std::set<std::string> wanted;
};
void PrintTo(const Fixture& fixture, std::ostream* out) {
  *out << fixture.file << " " << fixture.name;
}

std::vector<Fixture> fixtures() {
  std::vector<Fixture> out;
  for (const auto& entry : fs::directory_iterator(kFixtures)) {
    if (entry.path().stem().string().starts_with("report")) continue;
    std::istringstream lines(content(entry.path()));
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("### ")) {
        out.push_back({entry.path().stem(), line.substr(4), "", {}});
      } else if (line.starts_with("==> ")) {
        std::istringstream words(line.substr(4));
        out.back().wanted = {std::istream_iterator<std::string>(words), {}};
      } else {
        out.back().text += line + "\n";
      }
    }
  }
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return a.file + a.name < b.file + b.name; });
  return out;
}

class Paste : public testing::TestWithParam<Fixture> {};
TEST_P(Paste, IsUnderstood) {
  EXPECT_EQ(clues_of(read_paste(GetParam().text)), GetParam().wanted);
}
TEST_P(Paste, IsUnderstoodQuotedAndIndented) {
  std::string quoted;
  std::istringstream lines(GetParam().text);
  for (std::string line; std::getline(lines, line);) quoted += "> >   " + line + "\r\n";
  EXPECT_EQ(clues_of(read_paste(quoted)), GetParam().wanted);
}
TEST_P(Paste, IsUnderstoodByOneParser) {
  std::set<std::string_view> programs;
  for (const auto& found : read_paste(GetParam().text).recognised) programs.insert(found.program);
  EXPECT_EQ(programs.size(), 1u) << testing::PrintToString(programs);
}
INSTANTIATE_TEST_SUITE_P(Fixtures, Paste, testing::ValuesIn(fixtures()), [](const auto& row) {
  std::string name = row.param.file + "_" + row.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(Patterns, HaveThreeFixturesEach) {
  std::map<std::string_view, std::size_t> counts;
  for (const auto& pattern : all_patterns()) counts[pattern.program];
  for (const auto& fixture : fixtures()) {
    const Reading reading = read_paste(fixture.text);
    if (!reading.recognised.empty()) ++counts[reading.recognised.front().program];
  }
  for (const auto& [program, count] : counts) EXPECT_GE(count, 3u) << program;
}

TEST(Patterns, AreWellFormed) {
  static constexpr std::string_view kFields[] = {
      "mx",     "cn",     "dn",      "dns",    "sans",     "cn_sans", "dns_sans", "ip_sans",   "ehlo",
      "banner", "domain", "mailbox", "number", "any_name", "any",     "cn_host",  "blank_sans"};
  for (const auto& pattern : all_patterns()) {
    const Form form = parse_form(pattern.form);
    ASSERT_LE(form.anchor, 1u) << pattern.form;
    ASSERT_LT(form.anchor, form.parts.size()) << pattern.form;
    EXPECT_GE(form.parts[form.anchor].literal.size(), 2u) << pattern.form;
    EXPECT_EQ(pattern.form.find_first_of("\"`\t"), std::string_view::npos)
        << pattern.form << ": the text has none";
    EXPECT_EQ(pattern.form.find("  "), std::string_view::npos) << pattern.form << ": blanks are one";
    for (const auto& part : form.parts)
      EXPECT_TRUE(part.field.empty() ||
                  std::find(std::begin(kFields), std::end(kFields), part.field) != std::end(kFields))
          << pattern.form;
    std::istringstream signs{std::string(pattern.signs)};
    for (std::string sign; signs >> sign;)
      EXPECT_NE(std::find(std::begin(kSigns), std::end(kSigns), sign), std::end(kSigns)) << pattern.form;
  }
}

// "self-signed certificate in certificate chain" is no self-signed certificate.
TEST(Patterns, AreFoundWhole) {
  for (const auto& pattern : all_patterns()) {
    if (!pattern.within.empty() || pattern.form.find('{') != std::string_view::npos) continue;
    const Reading reading = read_paste(pattern.form);
    ASSERT_EQ(reading.recognised.size(), 1u) << pattern.form;
    EXPECT_EQ(reading.recognised.front().text.substr(0, 90), pattern.form.substr(0, 90));
    EXPECT_EQ(reading.recognised.front().program, pattern.program);
  }
}

// What clients said in the sandbox, where the fault was known: no word of it may be read as another fault.
TEST(Words, OfClientsAreNotTakenForAnotherFault) {
  const std::map<std::string, std::set<std::string>> wrong = {
      {"wrong-name",
       {"chain-failed", "chain-expired", "chain-self", "chain-unknown-ca", "no-starttls", "name-ok"}},
      {"unknown-ca", {"name-failed", "chain-expired", "chain-self", "no-starttls", "chain-ok"}},
      {"expired", {"name-failed", "chain-self", "chain-unknown-ca", "no-starttls"}},
      {"no-starttls", {"name-failed", "chain-failed", "chain-expired", "chain-self", "chain-unknown-ca"}}};
  const auto words = nlohmann::json::parse(content(MXIDENT_SOURCE_DIR "/fixtures/client-words.json"));
  std::size_t named = 0;
  for (const auto& [mode, by_fault] : words.items()) {
    for (const auto& [fault, text] : by_fault.items()) {
      if (!wrong.contains(fault)) continue;
      for (const auto& clue : read_paste(text.get<std::string>()).clues) {
        if (clue.kind != ClueKind::sign) continue;
        EXPECT_FALSE(wrong.at(fault).contains(clue.value)) << mode << " " << fault << ": " << clue.value;
        named += fault == "wrong-name" && clue.value == "name-failed" ? 1 : 0;
      }
    }
  }
  EXPECT_GE(named, 30u);
}

TEST(Report, OfTheGoogleHost) {
  const Reading reading = read_paste(content(kFixtures / "report-google.txt"));
  EXPECT_EQ(clues_of(reading), (std::set<std::string>{"mx=gmail-smtp-in.l.google.com", "cn=mx.google.com",
                                                      "san=dns:mx.google.com", "sign=name-failed"}));
  EXPECT_FALSE(reading.unknown.empty()) << "prose is listed as not understood";
}

TEST(Report, OfCheckTls) {
  const auto clues = clues_of(read_paste(content(kFixtures / "report-checktls.txt")));
  for (const char* wanted : {"mx=mx5.xxxMX.com", "cn=*.xxxCN.com", "san=dns:*.xxxCN.com", "san=dns:xxxCN.com",
                             "ehlo=mx1.xxxCN.com", "sign=name-failed", "sign=chain-ok"})
    EXPECT_TRUE(clues.contains(wanted)) << wanted << " " << testing::PrintToString(clues);
}

TEST(Cost, OfUnknownTextIsAStepAnOctet) {
  std::string text;
  while (text.size() < (1u << 20))
    text += "Nothing in here is a line that any program printed, it goes on and on and on.\n";
  const Reading reading = read_paste(text);
  EXPECT_TRUE(reading.clues.empty());
  EXPECT_LE(reading.steps, text.size() + text.size() / 10);
}

TEST(Cost, OfHostileTextIsLinear) {
  for (const std::string piece : {"Cert Hostname DOES NOT VERIFY (", "posttls-finger: ", "to=<",
                                  "DNS:", "hostname '", "250-", "H=a [", "\x1b["}) {
    std::size_t steps[2];
    for (int i = 0; i < 2; ++i) {
      std::string text;
      while (text.size() < (i + 1) * 100'000u) text += piece;
      steps[i] = read_paste(text).steps;
    }
    EXPECT_LE(steps[1], 3 * steps[0] + 1000) << piece;
    EXPECT_LE(steps[1], 400 * 200'000u) << piece;
  }
}

TEST(Paste, KeepsBoundsAndPersonsOut) {
  std::string text;
  for (int i = 0; i < 5000; ++i)
    text += "RCPT TO:<person" + std::to_string(i) + "@h" + std::to_string(i) + ".test>\n";
  const Reading reading = read_paste(text);
  EXPECT_LE(reading.clues.size(), 1000u);
  EXPECT_TRUE(reading.cut);
  for (const auto& clue : reading.clues) EXPECT_EQ(clue.value.find("person"), std::string::npos);
}

TEST(Paste, ReadsWhatHtmlWroteDifferently) {
  const std::string_view text =
      "\xef\xbb\xbf&gt; hostname &quot;a.test&quot;&nbsp;does not match the server certificate\r\n"
      "&gt; Hostname/IP does not match certificate&#39;s altnames: Host: b.test. is not in the "
      "cert\xe2\x80\x99s "
      "altnames: DNS:c.test\r\n";
  const auto clues = clues_of(read_paste(text));
  for (const char* wanted : {"mx=a.test", "mx=b.test", "san=dns:c.test"})
    EXPECT_TRUE(clues.contains(wanted)) << wanted;
}

TEST(Paste, KeepsWholeCertificates) {
  const Reading reading = read_paste(
      "> -----BEGIN CERTIFICATE-----\r\n> MIIB+/==\r\n> -----END CERTIFICATE-----\r\n"
      "-----BEGIN CERTIFICATE-----\nMIIB\nand so on, says the log\nx509: certificate signed by unknown "
      "authority\n");
  EXPECT_EQ(reading.certificates, "-----BEGIN CERTIFICATE-----\nMIIB+/==\n-----END CERTIFICATE-----\n");
  EXPECT_TRUE(clues_of(reading).contains("sign=chain-unknown-ca")) << "what follows a broken one is read";
}

TEST(Paste, ReadsThroughTerminalEscapes) {
  const Reading reading = read_paste("\x1b[1mVerify return code: \x1b[32m0 (ok)\x1b[0m\n");
  EXPECT_TRUE(clues_of(reading).contains("sign=chain-ok"));
  const auto clues = clues_of(read_paste(
      "x509: certificate is valid for \x1b]0;a title\aa.test, \x1b]8;;http://u.test\x1b\\b.test\x1b(B,"
      " not \x1b[1;31mc.test\n"));
  for (const char* wanted : {"san=dns:a.test", "san=dns:b.test", "mx=c.test"})
    EXPECT_TRUE(clues.contains(wanted)) << wanted;
}

TEST(Paste, ReadsWhatPowerShellWrites) {
  const std::string_view text = "x509: certificate is valid for a.test, not b.test\r\n";
  std::string little = "\xff\xfe", big = "\xfe\xff";
  for (const char c : text) {
    little += {c, '\0'};
    big += {'\0', c};
  }
  for (const auto& octets : {little, big, little + "\x3d\xd8", big + "\xd8"}) {
    const auto clues = clues_of(read_paste(octets));
    EXPECT_TRUE(clues.contains("mx=b.test") && clues.contains("san=dns:a.test"));
  }
}

TEST(Paste, NothingThatATerminalObeysComesOut) {
  const Reading reading = read_paste(
      "what is this \x1b[2J\x9b\xc2\x9b"
      "31m \a\x7f\xe2\x80\xae\n");
  const std::string text = text_of(reading, 80);
  EXPECT_NE(text.find("what is this"), std::string::npos);
  for (const char* octets : {"\x1b", "\x9b", "\a", "\x7f", "\xe2\x80\xae"})
    EXPECT_EQ(text.find(octets), std::string::npos) << text;
}

}  // namespace
}  // namespace mxident::harness::repro
