#include "harness/cli/repro_live.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "certs/mint.hpp"
#include "harness/cli/verify_command.hpp"
#include "harness/cli/verify_options.hpp"
#include "harness/input/json_input.hpp"
#include "verifier/probe/examine.hpp"

namespace mxident::harness::cli {
namespace {

/// Holds the descriptor of a file without a name, across the program's start in the sandbox.
constexpr const char* kRemembered = "MXIDENT_LIVE";
constexpr std::size_t kMaxRemembered = 16u << 20;

/// The first address that shows a certificate, else the first.
const probe::AddressExamination& address_of(const probe::DomainExamination& found, const std::string& host) {
  if (found.reason) throw InputError("--live", host, std::string(info(*found.reason).sentence));
  const probe::AddressExamination* out = nullptr;
  for (const auto& each : found.hosts) {
    for (const auto& address : each.by_address) {
      if (out == nullptr || (out->session.certificates.empty() && !address.session.certificates.empty()))
        out = &address;
    }
  }
  if (out == nullptr)
    throw InputError("--live", host, "no address is known, wanted a host that can be reached");
  return *out;
}

bool is_trusted(const probe::AddressExamination& address) {
  for (const auto& verdict : address.policies) {
    if (verdict.policy == PolicyId::chain_only)
      return verdict.reason != Reason::chain_unknown_ca && verdict.reason != Reason::chain_self_signed;
  }
  return false;
}

LiveServer look_at(const std::string& host) {
  VerifyArguments arguments;
  arguments.mx = host;
  const probe::DomainExamination found = examine_once(arguments);
  const probe::AddressExamination& address = address_of(found, host);
  const probe::SessionReport& session = address.session;
  LiveServer out;
  out.host = found.hosts.front().host;
  out.ehlo = session.ehlo_name;
  out.is_trusted = is_trusted(address);
  for (const auto& der : session.certificates) out.certificates += certs::to_pem(der);
  if (!out.certificates.empty()) {
    out.starttls = "offered";
  } else if (session.reason == Reason::starttls_not_offered) {
    out.starttls = "missing";
  } else if (session.reason == Reason::starttls_refused) {
    out.starttls = "refused";
  } else {
    const std::string why(info(session.reason).sentence);
    throw InputError(
        "--live", host,
        session.error.empty() || session.error == why ? why : fmt::format("{}: {}", why, session.error));
  }
  return out;
}

void remember(const LiveServer& server) {
  const std::string text = nlohmann::json{
      {"host", server.host},
      {"ehlo", server.ehlo},
      {"starttls", server.starttls},
      {"certificates", server.certificates},
      {"is_trusted",
       server.is_trusted}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  const int file = memfd_create("mxident-live", 0);
  if (file < 0 || ::write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    throw std::runtime_error("what the server showed cannot be kept");
  setenv(kRemembered, std::to_string(file).c_str(), 1);
}

}  // namespace

LiveServer live_server(const std::string& host) {
  if (const char* file = std::getenv(kRemembered); file != nullptr) {
    const nlohmann::json seen =
        nlohmann::json::parse(read_text_file(fmt::format("/proc/self/fd/{}", file), kMaxRemembered));
    return {seen.at("host"), seen.at("ehlo"), seen.at("starttls"), seen.at("certificates"),
            seen.at("is_trusted")};
  }
  LiveServer server = look_at(host);
  remember(server);
  return server;
}

}  // namespace mxident::harness::cli
