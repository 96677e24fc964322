#include "harness/cli/match_command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/input/json_input.hpp"
#include "harness/input/policy_json.hpp"
#include "harness/input/public_suffix.hpp"
#include "harness/offline/batch_match.hpp"

namespace mxident::harness::cli {
namespace {

struct MatchOptions {
  std::string policy = "rfc9525";
  std::vector<std::string> common_names, san;
  std::string reference;
  bool empty_san = false, batch = false, through_certificate = false, json = false;
};

// Lines of stdin in blocks, because a batch may hold millions; a line beyond the limit is dropped as it comes
// in.
class LineReader {
 public:
  enum class Status { line, too_long, end };

  Status next(std::string& line) {
    line.clear();
    bool too_long = false;
    for (;;) {
      if (at_ == size_) {
        size_ = std::fread(buffer_.data(), 1, buffer_.size(), stdin);
        at_ = 0;
        if (size_ == 0) return too_long ? Status::too_long : line.empty() ? Status::end : Status::line;
      }
      const std::string_view rest(buffer_.data() + at_, size_ - at_);
      const std::size_t end = rest.find('\n');
      const std::string_view part = rest.substr(0, end);
      if (line.size() + part.size() > kMaxBatchLine) too_long = true;
      if (!too_long) line.append(part);
      at_ += part.size();
      if (end == std::string_view::npos) continue;
      ++at_;
      return too_long ? Status::too_long : Status::line;
    }
  }

 private:
  std::string buffer_ = std::string(1 << 16, '\0');
  std::size_t at_ = 0, size_ = 0;
};

int run_batch(const MatchOptions& options) {
  BatchMatcher matcher(options.through_certificate ? Depth::certificate : Depth::strings);
  LineReader reader;
  std::string line;
  bool mismatch = false, error = false;
  for (std::size_t number = 1;; ++number) {
    const auto status = reader.next(line);
    if (status == LineReader::Status::end) break;
    if (status == LineReader::Status::line && line.find_first_not_of(" \t\r") == std::string::npos) continue;
    LineAnswer answer =
        status == LineReader::Status::line
            ? matcher.answer(line, number)
            : BatchMatcher::refuse(fmt::format("line {}: longer than {} octets", number, kMaxBatchLine));
    mismatch |= answer.outcome == LineOutcome::mismatch;
    error |= answer.outcome == LineOutcome::error;
    answer.json += '\n';
    if (std::fwrite(answer.json.data(), 1, answer.json.size(), stdout) != answer.json.size())
      return kExitHarness;
  }
  if (std::ferror(stdin) != 0 || std::fflush(stdout) != 0) return kExitHarness;
  return error ? kExitBadInput : mismatch ? kExitNews : kExitOk;
}

StatedNames stated_names(const MatchOptions& options) {
  StatedNames stated;
  stated.common_names = options.common_names;
  if (options.empty_san) stated.san.emplace();
  for (const auto& line : options.san) {
    for (const auto& text : split_san(line)) {
      const std::size_t colon = text.find(':');
      if (colon == std::string::npos) {
        throw InputError("--san", "",
                         fmt::format("found \"{}\", wanted TYPE:VALUE, such as dns:mx.example.test", text));
      }
      if (!stated.san) stated.san.emplace();
      stated.san->emplace_back(text.substr(0, colon), text.substr(colon + 1));
    }
  }
  return stated;
}

Policy policy_of(const std::string& text) {
  Policy policy = policy_from_word(text, "--policy");
  if (policy.names == NameDemand::not_checked) {
    throw InputError("--policy", "", fmt::format("\"{}\" checks no names, wanted a policy that does", text));
  }
  return policy;
}

nlohmann::ordered_json as_json(const MatchOptions& options, const Policy& policy, const MatchResult& result) {
  nlohmann::ordered_json out;
  out["policy"] = to_string(policy.id);
  out["reference"] = options.reference;
  out["result"] = result.verdict == MatchVerdict::match ? "match" : "mismatch";
  out["reason"] = to_string(result.reason);
  out["citation"] = info(result.reason).citation;
  out["presented"] = result.presented;
  out["attempts"] = nlohmann::ordered_json::array();
  for (const auto& attempt : result.attempts) {
    out["attempts"].push_back({{"type", to_string(attempt.presented_type)},
                               {"presented", attempt.presented},
                               {"reason", to_string(attempt.reason)}});
  }
  return out;
}

void print(const MatchOptions& options, const Policy& policy, const MatchResult& result) {
  const ReasonInfo& reason = info(result.reason);
  fmt::print("{}: {} under {}\n", result.verdict == MatchVerdict::match ? "match" : "mismatch",
             options.reference, to_string(policy.id));
  fmt::print("  {}: {} ({})\n", reason.id, reason.sentence, reason.citation);
  for (const auto& attempt : result.attempts) {
    fmt::print("  {:<5} {}  {}\n", to_string(attempt.presented_type), attempt.presented,
               to_string(attempt.reason));
  }
}

int run_single(const MatchOptions& options) {
  if (options.reference.empty()) throw InputError("--reference", "", "missing, wanted the name to prove");
  const Policy policy = policy_of(options.policy);
  const StatedNames stated = stated_names(options);
  const PresentedNames names = options.through_certificate ? NameMint().through_certificate(stated, "--san")
                                                           : presented_names(stated, "--san");
  const auto made = make_reference(options.reference, ReferenceOrigin::configured, policy.rules);
  MatchResult result;
  result.reason = made.reason;
  if (made.reference) {
    result = match(names, {&*made.reference, 1}, policy.rules, Explain::yes, public_suffix_test());
  }
  if (options.json) {
    fmt::print("{}\n", as_json(options, policy, result).dump());
  } else {
    print(options, policy, result);
  }
  return result.verdict == MatchVerdict::match ? kExitOk : kExitNews;
}

}  // namespace

void add_match_command(CLI::App& app, Invocation& invocation) {
  auto* const command =
      app.add_subcommand("match", "Match certificate names against a reference, without any server");
  const auto options = std::make_shared<MatchOptions>();
  command->add_option("--policy", options->policy, "policy id, or JSON of a refined one")
      ->capture_default_str();
  command->add_option("--cn", options->common_names,
                      "subject common name; several in the order of the certificate");
  command->add_option(
      "--san", options->san,
      "TYPE:VALUE with dns, ip, uri, email or srv, also as others print it (DNS:, IP Address:); several");
  command->add_flag("--empty-san", options->empty_san,
                    "a subject alternative name extension without entries");
  command->add_option("--reference", options->reference, "the name or address that the server has to prove");
  command->add_flag("--batch", options->batch, "read JSON Lines from standard input, answer in JSON Lines");
  command->add_flag("--through-certificate", options->through_certificate,
                    "mint a certificate with the names and read it back");
  command->add_flag("--json", options->json, "JSON instead of text");
  command->footer(
      "Exit code 1: no match.\n"
      "Example: mxident match --san 'dns:*.example.test' --reference mx1.example.test");
  command->callback([options, &invocation] {
    invocation.exit_code = options->batch ? run_batch(*options) : run_single(*options);
  });
}

}  // namespace mxident::harness::cli
