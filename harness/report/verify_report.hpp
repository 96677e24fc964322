// A live examination as text for people and as JSON for machines (docs/verify.schema.json). No I/O.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "verifier/probe/examine.hpp"

namespace mxident::harness::cli {

enum class ShowTranscript { no, yes };

struct VerifyView {
  std::int64_t time = 0;
  PolicyId asked = PolicyId::rfc9525;  ///< policy that decides the exit code
  int exit_code = 0;
  std::string dns;  ///< how the DNS was asked, one sentence
  ShowTranscript transcript = ShowTranscript::no;
};

std::string verify_text(const probe::DomainExamination& examination, const VerifyView& view);
nlohmann::ordered_json verify_json(const probe::DomainExamination& examination, const VerifyView& view);

/// Subject, issuer, dates and digest of each certificate, leaf first, and the TLSA record that it would
/// satisfy.
nlohmann::ordered_json certificates_json(std::span<const std::string> certificates);
/// Lines without indentation that say what to publish in place of TLSA records that match nothing of `sent`:
/// what is odd about those, then the whole records that would match, with `owner` in front.
std::vector<std::string> tlsa_advice(std::span<const TlsaRecord> published, std::span<const std::string> sent,
                                     const std::string& owner);
/// What to try; empty for none.
std::string_view hint_text(probe::TlsHint hint);
/// ok, failed, not-checked, not-reached, unknown.
std::string_view layer_word(probe::LayerState state);

}  // namespace mxident::harness::cli
