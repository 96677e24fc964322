#include "harness/explore/repro/page.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/explore/repro/answer.hpp"

namespace mxident::harness::repro {
namespace {

TEST(AnswerPage, HoldsTheAnswerAndNoScript) {
  Options options;
  options.mx = "mx.a.test";
  options.san = {"dns:b.test"};
  Answer answer;
  answer.reading = read_paste(
      "x509: certificate is valid for <script>alert(1)</script>, not mx.a.test\n"
      "Peer certificate CN=`\"><img src=x onerror=alert(1)>' did not match expected CN=`mx.a.test'\n");
  answer.situation = situation_of(options, answer.reading);
  answer.situation.remarks.emplace_back("</li><script>x</script>");
  CellResult cell;
  cell.client = "<b>acme</b>";
  cell.mode = "\"onload=\"";
  cell.decision = Decision::accept;
  cell.note = "<script>";
  answer.cells = {cell};
  const std::string page = html_of(json_of(answer));
  for (const char* part : {"<script", "<img", "<b>", "\"onload"})
    EXPECT_EQ(page.find(part), std::string::npos) << part << "\n" << page;
  for (const char* part : {"&lt;b&gt;acme", "mx.a.test", "b.test", "--san", "default-src 'none'"})
    EXPECT_NE(page.find(part), std::string::npos) << part << "\n" << page;
}

}  // namespace
}  // namespace mxident::harness::repro
