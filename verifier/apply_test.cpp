#include "verifier/apply.hpp"

#include <gtest/gtest.h>

#include "verifier/apply_rows.hpp"

namespace mxident::test {
namespace {

const std::string kDigest(32, 'x');

std::vector<TlsaRecord> records_of(const ApplyRow& row) {
  switch (row.tlsa) {
    case RowTlsa::none:
    case RowTlsa::failed:
      return {};
    case RowTlsa::unusable:
      return {{1, 1, 1, kDigest}};
    case RowTlsa::other:
    case RowTlsa::leaf:
      return {{3, 1, 1, kDigest}};
    case RowTlsa::root:
      break;
  }
  return {{2, 1, 1, kDigest}};
}

std::string joined(const std::vector<ReferenceIdentifier>& references) {
  std::string out;
  for (const auto& reference : references) out += (out.empty() ? "" : " ") + reference.text;
  return out;
}
std::string_view word(std::optional<Reason> reason) {
  return reason ? to_string(*reason) : std::string_view();
}

class ApplyRows : public testing::TestWithParam<ApplyRow> {};

TEST_P(ApplyRows, Alone) {
  const ApplyRow& row = GetParam();
  StsPolicy sts{row.sts == RowSts::enforce   ? StsMode::enforce
                : row.sts == RowSts::testing ? StsMode::testing
                                             : StsMode::none,
                86400,
                {std::string(row.lists)}};
  const auto records = records_of(row);
  Published published;
  published.domain = "d.test";
  published.host = "mx.test";
  if (row.sts != RowSts::none) published.sts = &sts;
  published.tlsa = row.tlsa == RowTlsa::failed ? Published::Tlsa::failed
                   : records.empty()           ? Published::Tlsa::none
                                               : Published::Tlsa::found;
  published.tlsa_reason = Reason::dns_error;
  published.tlsa_records = records;
  const auto mx = row.mx == RowMx::secure ? DanePath::Mx::secure : DanePath::Mx::insecure;
  published.dane_path = {"d.test", "", mx, "mx.test", "mx.test"};

  const Applied applied = apply(policy(row.asked), published);
  EXPECT_EQ(to_string(applied.policy.id), to_string(row.holds));
  EXPECT_EQ(joined(applied.references), row.references);
  EXPECT_EQ(applied.sni, row.sni);
  EXPECT_EQ(word(applied.remark), row.remark);
  EXPECT_EQ(word(applied.veto), row.veto);
  EXPECT_EQ(word(applied.refused), row.decision == "none" ? row.reason : "");
  EXPECT_EQ(applied.tlsa.empty(), row.holds != PolicyId::dane || row.tlsa == RowTlsa::failed);
  const auto obeyed = row.sts == RowSts::testing ? PolicyId::opportunistic : row.holds;
  EXPECT_EQ(to_string(applied.obeyed().id), to_string(obeyed));
}

INSTANTIATE_TEST_SUITE_P(Rows, ApplyRows, testing::ValuesIn(apply_rows()),
                         [](const auto& row) { return std::string(row.param.name); });

// Which names count, and which SNI goes with them, for hosts that are not names of DNS alone.
struct NamesRow {
  const char* name;
  PolicyId asked;
  ReferenceSelection selection;
  const char *domain, *host, *address;
  Published::HostSource source;
  std::vector<std::string> configured;
  std::string references, sni, refused;
};
void PrintTo(const NamesRow& row, std::ostream* out) {
  *out << row.name;
}
class ApplyNames : public testing::TestWithParam<NamesRow> {};

TEST_P(ApplyNames, ReferencesAndSni) {
  const NamesRow& row = GetParam();
  Published published;
  published.domain = row.domain;
  published.host = row.host;
  published.address = row.address;
  published.host_source = row.source;
  published.configured = row.configured;
  Policy asked = policy(row.asked);
  asked.references = row.selection;
  const Applied applied = apply(asked, published);
  EXPECT_EQ(joined(applied.references), row.references);
  EXPECT_EQ(applied.sni, row.sni);
  EXPECT_EQ(word(applied.refused), row.refused);
}

using S = ReferenceSelection;
constexpr auto kDns = Published::HostSource::dns;
constexpr auto kConfigured = Published::HostSource::configured;
constexpr auto kNames = PolicyId::rfc9525;
INSTANTIATE_TEST_SUITE_P(Rows, ApplyNames,
                         testing::Values(NamesRow{"host",
                                                  kNames,
                                                  S::mx_host,
                                                  "d.test",
                                                  "MX.test.",
                                                  "192.0.2.1",
                                                  kDns,
                                                  {},
                                                  "mx.test",
                                                  "mx.test",
                                                  ""},
                                         NamesRow{"relay_by_address",
                                                  kNames,
                                                  S::mx_host,
                                                  "",
                                                  "192.0.2.1",
                                                  "192.0.2.1",
                                                  kConfigured,
                                                  {},
                                                  "192.0.2.1",
                                                  "",
                                                  ""},
                                         NamesRow{"mx_record_holds_an_address",
                                                  kNames,
                                                  S::mx_host,
                                                  "d.test",
                                                  "192.0.2.1",
                                                  "192.0.2.1",
                                                  kDns,
                                                  {},
                                                  "",
                                                  "",
                                                  "reference-numeric"},
                                         NamesRow{"literal_is_the_next_hop",
                                                  kNames,
                                                  S::recipient_domain,
                                                  "192.0.2.1",
                                                  "192.0.2.1",
                                                  "192.0.2.1",
                                                  kConfigured,
                                                  {},
                                                  "192.0.2.1",
                                                  "",
                                                  ""},
                                         NamesRow{"relay_without_domain",
                                                  kNames,
                                                  S::recipient_domain,
                                                  "",
                                                  "mx.test",
                                                  "192.0.2.1",
                                                  kConfigured,
                                                  {},
                                                  "",
                                                  "mx.test",
                                                  "no-reference"},
                                         NamesRow{"the_dialled_address",
                                                  kNames,
                                                  S::address,
                                                  "d.test",
                                                  "mx.test",
                                                  "192.0.2.1",
                                                  kDns,
                                                  {},
                                                  "192.0.2.1",
                                                  "",
                                                  ""},
                                         NamesRow{"configured_name",
                                                  kNames,
                                                  S::configured,
                                                  "d.test",
                                                  "mx.test",
                                                  "192.0.2.1",
                                                  kDns,
                                                  {"in.test", "out.test"},
                                                  "in.test out.test",
                                                  "in.test",
                                                  ""},
                                         NamesRow{"configured_host",
                                                  kNames,
                                                  S::configured,
                                                  "",
                                                  "mx.test",
                                                  "192.0.2.1",
                                                  kConfigured,
                                                  {},
                                                  "mx.test",
                                                  "mx.test",
                                                  ""},
                                         NamesRow{"nothing_configured",
                                                  kNames,
                                                  S::configured,
                                                  "d.test",
                                                  "mx.test",
                                                  "192.0.2.1",
                                                  kDns,
                                                  {},
                                                  "",
                                                  "mx.test",
                                                  "no-reference"},
                                         NamesRow{"one_unfit_name_of_two",
                                                  kNames,
                                                  S::configured,
                                                  "d.test",
                                                  "mx.test",
                                                  "",
                                                  kDns,
                                                  {"in..test", "out.test"},
                                                  "out.test",
                                                  "out.test",
                                                  ""},
                                         NamesRow{"unfit_host",
                                                  kNames,
                                                  S::mx_host,
                                                  "d.test",
                                                  "mailhost",
                                                  "",
                                                  kDns,
                                                  {},
                                                  "",
                                                  "mailhost",
                                                  "reference-single-label"},
                                         NamesRow{"unfit_host_no_names",
                                                  PolicyId::encrypt,
                                                  S::none,
                                                  "d.test",
                                                  "mailhost",
                                                  "",
                                                  kDns,
                                                  {},
                                                  "",
                                                  "mailhost",
                                                  ""},
                                         NamesRow{"also_a_configured_name",
                                                  kNames,
                                                  S::mx_host,
                                                  "d.test",
                                                  "mx.test",
                                                  "",
                                                  kDns,
                                                  {"in.test"},
                                                  "mx.test in.test",
                                                  "mx.test",
                                                  ""}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Apply, ANameIsNotNeededWhereAKeyIsProved) {
  const std::vector<TlsaRecord> key{{3, 1, 1, kDigest}}, authority{{2, 1, 1, kDigest}};
  Published published;
  published.tlsa = Published::Tlsa::found;
  published.tlsa_records = key;
  EXPECT_EQ(word(apply(policy(PolicyId::dane), published).refused), "");
  published.tlsa_records = authority;
  EXPECT_EQ(word(apply(policy(PolicyId::dane), published).refused), "no-reference");
}

}  // namespace
}  // namespace mxident::test
