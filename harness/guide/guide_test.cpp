#include "harness/guide/guide.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>

#include "harness/catalogue/load.hpp"
#include "harness/catalogue/rules.hpp"
#include "harness/guide/advice.hpp"

namespace mxident::harness {
namespace {

const std::vector<Scenario>& shipped() {
  static const std::vector<Scenario> scenarios = [] {
    const std::filesystem::path folder = MXIDENT_SOURCE_DIR "/scenarios";
    return load_catalogue({&folder, 1}).scenarios;
  }();
  return scenarios;
}

const std::vector<Baseline>& recorded() {
  static const std::vector<Baseline> baselines = load_all_baselines(MXIDENT_SOURCE_DIR "/fixtures/baselines");
  return baselines;
}

const Manifest& acme() {
  static const Manifest client = [] {
    Manifest out;
    out.id = "acme";
    out.title = "Acme Mail";
    out.engine = "Acme TLS";
    for (const auto& [id, claimed] :
         {std::pair{"one", PolicyId::rfc9525}, std::pair{"two", PolicyId::opportunistic}}) {
      ClientMode mode;
      mode.id = id;
      mode.policy = policy(claimed);
      out.modes.push_back(std::move(mode));
    }
    return out;
  }();
  return client;
}

GuideSources sources() {
  static const std::vector<Baseline> baselines = [] {
    std::vector<Baseline> out = recorded();
    const BaselineCell lax{Outcome::lax, Decision::accept, "n", {}};
    Baseline own{"acme", "1.2", "", {}, {{"n", {"takes all", "", ""}}}, {}, {}, {}, {}};
    own.modes["one"] = {{"x/1", lax}, {"x/2", lax}};
    out.push_back(std::move(own));
    return out;
  }();
  return {shipped(), baselines, {&acme(), 1}, 1'800'000'000};
}

std::string page(std::string_view word, std::size_t width = 80) {
  const auto found = find_page(word, sources());
  return found ? text_of(*found, width) : "";
}

struct Row {
  const char* name;
  const char* word;
  std::vector<const char*> holds;
};
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}

class FindPage : public testing::TestWithParam<Row> {};
TEST_P(FindPage, SaysWhatThereIsToSay) {
  const std::string text = page(GetParam().word);
  for (const char* part : GetParam().holds)
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}
INSTANTIATE_TEST_SUITE_P(
    Rows, FindPage,
    testing::Values(
        Row{"reason",
            "no-presented-identifier-matches",
            {"reason no-pres", "meaning", "usual causes", "server's owner", "sender", "who does not",
             "mxident run reported/", "certificate-host-mismatch"}},
        Row{"reason_without_scenario",
            "dane-no-match",
            {"RFC 7672 2.2", "TLSA record", "mxident run rfc7672/ee-other-key"}},
        Row{"reason_in_capitals", "CN-Ignored", {"reason cn-ignored"}},
        Row{"word_of_a_report",
            "certificate-host-mismatch",
            {"TLS-RPT certificate-host-mismatch", "RFC 8460 4.3.1",
             "no-presented-identifier-matches:", "and "}},
        Row{"word_with_one_section_of_its_own", "validation-failure", {"RFC 8460 4.3.3"}},
        Row{"policy",
            "rfc6125",
            {"policy rfc6125", "RFC 6125 6", "the common name is a last resort", "refuses"}},
        Row{"rule",
            "rfc9525-2-no-cn",
            {"rests on", "RFC 9525 2", "The Common Name never", "must", "must refuse", "who does not"}},
        Row{"decision",
            "d5",
            {"decision D5", "public suffix", "public_suffix_guard", "wildcard-public-suffix"}},
        Row{"decision_without_switch", "D25", {"decision D25", "MX records without DNSSEC", "mx-insecure"}},
        Row{"section",
            "RFC 8461 3.1",
            {"section RFC 8461 3.1", "sts-record-malformed", "rfc8461/record-twice"}},
        Row{"section_written_together", "rfc8461-3.1", {"section RFC 8461 3.1"}},
        Row{"section_with_its_sign",
            "RFC8461 \xc2\xa7"
            "3.1",
            {"section RFC 8461 3.1"}},
        Row{"section_in_words", "rfc 8461, section 3.1.", {"section RFC 8461 3.1"}},
        Row{"outcome", "lax", {"outcome lax", "a security fault"}},
        Row{"outcome_that_is_an_expectation_too", "either", {"never failed", "As an expectation"}},
        Row{"layer", "handshake", {"layer handshake"}},
        Row{"state_of_a_layer", "Not-Reached", {"state of a layer not-reached"}},
        Row{"policy_type_of_a_report", "no-policy-found", {"RFC 8460 4.4"}},
        Row{"blanks_around", " \tmatch-wildcard\n", {"reason match-wildcard"}},
        Row{"blank_for_hyphen", "Certificate host mismatch", {"TLS-RPT certificate-host-mismatch"}},
        Row{"underscores", "mta_sts", {"policy mta-sts"}},
        Row{"brackets_around", "(D23)", {"decision D23\n"}},
        Row{"code_marks_around", "`D5`", {"decision D5\n"}}, Row{"quotes_around", "\"lax\"", {"outcome lax"}},
        Row{"comma_behind", "match-exact,", {"reason match-exact"}},
        Row{"full_stop_behind", "D5.", {"decision D5\n"}},
        Row{"heading_with_colon", "reason: match-exact", {"reason match-exact"}},
        Row{"as_check_prints_it",
            "chain-unknown-ca (no path leads to a trust anchor, RFC 5280 6.1)",
            {"reason chain-unknown-ca"}},
        Row{"glyph_of_pass", "\u2713", {"outcome pass"}}, Row{"glyph_of_lax", "L", {"outcome lax"}},
        Row{"glyph_of_strict", "S", {"outcome strict"}}, Row{"glyph_of_either", "=", {"outcome either"}},
        Row{"glyph_of_unsupported", "-", {"outcome unsupported"}},
        Row{"glyph_of_harness_error", "!", {"outcome harness-error"}},
        Row{"glyph_of_not_run", ".", {"outcome not-run"}},
        Row{"profile", "webpki", {"profile webpki", "Baseline Requirements"}},
        Row{"profile_by_its_heading", "profile mail", {"profile mail"}},
        Row{"heading_of_a_page", "decision D1", {"decision D1"}},
        Row{"heading_of_a_word", "TLS-RPT certificate-host-mismatch", {"RFC 8460 4.3.1"}},
        Row{"heading_of_a_section", "section RFC 8461 3.1", {"section RFC 8461 3.1"}},
        Row{"decision_with_a_zero", "D01", {"decision D1\n"}},
        Row{"decision_with_hyphen", "D-5", {"decision D5\n"}},
        Row{"client",
            "Acme",
            {"client acme\n", "Acme Mail", "Acme TLS", "one: claims rfc9525", "two: claims opportunistic",
             "acme 1.2 (one): lax in 2 cells: takes all", "mxident run --client acme"}},
        Row{"mode_of_a_client", "client acme:ONE", {"client acme:one", "one: claims rfc9525"}},
        Row{"whole_document", "RFC 7505", {"dns-null-mx", "rfc7505/"}}),
    [](const auto& row) { return row.param.name; });

class NoPage : public testing::TestWithParam<const char*> {};
TEST_P(NoPage, IsNothing) {
  EXPECT_FALSE(find_page(GetParam(), sources())) << page(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Words, NoPage,
                         testing::Values("", " ", "_", "reason", "reason ", "decision lax decision", "d",
                                         "D999", "D0", "D00", "acme:", "acme:none", "nonsense", "RFC",
                                         "RFC 1", "RFC 8461 99", "rfc9525-6.3-nonsense"));

TEST(Guide, ASectionHoldsWhatIsInsideOfIt) {
  const std::string text = page("RFC 7672 3.1");
  EXPECT_NE(text.find("dane-ee-match"), std::string::npos) << "cites RFC 7672 3.1.1\n" << text;
  EXPECT_EQ(page("RFC 5280 4.2.1.1").find("4.2.1.10"), std::string::npos) << page("RFC 5280 4.2.1.1");
}

struct ListRow {
  const char* name;
  const char* words;
  std::vector<std::string> ids;  ///< none: no page
};
void PrintTo(const ListRow& row, std::ostream* out) {
  *out << row.name;
}

class FindPages : public testing::TestWithParam<ListRow> {};
TEST_P(FindPages, OneForEachWordOfAList) {
  std::vector<std::string> ids;
  for (const auto& one : find_pages(GetParam().words, sources())) ids.push_back(one.id);
  EXPECT_EQ(ids, GetParam().ids);
}
INSTANTIATE_TEST_SUITE_P(
    Rows, FindPages,
    testing::Values(ListRow{"citation", "RFC 3207 4.1, RFC 7435", {"RFC 3207 4.1", "RFC 7435"}},
                    ListRow{"sources_with_levels",
                            "RFC 9525 6.3 (must), RFC 7672 3.1.2",
                            {"RFC 9525 6.3", "RFC 7672 3.1.2"}},
                    ListRow{"document_said_once", "RFC 8461 3.1, 3.2", {"RFC 8461 3.1", "RFC 8461 3.2"}},
                    ListRow{"layer_and_its_state", "name=not-checked", {"name", "not-checked"}},
                    ListRow{"decisions", "D1; d02", {"D1", "D2"}},
                    ListRow{"policies", "rfc6125, rfc9525", {"rfc6125", "rfc9525"}},
                    ListRow{"comma_within_one", "rfc 8461, section 3.1.", {"RFC 8461 3.1"}},
                    ListRow{"one_unknown", "RFC 3207 4.1, nonsense", {}},
                    ListRow{"comma_behind", "D1,", {"D1"}}, ListRow{"empty_part", "D1,,D2", {}},
                    ListRow{"each_with_words_in_brackets", "D1 (one), D2 (two)", {"D1", "D2"}},
                    ListRow{"bracket_alone", ")", {}}, ListRow{"number_alone", "D1, 3.2", {}}),
    [](const auto& row) { return row.param.name; });

TEST(Guide, EveryWordOfACellHasAPage) {
  std::vector<std::string_view> words;
  for (const auto& [name, member] : kLayers) words.push_back(name);
  const auto add = [&](auto... values) { (words.push_back(to_string(values)), ...); };
  add(Outcome::pass, Outcome::lax, Outcome::strict, Outcome::downgrade, Outcome::either, Outcome::unsupported,
      Outcome::hang, Outcome::crash, Outcome::harness_error);
  add(Decision::accept, Decision::reject, Decision::plaintext, Decision::none, Expected::either);
  add(LayerState::ok, LayerState::failed, LayerState::not_checked, LayerState::not_reached,
      LayerState::unknown);
  add(BaselineState::none, BaselineState::as_known, BaselineState::news, BaselineState::fixed);
  for (const auto word : words) EXPECT_TRUE(find_page(word, {})) << word;
}

TEST(Guide, EveryIdHasAPageOfEightyColumns) {
  for (const auto& id : guide_ids()) {
    const std::string text = page(id);
    ASSERT_FALSE(text.empty()) << id;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      const std::string line = text.substr(at, end - at);
      const bool one_word = line.find_last_of(' ') == line.find_first_not_of(' ') - 1;
      EXPECT_TRUE(line.size() <= 84 || one_word) << id << ": " << line;  // signs beyond ASCII are one column
      at = end + 1;
    }
  }
}

TEST(Guide, JsonIsThePage) {
  const auto json = json_of(*find_page("dane-no-match", sources()));
  EXPECT_EQ(json["kind"], "reason");
  EXPECT_EQ(json["citation"], "RFC 7672 2.2");
  EXPECT_EQ(json["tls_rpt"], "validation-failure");
  EXPECT_TRUE(json["scenarios"].is_array());
}

TEST(Advice, NamesOnlyWhatThereIs) {
  std::set<std::string_view> seen, scenarios;
  for (const auto& scenario : shipped()) scenarios.insert(scenario.id);
  for (const auto id : advice_ids()) {
    EXPECT_TRUE(reason_from_string(id)) << id << " is no reason";
    EXPECT_TRUE(seen.insert(id).second) << id << " has two rows";
  }
  for (const auto& reason : all_reasons()) {
    const Advice advice = advice_for(reason.reason);
    EXPECT_TRUE(advice.scenario.empty() || scenarios.contains(advice.scenario))
        << reason.id << ": " << advice.scenario;
    if (reason.tls_rpt == TlsRptType::none) continue;
    EXPECT_FALSE(advice.means.empty()) << reason.id;
    EXPECT_FALSE(advice.server.empty() && advice.sender.empty())
        << reason.id << ": a fault that nobody can mend";
  }
}

TEST(Decisions, AreThoseOfTheDocumentInTheirOrder) {
  std::size_t number = 0;
  for (const auto& decision : all_decisions()) {
    EXPECT_EQ(decision.id, "D" + std::to_string(++number));
    EXPECT_FALSE(decision.question.empty() || decision.answer.empty()) << decision.id;
  }
  EXPECT_GE(number, 28u);
}

TEST(WhoDeviates, JoinsModesThatDoTheSame) {
  Baseline baseline{"acme", "1.2", "", {}, {{"n", {"takes all", "", ""}}}, {}, {}, {}, {}};
  const BaselineCell lax{Outcome::lax, Decision::accept, "n", {}},
      open{Outcome::either, Decision::accept, "", {}};
  baseline.modes["a"] = {{"x/1", lax}, {"x/2", open}};
  baseline.modes["b"] = {{"x/1", lax}};
  baseline.modes["c"] = {{"x/1", lax}, {"x/2", lax}, {"x/3", lax}};
  const std::vector<std::string> scenarios{"x/1", "x/2"};
  EXPECT_EQ(who_deviates(scenarios, {&baseline, 1}),
            (std::vector<std::string>{"acme 1.2 (c): lax in 2 of 2: takes all",
                                      "acme 1.2 (a, b): lax in 1 of 2: takes all"}));
}

}  // namespace
}  // namespace mxident::harness
