// What known senders would do with a server: the situation that it is in, found again among the scenarios,
// and what was recorded of each sender there. Nothing is guessed: what was not recorded is said not to be.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/analysis/baseline.hpp"
#include "harness/offline/offline_check.hpp"
#include "harness/text/words.hpp"
#include "verifier/probe/examine.hpp"

namespace mxident::harness::cli {

enum class OffersTls { no, yes };

/// All that decides, as one text: what each policy says of the certificates and why, by which comparisons of
/// names. Two servers with the same text are told apart by no policy. Without a domain in `input` nexthop is
/// left out.
std::string situation_of(const CheckInput& input, OffersTls offers_tls);

/// What is recorded of one mode in the scenarios of a situation.
struct SenderAnswer {
  std::string client, version, recorded, mode, title, policy;
  /// What it did in all of them that were recorded; missing: none was, or not the same in all.
  std::optional<Decision> decision;
  std::size_t trials = 0;                   ///< that were recorded
  std::map<Decision, std::string> differs;  ///< not the same in all: each decision with one scenario
  std::string claim;                        ///< what it says although the wire contradicts it: "verified"
  std::string behaviour;                    ///< why it deviates from its policy; empty: it does not
};

class SenderBook {
 public:
  /// Reads the shipped catalogue and manifests, and the baselines of that folder. Mints every certificate
  /// once: about a second. Throws InputError.
  explicit SenderBook(const std::filesystem::path& baselines);
  ~SenderBook();

  struct Page {
    std::string situation;               ///< for people, one line
    std::vector<std::string> scenarios;  ///< of the same situation
    std::vector<SenderAnswer> answers;   ///< by client and mode
  };
  Page look_up(const CheckInput& input, OffersTls offers_tls) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// Which server a page is about.
struct SenderPage {
  std::string server;
  SenderBook::Page page;
};

/// What a live look saw, by situation: hosts and addresses that are in the same one share a page.
std::vector<SenderPage> sender_pages(const SenderBook& book, const probe::DomainExamination& examination,
                                     const TrustStore& trust, std::int64_t time, const std::string& name);

/// In at most 80 columns.
std::string senders_text(const SenderPage& page);
nlohmann::ordered_json senders_json(const SenderPage& page);

}  // namespace mxident::harness::cli
