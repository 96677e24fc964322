#include "harness/cli/verify_command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "harness/cli/help.hpp"
#include "harness/cli/senders.hpp"
#include "harness/cli/verify_batch.hpp"
#include "harness/cli/verify_options.hpp"
#include "harness/input/data_dirs.hpp"
#include "harness/input/host_words.hpp"
#include "harness/input/json_input.hpp"
#include "harness/input/policy_json.hpp"
#include "harness/input/public_suffix.hpp"
#include "harness/input/values.hpp"
#include "harness/report/verify_report.hpp"
#include "harness/results/writer.hpp"
#include "harness/run/wanted.hpp"
#include "verifier/probe/shared_sessions.hpp"

namespace mxident::harness::cli {
namespace {

namespace asio = boost::asio;

constexpr std::uint16_t kSmtp = 25, kSubmissions = 465;

/// Everything that is the same for all domains of one call.
struct Plan {
  VerifyArguments arguments;
  TrustStore trust;
  probe::ExamineOptions examine;
  DnsChoice dns;
  std::optional<Policy> asked;  ///< nullopt: the strongest that the domain publishes
  std::int64_t time = 0;
  std::unique_ptr<SenderBook> senders;  ///< null: nobody asks for them
  std::FILE* out = stdout;
};

void set_trust(const VerifyArguments& arguments, TrustStore& trust) {
  for (const auto& file : arguments.anchors) {
    std::string error;
    trust.add_pem(read_text_file(file), error);
    if (!error.empty()) throw InputError(file, "", error + ", wanted trust anchors in PEM");
  }
  if (arguments.anchors.empty() || arguments.system_trust) trust.add_system_default();
}

// RFC 5321 4.1.4 wants a name of this host; a host without one gets the name that never resolves elsewhere.
std::string own_name() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) == 0 &&
      std::string_view(name).find('.') != std::string_view::npos) {
    return name;
  }
  return "localhost.localdomain";
}

std::string resolv_conf() {
  try {
    return read_text_file("/etc/resolv.conf", 1u << 20);
  } catch (const InputError&) {
    return {};
  }
}

void set_policies(Plan& plan) {
  const std::string& text = plan.arguments.policy;
  std::vector<Policy>& policies = plan.examine.policies;
  policies.assign(all_policies().begin(), all_policies().end());
  if (!plan.arguments.srv.empty()) {
    // Of submission only RFC 7817 speaks; what senders of MX hosts ask is no question there.
    policies = {policy(PolicyId::encrypt), policy(PolicyId::chain_only), policy(PolicyId::rfc7817)};
    policies.back().references = ReferenceSelection::configured;
  }
  // It sends the domain as SNI: a host that many domains share would be called for each of them.
  if (plan.arguments.batch && text.find(to_string(PolicyId::nexthop)) == std::string::npos)
    std::erase_if(policies, [](const auto& policy) { return policy.id == PolicyId::nexthop; });
  if (text.empty()) return;
  plan.asked = policy_from_word(text, "--policy");
  // A refined policy takes the place of the one that it refines.
  bool known = false;
  for (auto& policy : plan.examine.policies) {
    if (policy.id != plan.asked->id) continue;
    known = true;
    if (!plan.arguments.srv.empty()) plan.asked->references = policy.references;
    policy = *plan.asked;
  }
  if (!known && !plan.arguments.srv.empty())
    throw InputError(
        "--policy", "",
        fmt::format("found {}, wanted encrypt, chain-only or rfc7817 with --srv: the others are of "
                    "senders to MX hosts",
                    to_string(plan.asked->id)));
}

