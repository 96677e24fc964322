#include "harness/cli/senders.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "certs/mint.hpp"
#include "harness/cli/catalogue.hpp"
#include "harness/input/data_dirs.hpp"

namespace mxident::harness::cli {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

/// Servers that no scenario knows, under an authority of their own.
class Senders : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    // Every test of this suite may be a process of its own.
    folder_ =
        std::filesystem::path(testing::TempDir()) / ("mxident-senders-test-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    const auto scenarios = load_scenarios({});
    const auto digest = [&](const std::string& id) {
      for (const auto& scenario : scenarios) {
        if (scenario.id == id) return scenario.digest.substr(0, kDigestKept);
      }
      return std::string();
    };
    Baseline curl;
    curl.client = "curl";
    curl.version = "1.2.3";
    curl.recorded = "2026-01-01";
    curl.notes["note"] = {"takes anything", "it was told to", ""};
    const std::string right = "rfc9525/exact-name", wrong = "reported/checktls-wildcard-of-another-domain",
                      changed = "reported/default-certificate-always";  // in the same situation as `wrong`
    curl.scenarios = {{right, digest(right)}, {wrong, digest(wrong)}, {changed, "000000000000"}};
    curl.ran["ssl-reqd"] = {right, wrong};
    curl.ran["insecure"] = {right, changed};
    curl.modes["ssl-reqd"] = {};
    curl.claims["ssl-reqd"][right] = "verified";
    std::ofstream(folder_ / "curl-1.2.3.json") << baseline_text(curl);
    book_ = std::make_unique<SenderBook>(folder_);
    keys_ = std::make_unique<certs::KeyPool>();
    authority_ = std::make_unique<certs::Authority>(certs::Authority::make(*keys_));
    trust_ = std::make_unique<TrustStore>();
    std::string error;
    trust_->add_pem(authority_->root.pem(), error);
  }
  static void TearDownTestSuite() {
    book_.reset();
    std::filesystem::remove_all(folder_);
  }

  CheckInput server(const std::string& host, std::vector<std::string> dns_names) const {
    certs::CertificateRequests requests;
    auto& spec = requests["mx"].spec;
    if (host == "mx7.somewhere.test")
      spec.subject = {{{"2.5.4.3", {dns_names.front(), certs::StringType::utf8}}}};
    spec.san.emplace();
    for (auto& name : dns_names) spec.san->push_back(certs::GeneralName{certs::NameType::dns, name, {}});
    CheckInput out;
    out.chain = certs::mint(requests, *authority_, *keys_).at("mx").sends;
    out.trust = trust_.get();
    out.time = std::time(nullptr);
    out.mx_host = host;
    out.domain = "elsewhere.test";
    return out;
  }

  static const SenderAnswer* answer(const SenderBook::Page& page, const std::string& mode) {
    for (const auto& one : page.answers) {
      if (one.client == "curl" && one.mode == mode) return &one;
    }
    return nullptr;
  }

  static std::filesystem::path folder_;
  static std::unique_ptr<SenderBook> book_;
  static std::unique_ptr<certs::KeyPool> keys_;
  static std::unique_ptr<certs::Authority> authority_;
  static std::unique_ptr<TrustStore> trust_;
};
std::filesystem::path Senders::folder_;
std::unique_ptr<SenderBook> Senders::book_;
std::unique_ptr<certs::KeyPool> Senders::keys_;
std::unique_ptr<certs::Authority> Senders::authority_;
std::unique_ptr<TrustStore> Senders::trust_;

TEST_F(Senders, APassIsWhatThePolicyExpects) {
  const auto page = book_->look_up(server("mail.somewhere.test", {"mail.somewhere.test"}), OffersTls::yes);
  EXPECT_THAT(page.scenarios, Contains("rfc9525/exact-name"));
  const SenderAnswer* const strict = answer(page, "ssl-reqd");
  ASSERT_NE(strict, nullptr);
  EXPECT_EQ(strict->decision, Decision::accept);
  EXPECT_EQ(strict->trials, 1U);
  EXPECT_EQ(strict->claim, "verified");
  EXPECT_THAT(senders_text({"mail.somewhere.test", page}), HasSubstr("deliver under TLS"));
}

TEST_F(Senders, AWrongNameIsTheReportedSituation) {
  const auto page =
      book_->look_up(server("mx7.somewhere.test", {"*.other.test", "other.test"}), OffersTls::yes);
  EXPECT_THAT(page.scenarios, Contains("reported/checktls-wildcard-of-another-domain"));
  EXPECT_THAT(page.scenarios, Not(Contains("rfc9525/exact-name")));
  EXPECT_EQ(answer(page, "ssl-reqd")->decision, Decision::reject);
}

TEST_F(Senders, AHostOfNoDomainIsInItsSituationToo) {
  CheckInput input = server("mx7.somewhere.test", {"*.other.test", "other.test"});
  input.domain.clear();
  EXPECT_EQ(answer(book_->look_up(input, OffersTls::yes), "ssl-reqd")->decision, Decision::reject);
}

TEST_F(Senders, WhatWasRecordedOfAnotherTextIsNotRecorded) {
  const auto page =
      book_->look_up(server("mx7.somewhere.test", {"*.other.test", "other.test"}), OffersTls::yes);
  ASSERT_NE(answer(page, "insecure"), nullptr);
  EXPECT_EQ(answer(page, "insecure")->decision, std::nullopt);
  EXPECT_EQ(answer(page, "insecure")->trials, 0U);
  EXPECT_THAT(senders_text({"mx7.somewhere.test", page}), HasSubstr("are not recorded in this situation"));
}

TEST_F(Senders, ASituationOfNoScenarioIsNotRecorded) {
  CheckInput input =
      server("192.0.2.9", {"mail.somewhere.test"});  // an address, which needs an address in turn
  const auto page = book_->look_up(input, OffersTls::yes);
  EXPECT_TRUE(page.scenarios.empty());
  EXPECT_THAT(senders_text({"mail.somewhere.test", page}), HasSubstr("nothing is guessed"));
  EXPECT_TRUE(senders_json({"mail.somewhere.test", page})["scenarios"].empty());
}

TEST_F(Senders, TextIsOfEightyColumns) {
  const auto page = book_->look_up(server("mail.somewhere.test", {"mail.somewhere.test"}), OffersTls::yes);
  std::istringstream lines(senders_text({"mail.somewhere.test", page}));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

TEST_F(Senders, EveryRightServerIsInOneSituation) {
  const auto one = server("a.b.test", {"a.b.test"});
  const auto other = server("mx.c.test", {"mx.c.test"});
  EXPECT_EQ(situation_of(one, OffersTls::yes), situation_of(other, OffersTls::yes));
  const auto wild = server("mx.c.test", {"*.c.test"});
  EXPECT_NE(situation_of(one, OffersTls::yes), situation_of(wild, OffersTls::yes));
  EXPECT_NE(situation_of(one, OffersTls::yes), situation_of(one, OffersTls::no));
}

}  // namespace
}  // namespace mxident::harness::cli
