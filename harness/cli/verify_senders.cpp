// From a live look at a domain to what known senders would do with it.
#include <algorithm>
#include <map>

#include "harness/cli/senders.hpp"

namespace mxident::harness::cli {
namespace {

/// nullopt: nothing was seen that any scenario could be like.
std::optional<OffersTls> offers_tls(const probe::SessionReport& session) {
  if (!session.certificates.empty()) return OffersTls::yes;
  const bool offered = std::any_of(session.capabilities.begin(), session.capabilities.end(),
                                   [](const std::string& word) { return word == "STARTTLS"; });
  if (session.layers.smtp != probe::LayerState::ok || offered) return std::nullopt;
  return OffersTls::no;
}

std::string place(const probe::HostExamination& host, const probe::AddressExamination& address) {
  if (host.host.empty() || host.host == address.address) return address.address;
  return host.host + " at " + address.address;
}

}  // namespace

std::vector<SenderPage> sender_pages(const SenderBook& book, const probe::DomainExamination& examination,
                                     const TrustStore& trust, std::int64_t time, const std::string& name) {
  std::vector<SenderPage> out;
  std::map<std::string, std::size_t> known;  // situations to places in `out`
  const auto add = [&](const std::string& situation, const std::string& server, auto look) {
    const auto [at, fresh] = known.emplace(situation, out.size());
    if (fresh)
      out.push_back({server, look()});
    else
      out[at->second].server += ", " + server;
  };
  for (const auto& host : examination.hosts) {
    for (const auto& address : host.by_address) {
      const std::string server = place(host, address);
      const auto offers = offers_tls(address.session);
      const bool no_tlsa_answer = host.tlsa && host.tlsa->kind == probe::TlsaResult::Kind::failed;
      if (!offers || no_tlsa_answer) {
        add("", server, [&] {
          SenderBook::Page page;
          page.situation = no_tlsa_answer ? "its TLSA records could not be looked up"
                                          : "it came to no mail dialogue, or to no TLS that it offers";
          return page;
        });
        continue;
      }
      CheckInput input;
      input.chain = address.session.certificates;
      input.trust = &trust;
      input.time = time;
      input.mx_host = host.host.empty() ? address.address : host.host;
      input.domain = examination.domain;
      if (!name.empty()) input.names = {name};
      if (host.tlsa && host.tlsa->kind != probe::TlsaResult::Kind::none) input.tlsa = host.tlsa->records;
      if (examination.sts) input.sts = examination.sts->policy;
      add(situation_of(input, *offers), server, [&] { return book.look_up(input, *offers); });
    }
  }
  return out;
}

}  // namespace mxident::harness::cli