std::unique_ptr<Plan> make_plan(const VerifyArguments& arguments) {
  auto plan = std::make_unique<Plan>();
  plan->arguments = arguments;
  if (arguments.batch != (arguments.domain.empty() && arguments.mx.empty())) {
    throw InputError("verify", "", "wanted a domain, --mx HOST, or --batch with domains on standard input");
  }
  if (!arguments.name.empty() && arguments.mx.empty()) {
    throw InputError("--name", "", "wanted --mx HOST with it: MX hosts have names of their own");
  }
  if (!arguments.srv.empty() && (!arguments.mx.empty() || arguments.port != 0 || !arguments.tls.empty()))
    throw InputError("--srv", "", "wanted no --mx, --port or --tls with it: its records say host and port");
  if (!arguments.srv.empty() && arguments.senders)
    throw InputError("--srv", "", "wanted no --senders with it: these look for MX hosts");
  if (arguments.only_v4 && arguments.only_v6) throw InputError("verify", "", "-4 and -6 exclude each other");
  set_trust(arguments, plan->trust);
  set_policies(*plan);
  plan->dns = choose_dns(arguments, resolv_conf());
  plan->time = time_of(arguments.at);

  probe::ExamineOptions& examine = plan->examine;
  if (!arguments.domain.empty()) examine.domain = domain_from_word(arguments.domain, "verify");
  if (!arguments.name.empty()) examine.name = host_from_word(arguments.name, "--name");
  std::uint16_t port = arguments.port;
  if (!arguments.mx.empty()) {
    const auto [host, stated] = split_host_port(arguments.mx, "--mx");
    examine.relay = host_from_word(host, "--mx");
    if (port == 0) port = stated;
  }
  // RFC 8314 7.3: TLS begins at once on port 465.
  const bool implicit = arguments.tls.empty() ? port == kSubmissions || arguments.srv == "submissions"
                                              : arguments.tls == "implicit";
  examine.service = arguments.srv;
  examine.tls = implicit ? probe::TlsMode::implicit : probe::TlsMode::starttls;
  if (implicit) {
    if (plan->asked && plan->asked->tls == TlsDemand::never)
      throw InputError(
          "--policy", "",
          fmt::format(
              "found {}, wanted another one where TLS begins at once: in clear nobody is greeted there",
              to_string(plan->asked->id)));
    std::erase_if(examine.policies, [](const auto& policy) { return policy.tls == TlsDemand::never; });
  }
  examine.port = port != 0 ? port : implicit ? kSubmissions : kSmtp;
  examine.https_port = arguments.https_port;
  if (arguments.only_v4) examine.family = probe::Family::v4;
  if (arguments.only_v6) examine.family = probe::Family::v6;
  examine.trust = &plan->trust;
  examine.time = plan->time;
  if (!arguments.helo.empty()) check_hello(arguments.helo, "--helo");
  examine.helo = arguments.helo.empty() ? own_name() : arguments.helo;
  examine.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(arguments.timeout_s * 1000));
  examine.is_public_suffix = public_suffix_test();
  return plan;
}

std::unique_ptr<probe::Resolver> make_resolver(const Plan& plan, asio::io_context& context) {
  if (plan.dns.trust == DnsChoice::Trust::ad_bit) {
    probe::StubOptions options;
    options.address = plan.dns.address;
    options.port = plan.dns.port;
    return probe::make_stub_resolver(context.get_executor(), std::move(options));
  }
  probe::UnboundOptions options;
  options.address = plan.dns.address;
  options.port = plan.dns.port;
  options.trust_anchors = plan.dns.trust_anchors;
  options.time = plan.arguments.at.empty() ? 0 : plan.time;
  std::string error;
  auto resolver = probe::make_unbound_resolver(context.get_executor(), std::move(options), error);
  if (!resolver) throw InputError("--trust-anchor", "", error);
  return resolver;
}

int exit_code_of(const probe::DomainExamination& examination, PolicyId asked) {
  // Senders deliver as if there were no policy, but what the domain asks for is not there.
  if (asked == PolicyId::mta_sts && examination.sts && examination.sts->broken()) return kExitNews;
  for (const auto& verdict : examination.verdicts) {
    if (verdict.policy != asked) continue;
    const bool taken = verdict.answer == probe::Answer::accept || verdict.answer == probe::Answer::plaintext;
    return taken ? kExitOk : kExitNews;
  }
  return kExitNews;
}

