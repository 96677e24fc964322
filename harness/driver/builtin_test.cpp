// The verifier as a client, against worlds whose stated ports lead to free ones of the loopback.
#include "harness/driver/builtin.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <ostream>

#include "certs/mint.hpp"
#include "mocks/world.hpp"

namespace mxident::harness {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kIn2026 = 1767225600;
enum class Told { its_destinations, nothing };

struct BuiltinRow {
  const char* name;
  const char* presented;  // dNSName of the certificate
  PolicyId policy;
  Told told;
  int code;
  const char* said;
  const char* reason;
  const char* words;  // part of them
};
void PrintTo(const BuiltinRow& row, std::ostream* out) {
  *out << row.name;
}

const BuiltinRow kBuiltins[] = {
    {"the_right_name", "mx.builtin.test", PolicyId::rfc9525, Told::its_destinations, 0, "verified",
     "match-exact", "mx.builtin.test: "},
    {"another_name", "mx.other.test", PolicyId::rfc9525, Told::its_destinations, 1, "rejected",
     "no-presented-identifier-matches", "Cert Hostname DOES NOT VERIFY (mx.builtin.test != "},
    {"another_name_that_is_not_looked_at", "mx.other.test", PolicyId::opportunistic, Told::its_destinations,
     0, "", "names-not-checked", "mx.builtin.test: "},
    {"nothing_may_be_dialled", "mx.builtin.test", PolicyId::rfc9525, Told::nothing, 1, "rejected",
     "dns-error", ""},
};
class Builtin : public testing::TestWithParam<BuiltinRow> {};

TEST_P(Builtin, TellsWhatTheVerifierFound) {
  const BuiltinRow& row = GetParam();
  certs::KeyPool keys;
  const auto authority = certs::Authority::make(keys);
  certs::CertificateRequest request;
  request.spec.san = {{certs::NameType::dns, row.presented, {}}};
  mocks::WorldSpec spec;
  spec.certificates = certs::mint({{"mx", request}}, authority, keys);
  mocks::SmtpServerSpec server;
  server.host = server.banner = server.ehlo = "mx.builtin.test";
  server.certificate = "mx";
  spec.servers = {server};
  spec.dns.lines = {"builtin.test. MX 10 mx.builtin.test."};
  mocks::Internet internet(mocks::Placement::loopback, 1);
  const auto world = internet.open(spec, 1, mocks::Placement::mapped);

  ClientMode mode;
  mode.policy = policy(row.policy);
  BuiltinJob job;
  job.mode = &mode;
  job.domain = "builtin.test";
  job.resolver_address = world->resolver_address();
  job.resolver_port = world->resolver_port();
  if (row.told == Told::its_destinations) job.destinations = world->destinations();
  job.time = kIn2026;
  job.sender = "a@client.test";
  job.recipient = "b@builtin.test";
  job.message = "Subject: x\r\n\r\nx\r\n";
  BuiltinClient client(authority.root.pem(), 1);
  std::promise<BuiltinReport> promise;
  client.start(std::move(job), [&](BuiltinReport report) { promise.set_value(std::move(report)); });
  const BuiltinReport got = promise.get_future().get();

  EXPECT_EQ(got.client.end, ClientReport::End::exited);
  EXPECT_EQ(got.client.code, row.code) << got.words;
  EXPECT_EQ(got.client.said, row.said);
  EXPECT_EQ(got.reason, row.reason) << got.words;
  EXPECT_THAT(got.words, HasSubstr(row.words));
}

INSTANTIATE_TEST_SUITE_P(Rows, Builtin, testing::ValuesIn(kBuiltins),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace mxident::harness
