// Which names a server may have: what the client knows of the host, and what bugs take for such knowledge.
#include "harness/adequacy/certificate.hpp"
#include "harness/adequacy/route.hpp"

namespace mxident::harness::zoo {

std::vector<std::string> references_of(BugId bug, const Situation& at) {
  if (bug == BugId::recipient_domain_only) return {at.domain.empty() ? at.host : at.domain};
  if (bug == BugId::reference_keeps_case) return {at.stated};
  std::vector<std::string> out{at.host};
  const auto add = [&](const std::vector<std::string>& more) {
    out.insert(out.end(), more.begin(), more.end());
  };
  switch (bug) {
    case BugId::recipient_domain_too:
      out.push_back(at.domain);
      break;
    case BugId::ehlo_name:
      out.push_back(at.ehlo);
      break;
    case BugId::second_ehlo_name:
      out.push_back(at.ehlo_tls);
      break;
    case BugId::banner_name:
      out.push_back(at.banner);
      break;
    case BugId::alias_target:
      out.push_back(at.alias);
      break;
    case BugId::reverse_name:
      add(at.reverse);
      break;
    case BugId::any_mx_host:
      add(at.mx_hosts);
      break;
    case BugId::sender_domain:
      out.emplace_back("client.test");
      break;
    case BugId::localhost_always:
      add({"localhost", "localhost.localdomain"});
      break;
    case BugId::common_host_names:
      if (!at.domain.empty()) add({"mail." + at.domain, "smtp." + at.domain, "mx." + at.domain});
      break;
    case BugId::policy_host_name:
      if (!at.domain.empty()) out.push_back("mta-sts." + at.domain);
      break;
    case BugId::own_domain_appended:
      out.push_back(at.host + ".client.test");
      break;
    case BugId::peer_address_text:
      out.push_back(address_text(at.peer));
      break;
    case BugId::alias_on_the_way:
      add(at.aliases);
      break;
    case BugId::banner_any_word:
      add(at.greeting);
      break;
    case BugId::ready_text_name:
      add(at.ready);
      break;
    default:
      break;
  }
  return out;
}

}  // namespace mxident::harness::zoo