int show(const Plan& plan, const probe::DomainExamination& examination) {
  VerifyView view;
  view.time = plan.time;
  view.asked = plan.asked ? plan.asked->id : examination.strongest;
  view.exit_code = exit_code_of(examination, view.asked);
  view.dns = plan.dns.sentence;
  view.transcript = plan.arguments.transcript ? ShowTranscript::yes : ShowTranscript::no;
  std::vector<SenderPage> pages;
  if (plan.senders)
    pages = sender_pages(*plan.senders, examination, plan.trust, plan.time, plan.arguments.name);
  if (plan.arguments.json || !plan.arguments.output.empty()) {
    const int indent = plan.arguments.batch ? -1 : 2;
    nlohmann::ordered_json out = verify_json(examination, view);
    for (const auto& page : pages) out["senders"].push_back(senders_json(page));
    fmt::print(plan.out, "{}\n",
               out.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  } else {
    fmt::print(plan.out, "{}", verify_text(examination, view));
    for (const auto& page : pages) fmt::print(plan.out, "\n{}", senders_text(page));
    if (plan.arguments.batch) fmt::print(plan.out, "\n");
  }
  if (std::fflush(plan.out) != 0) throw OutputError("results cannot be written: the disk refuses them");
  return view.exit_code;
}

asio::awaitable<void> batch_worker(const Plan& plan, probe::Resolver& resolver, BatchLines& lines,
                                   const BatchWork& work, int& worst) {
  for (;;) {
    std::optional<std::string> line = co_await lines.next();
    if (!line) co_return;
    if (!work.wants(*line)) continue;
    probe::ExamineOptions options = plan.examine;
    options.domain = std::move(*line);
    const std::string asked = options.domain;
    probe::DomainExamination examination = co_await probe::examine(resolver, std::move(options));
    if (examination.domain.empty()) examination.domain = asked;  // so that one knows which line it was
    worst = std::max(worst, show(plan, examination));
  }
}

asio::awaitable<void> single(const Plan& plan, probe::Resolver& resolver, int& worst) {
  probe::ExamineOptions options = plan.examine;
  const probe::DomainExamination examination = co_await probe::examine(resolver, std::move(options));
  worst = show(plan, examination);
}

int run_verify(const VerifyArguments& arguments) {
  const std::unique_ptr<Plan> plan = make_plan(arguments);
  if (arguments.senders) {
    const std::string& folder = arguments.baselines;
    plan->senders =
        std::make_unique<SenderBook>(folder.empty() ? data_dirs().baselines : std::filesystem::path(folder));
  }
  asio::io_context context(1);
  const auto resolver = make_resolver(*plan, context);
  int worst = kExitOk;
  std::exception_ptr failure;
  const auto ended = [&](std::exception_ptr failed) {
    if (failed) failure = failed;
  };
  BatchLines lines;
  const BatchWork work(arguments);
  worst = work.worst_before();
  plan->out = work.out();
  probe::SharedSessions sessions(
      context.get_executor(),
      {.at_once = std::max<std::size_t>(16, 2 * arguments.jobs),
       .at_an_address = arguments.per_address,
       .pause = std::chrono::milliseconds(static_cast<std::int64_t>(arguments.pause_s * 1000))});
  if (arguments.batch) plan->examine.sessions = &sessions;
  const std::size_t workers = arguments.batch ? std::max<std::size_t>(arguments.jobs, 1) : 0;
  for (std::size_t i = 0; i < workers; ++i) {
    asio::co_spawn(context, batch_worker(*plan, *resolver, lines, work, worst), ended);
  }
  if (workers == 0) asio::co_spawn(context, single(*plan, *resolver, worst), ended);
  context.run();
  if (failure) std::rethrow_exception(failure);
  if (arguments.batch && lines.count() == 0) throw NothingSelected("verify: standard input names no domain");
  return worst;
}

}  // namespace

probe::DomainExamination examine_once(const VerifyArguments& arguments) {
  const std::unique_ptr<Plan> plan = make_plan(arguments);
  asio::io_context context(1);
  const auto resolver = make_resolver(*plan, context);
  probe::DomainExamination out;
  std::exception_ptr failure;
  asio::co_spawn(context, probe::examine(*resolver, plan->examine),
                 [&](std::exception_ptr failed, probe::DomainExamination found) {
                   failure = failed;
                   out = std::move(found);
                 });
  context.run();
  if (failure) std::rethrow_exception(failure);
  return out;
}

