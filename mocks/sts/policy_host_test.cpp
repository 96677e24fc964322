#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "mocks/world_parts.hpp"

namespace mxident::mocks {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kPolicy = "version: STSv1\r\nmode: enforce\r\nmx: mx.x.test\r\nmax_age: 86400\r\n";
const std::string kGet = "GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.x.test\r\n\r\n";

StsSpec spec() {
  StsSpec result;
  result.domain = "x.test";
  result.policy = kPolicy;
  return result;
}

StsSession::Output ask(const StsSpec& spec, const std::string& octets) {
  return StsService::make(spec)->open()->feed(octets);
}

std::string body_of(const std::string& reply) {
  return reply.substr(reply.find("\r\n\r\n") + 4);
}

struct Row {
  std::string name;
  std::string request;
  std::string status_line;  ///< start of the reply; empty: none yet
  std::string said;         ///< empty: nothing is recorded
  bool close = false;
};
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}

const std::vector<Row> kRows = {
    {"Policy", kGet, "HTTP/1.1 200 OK\r\n", "GET mta-sts.x.test /.well-known/mta-sts.txt 200", false},
    {"OtherPath", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 404 ", "GET h / 404", false},
    {"OtherMethod", "PUT /.well-known/mta-sts.txt HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 405 ",
     "PUT h /.well-known/mta-sts.txt 405", false},
    {"NoHost", "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 ", "GET - / 400", false},
    {"Http10Closes", "GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 404 ", "GET - / 404", true},
    {"AskedToClose", "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "HTTP/1.1 404 ", "GET h / 404",
     true},
    {"HalfARequest", "GET /.well-known/mta-sts.txt HTTP/1.1\r\nHo", "", "", false},
    {"NoHttp", "EHLO client.test\r\n\r\n", "HTTP/1.1 400 ", "malformed request 400", true},
    {"LineFeedsOnly", "GET / HTTP/1.1\nHost: h\n\n\r\n\r\n", "HTTP/1.1 400 ", "malformed request 400", true},
    {"Nul", std::string("GET / HTTP/1.1\r\nA\0: b\r\n\r\n", 25), "HTTP/1.1 400 ", "malformed request 400",
     true},
    {"Body", "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\n\r\n", "HTTP/1.1 400 ",
     "malformed request 400", true},
    {"ChunkedBody", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
     "HTTP/1.1 400 ", "malformed request 400", true},
    {"NoBodyAtAll", "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 404 ", "GET h / 404",
     false},
    {"HugeHeader", "GET / HTTP/1.1\r\nHost: " + std::string(100000, 'h') + "\r\n\r\n", "HTTP/1.1 431 ",
     "malformed request 431", true},
    {"HugeTarget", "GET /" + std::string(100000, 'h'), "HTTP/1.1 431 ", "malformed request 431", true},
};

class PolicyHostRequests : public ::testing::TestWithParam<Row> {};

TEST_P(PolicyHostRequests, Whole) {
  const auto output = ask(spec(), GetParam().request);
  EXPECT_THAT(output.octets, StartsWith(GetParam().status_line));
  EXPECT_EQ(output.octets.empty(), GetParam().status_line.empty());
  if (GetParam().said.empty()) {
    EXPECT_TRUE(output.requests.empty());
  } else {
    EXPECT_THAT(output.requests, ElementsAre(GetParam().said));
  }
  EXPECT_EQ(output.close, GetParam().close);
}

TEST_P(PolicyHostRequests, OctetByOctetGivesTheSame) {
  const auto service = StsService::make(spec());
  const auto session = service->open();
  StsSession::Output all;
  for (const char c : GetParam().request) {
    const auto output = session->feed(std::string_view(&c, 1));
    all.octets += output.octets;
    all.requests.insert(all.requests.end(), output.requests.begin(), output.requests.end());
    if ((all.close = output.close)) break;
  }
  const auto whole = ask(spec(), GetParam().request);
  EXPECT_EQ(all.octets, whole.octets);
  EXPECT_EQ(all.requests, whole.requests);
  EXPECT_EQ(all.close, whole.close);
}

INSTANTIATE_TEST_SUITE_P(Rows, PolicyHostRequests, ::testing::ValuesIn(kRows),
                         [](const auto& row) { return row.param.name; });

TEST(PolicyHost, SendsThePolicyAsPlainText) {
  const auto output = ask(spec(), kGet);
  EXPECT_THAT(output.octets, HasSubstr("Content-Type: text/plain\r\n"));
  EXPECT_THAT(output.octets, HasSubstr("Content-Length: " + std::to_string(kPolicy.size()) + "\r\n"));
  EXPECT_EQ(body_of(output.octets), kPolicy);
}

TEST(PolicyHost, HeadHasTheLengthButNoBody) {
  const auto output = ask(spec(), "HEAD" + kGet.substr(3));
  EXPECT_THAT(output.octets, HasSubstr("Content-Length: " + std::to_string(kPolicy.size()) + "\r\n"));
  EXPECT_EQ(body_of(output.octets), "");
}

TEST(PolicyHost, WithoutAPolicyThereIsNone) {
  StsSpec none = spec();
  none.policy.reset();
  EXPECT_THAT(ask(none, kGet).octets, StartsWith("HTTP/1.1 404 "));
}

TEST(PolicyHost, RedirectsWithThePolicyAsBody) {
  StsSpec redirect = spec();
  redirect.http_status = 301;
  redirect.location = "https://elsewhere.test/";
  const auto output = ask(redirect, kGet);
  EXPECT_THAT(output.octets, StartsWith("HTTP/1.1 301 "));
  EXPECT_THAT(output.octets, HasSubstr("Location: https://elsewhere.test/\r\n"));
  EXPECT_EQ(body_of(output.octets), kPolicy);  // a client that overlooks the status finds what it wants
}

TEST(PolicyHost, StatusWithoutBody) {
  StsSpec empty = spec();
  empty.http_status = 204;
  EXPECT_EQ(body_of(ask(empty, kGet).octets), "");
}

TEST(PolicyHost, HeadersReplaceItsOwn) {
  StsSpec odd = spec();
  odd.headers = {{"Content-Type", "text/html"}, {"Content-Encoding", "gzip"}};
  const auto output = ask(odd, kGet);
  EXPECT_THAT(output.octets, HasSubstr("Content-Type: text/html\r\n"));
  EXPECT_THAT(output.octets, HasSubstr("Content-Encoding: gzip\r\n"));
  EXPECT_THAT(output.octets, Not(HasSubstr("text/plain")));
}

TEST(PolicyHost, PadsToTheOctet) {
  for (const std::size_t size : {kPolicy.size() + 1, kPolicy.size() + 20, std::size_t{65537}}) {
    StsSpec large = spec();
    large.pad_to = size;
    const auto output = ask(large, kGet);
    EXPECT_EQ(body_of(output.octets).size(), size);
    EXPECT_THAT(body_of(output.octets), StartsWith(kPolicy));
    EXPECT_FALSE(output.close);
  }
}

TEST(PolicyHost, ClaimsAGigabyteAndSendsAPart) {
  StsSpec huge = spec();
  huge.pad_to = 1000000000;
  const auto output = ask(huge, kGet);
  EXPECT_THAT(output.octets, HasSubstr("Content-Length: 1000000000\r\n"));
  EXPECT_LT(output.octets.size(), 5u << 20);
  EXPECT_TRUE(output.close);
}

TEST(PolicyHost, AnswersRequestsInOrderAndOnlySoMany) {
  std::string requests;
  for (int i = 0; i < 100; ++i) requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";
  const auto output = ask(spec(), requests);
  EXPECT_TRUE(output.close);
  ASSERT_EQ(output.requests.size(), 32u);
  EXPECT_EQ(output.requests.front(), "GET h /0 404");
  EXPECT_EQ(output.requests.back(), "GET h /31 404");
}

TEST(PolicyHost, WhatIsRecordedIsPrintableAndShort) {
  const auto output = ask(spec(), "GET /" + std::string(4000, 'a') + " HTTP/1.1\r\nHost: a\x80\tb\r\n\r\n");
  ASSERT_EQ(output.requests.size(), 1u);
  EXPECT_LT(output.requests.front().size(), 300u);
  EXPECT_THAT(output.requests.front(), StartsWith("GET a??b /aaa"));
  EXPECT_THAT(output.requests.front(), EndsWith("a 404"));
}

TEST(PolicyHost, RefusesASpecThatIsNoHttp) {
  StsSpec status = spec();
  status.http_status = 1000;
  EXPECT_THROW(StsService::make(status), WorldError);
  StsSpec header = spec();
  header.headers = {{"A", "b\r\nC: d"}};
  EXPECT_THROW(StsService::make(header), WorldError);
}

}  // namespace
}  // namespace mxident::mocks
