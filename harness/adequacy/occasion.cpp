#include "harness/adequacy/occasion.hpp"

#include <algorithm>

namespace mxident::harness::zoo {

bool has_occasion(BugId bug, const Scenario& scenario, const ClientRun& correct, const Judgement& judgement) {
  const auto& servers = scenario.servers;
  const auto any = [&](auto test) {
    return std::any_of(servers.begin(), servers.end(), [&](const auto& s) {
      return test(s.spec) || std::any_of(s.spec.then.begin(), s.spec.then.end(), test);
    });
  };
  const auto behaves = [&](mocks::Starttls how) {
    return any([&](const auto& spec) { return spec.starttls == how; });
  };
  switch (bug) {
    case BugId::plaintext_if_454:
      return behaves(mocks::Starttls::refused_454);
    case BugId::plaintext_if_502:
      return behaves(mocks::Starttls::refused_502);
    case BugId::plaintext_if_554:
      return behaves(mocks::Starttls::refused_554);
    case BugId::plaintext_if_injected:
      return behaves(mocks::Starttls::injected);
    case BugId::injected_kept:
      return any([](const auto& spec) {
        return spec.starttls == mocks::Starttls::injected || spec.replies.contains("STARTTLS");
      });
    case BugId::exact_keyword:
    case BugId::exact_keyword_gives_up:
    case BugId::last_line_only:
    case BugId::plaintext_if_ehlo_refused:
      return any([](const auto& spec) { return spec.replies.contains("EHLO"); });
    case BugId::one_line_greeting:
    case BugId::greeting_wants_esmtp:
      return any([](const auto& spec) { return spec.replies.contains("CONNECT"); });
    case BugId::ready_text_wanted:
    case BugId::one_line_ready:
    case BugId::plaintext_if_451:
    case BugId::plaintext_if_500:
    case BugId::plaintext_if_501:
    case BugId::plaintext_if_503:
    case BugId::plaintext_if_530:
    case BugId::plaintext_if_other_2xx:
    case BugId::plaintext_if_3xx:
    case BugId::plaintext_if_no_reply:
      return any([](const auto& spec) { return spec.replies.contains("STARTTLS"); });
    case BugId::long_reply_refused:
    case BugId::small_buffer:
    case BugId::crash_on_long_reply:
    case BugId::crash_on_empty_line:
    case BugId::bare_code_refused:
    case BugId::plaintext_if_second_ehlo_refused:
    case BugId::plaintext_if_mail_refused:
      return any([](const auto& spec) { return !spec.replies.empty() || spec.capabilities.size() > 3; });
    case BugId::capabilities_kept:
      return any([](const auto& spec) {
        return !spec.replies.empty() || spec.capabilities.size() != 3 || spec.ehlo_after_tls.has_value();
      });
    case BugId::plaintext_if_hidden:
    case BugId::plaintext_if_handshake_fails:
    case BugId::hang_at_end_of_file:
      return correct.sights.empty();
    case BugId::plaintext_in_second_round:
    case BugId::plaintext_if_mismatch:
    case BugId::unverified_retry:
    case BugId::envelope_before_check:
      return judgement.decision != Decision::accept || correct.sights.size() > 1;
    case BugId::second_ehlo_name:
      return any([](const auto& spec) { return spec.ehlo_after_tls.has_value(); });
    case BugId::plaintext_at_last_host:
    case BugId::unverified_next_host:
    case BugId::certificate_remembered:
    case BugId::first_host_only:
    case BugId::verdict_of_the_first:
      return correct.sights.size() > 1 || servers.size() > 1;
    case BugId::no_sni:
      return !scenario.mta_sts.empty();
    case BugId::sni_of_the_domain:
    case BugId::sni_of_the_alias:
    case BugId::sni_of_the_banner:
    case BugId::sni_of_first_host:
    case BugId::sni_own_name:
    case BugId::sni_of_address:
      return any([](const auto& spec) {
        return !spec.certificates_by_sni.empty() || spec.sni != mocks::Sni::looked_at;
      });
    case BugId::unverified_next_address:
      return any([](const auto& spec) { return spec.addresses.size() > 1; });
    case BugId::implicit_mx_after_failure:
    case BugId::null_mx_ignored:
      return server_of(scenario, scenario.domain) != nullptr;
    default:
      return true;
  }
}

}  // namespace mxident::harness::zoo