void add_verify_command(CLI::App& app, Invocation& invocation) {
  auto* const command = app.add_subcommand(
      "verify", "Look at the mail hosts of a domain and ask every policy; no mail is sent");
  const auto arguments = std::make_shared<VerifyArguments>();
  command->add_option("domain", arguments->domain, "recipient domain");
  command->add_option("--mx", arguments->mx, "this host alone: HOST[:PORT] or an address");
  command->add_option("--srv", arguments->srv, "hosts of these SRV records (RFC 6186, RFC 8314)")
      ->check(CLI::IsMember({"submission", "submissions"}));
  command->add_option("--port", arguments->port, "port of the hosts (default: 25; 465 with implicit)")
      ->check(port_number());
  command->add_option("--name", arguments->name, "name that --mx has to prove, and SNI (default: HOST)");
  command->add_option("--tls", arguments->tls, "how TLS begins (default: by the port)")
      ->check(CLI::IsMember({"starttls", "implicit"}));
  command->add_option("--dnssec", arguments->dnssec, "off: nothing is validated, and DANE never applies")
      ->check(CLI::IsMember({"on", "off"}))
      ->capture_default_str();
  command->add_option("--ca", arguments->anchors, "trust anchors (PEM) instead of the system's")
      ->allow_extra_args(false);
  command->add_flag("--system-trust", arguments->system_trust, "trust what this system trusts, beside --ca");
  command->add_option("--resolver", arguments->resolver,
                      "ADDRESS[:PORT] (default: first of /etc/resolv.conf)");
  command
      ->add_option("--trust-anchor", arguments->trust_anchors,
                   "DNSSEC: file of DS or DNSKEY records, or one record")
      ->allow_extra_args(false);
  command->add_flag("-4", arguments->only_v4, "IPv4 only");
  command->add_flag("-6", arguments->only_v6, "IPv6 only");
  command->add_option("--timeout", arguments->timeout_s, "seconds for each session")
      ->check(number_between(0.1, 600.0))
      ->capture_default_str();
  command->add_option("--policy", arguments->policy,
                      "decides the exit code: an id or JSON of a refined one "
                      "(default: the strongest published)");
  command->add_option("--at", arguments->at, "time of the check, RFC 3339 (default: now)");
  command->add_option("--helo", arguments->helo, "name to say in EHLO (default: this host's)");
  command->add_option("--https-port", arguments->https_port, "port of the MTA-STS policy host")
      ->check(port_number())
      ->capture_default_str();
  auto* const senders =
      command->add_flag("--senders", arguments->senders, "what known senders would do, as recorded");
  command->add_option("--baselines", arguments->baselines, "folder of recorded senders (default: shipped)")
      ->needs(senders);
  command->add_flag("--json", arguments->json, "JSON instead of text; --batch: a line a domain");
  command->add_flag("--transcript", arguments->transcript, "show the SMTP dialogues");
  const char* const kGroup = "Many domains";
  command->add_flag("--batch", arguments->batch, "read domains from standard input, one a line")
      ->group(kGroup);
  command->add_option("--jobs", arguments->jobs, "domains at the same time")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str()
      ->group(kGroup);
  command->add_option("--per-address", arguments->per_address, "sessions with one address at the same time")
      ->check(CLI::Range(1, 64))
      ->capture_default_str()
      ->group(kGroup);
  command->add_option("--pause", arguments->pause_s, "seconds between two sessions with one address")
      ->check(number_between(0.0, 60.0))
      ->capture_default_str()
      ->group(kGroup);
  command->add_option("--shard", arguments->shard, "I/N: a part of the domains, by their names")
      ->group(kGroup);
  auto* const output =
      command->add_option("--output", arguments->output, "file for the JSON lines")->group(kGroup);
  command->add_flag("--resume", arguments->resume, "leave out the domains that --output has")
      ->needs(output)
      ->group(kGroup);
  command->footer(
      "Exit code 1: a fault, or the policy refuses the host.\n"
      "Example: mxident verify example.com");
  command->callback([arguments, &invocation] { invocation.exit_code = run_verify(*arguments); });
}

}  // namespace mxident::harness::cli
