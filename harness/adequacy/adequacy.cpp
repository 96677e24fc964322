#include "harness/adequacy/adequacy.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "harness/adequacy/client.hpp"
#include "harness/adequacy/occasion.hpp"
#include "harness/world/world_builder.hpp"

namespace mxident::harness::zoo {
namespace {

constexpr unsigned kThreads = 32;
constexpr std::size_t kEnough = 40;  ///< scenarios that have caught a bug; it is not run any more then
constexpr std::size_t kEventsOfAWorld = 1500;  ///< then a fresh world, because a transcript is bounded

bool is_bad(Outcome outcome) {
  return outcome != Outcome::pass && outcome != Outcome::either && outcome != Outcome::unsupported;
}

/// A server that waits for ever would be waited for once with each client; one that wants TLS first is not
/// spoken to.
bool can_run(const Scenario& scenario) {
  const auto expected = expectation(scenario, PolicyId::rfc9525);
  if (!expected) return false;
  // Without a mail host there is something to try only where the domain has an address all the same.
  if (mail_hosts(scenario).empty() && server_of(scenario, scenario.domain) == nullptr) return false;
  if (*expected == Expected::none && !mail_hosts(scenario).empty()) return false;
  return std::none_of(scenario.servers.begin(), scenario.servers.end(), [](const ScenarioServer& server) {
    return server.spec.starttls == mocks::Starttls::silent ||
           server.spec.starttls == mocks::Starttls::implicit;
  });
}

/// A client that keeps to this policy finds something. What is fetched is left to clients that can.
bool announces(const Scenario& scenario, PolicyId policy) {
  if (policy == PolicyId::mta_sts) return sts_of(scenario.mta_sts, scenario.domain).has_value();
  return std::any_of(scenario.dns.lines.begin(), scenario.dns.lines.end(), [](const auto& text) {
    const auto line = split_dns_line(text);
    return line && (line->type == "TLSA" || line->owner.starts_with("_25._tcp."));
  });
}

/// One scenario while all clients go through it, one after another.
class Course {
 public:
  Course(const Scenario& scenario, mocks::Internet& internet, const certs::Authority& authority,
         certs::KeyPool& keys, const Equipment& equipment, std::atomic<std::uint32_t>& blocks)
      : scenario_(scenario),
        internet_(internet),
        equipment_(equipment),
        blocks_(blocks),
        block_(++blocks),
        built_(build_world(scenario, block_, mocks::Placement::loopback, authority, keys)) {
    for (const auto& server : scenario.servers) {
      starttls_[server.spec.host] = server.spec.starttls;
      if (has_odd_dialogue(server)) odd_dialogue_.insert(server.spec.host);
      counts_connections_ = counts_connections_ || !server.spec.then.empty();
    }
  }

  struct Result {
    ClientRun run;
    Judgement judgement;
  };
  Result run(BugId bug, Manner manner, PolicyId by = PolicyId::rfc9525) {
    if (!world_ || seen_ > kEventsOfAWorld || counts_connections_) open();
    Result out{run_client(bug, manner, by, route_, equipment_, time()), {}};
    std::promise<void> idle;
    world_->when_idle([&idle] { idle.set_value(); });
    idle.get_future().wait();
    std::vector<mocks::Event> events = world_->transcript().events();
    const std::size_t seen = events.size();
    events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(seen_));
    seen_ = seen;
    Observation observation = observe(events, starttls_, out.run.report);
    observation.bait = scenario_.bait;
    observation.odd_dialogue = odd_dialogue_;
    const ModeFacts facts{policy(by), manner == Manner::delivers ? Delivers::yes : Delivers::no};
    out.judgement = judge(*expectation(scenario_, by), observation, facts);
    return out;
  }

  /// True if the bug could make no difference to what the correct client did: it sits in the judgement on
  /// certificates, and each certificate that was shown gets the same answer.
  bool is_same(const Bug& bug, const ClientRun& correct) {
    if (checked_.empty()) check(correct);
    return std::all_of(checked_.begin(), checked_.end(), [&](const Checked& sight) {
      const bool right = sight.holds && sight.agrees;
      if (sight.names.broken) {
        return certificate_agrees(bug.bug, sight.sent, equipment_.trust(), time(), *sight.situation) ==
               (right ? Answer::yes : Answer::no);
      }
      if (bug.place == BugPlace::judgement) {
        return !sight.holds ||
               names_agree(bug.bug, sight.names, *sight.situation) == (right ? Answer::yes : Answer::no);
      }
      // A look at the chain costs; a bug that is lax of it shows nothing where it is good, nor where the name
      // is not, and one that is strict nothing where it is not good already.
      if (bug.outcome == Outcome::lax && (sight.holds || !sight.agrees)) return true;
      if (bug.outcome == Outcome::strict && !right) return true;
      return certificate_agrees(bug.bug, sight.sent, equipment_.trust(), time(), *sight.situation) ==
             (right ? Answer::yes : Answer::no);
    });
  }

 private:
  /// A sight of the correct client, looked at once for all bugs.
  struct Checked {
    const Situation* situation;
    std::vector<X509*> sent;
    Names names;
    bool holds, agrees;
  };
  void check(const ClientRun& correct) {
    for (const auto& sight : correct.sights) {
      Checked checked{&sight.situation, {}, {}, false, false};
      for (const auto& certificate : sight.certificates) checked.sent.push_back(certificate.get());
      checked.holds = chain_holds(BugId::none, checked.sent, equipment_.trust(), time());
      if (!checked.sent.empty()) checked.names = read_names(checked.sent);
      checked.agrees = names_agree(BugId::none, checked.names, sight.situation) == Answer::yes;
      checked_.push_back(std::move(checked));
    }
  }

  std::int64_t time() const { return scenario_.clock.value_or(std::time(nullptr)); }

  void open() {
    world_.reset();
    mocks::WorldSpec spec = built_.spec;
    world_ = internet_.open(std::move(spec), block_);
    route_ = route_of(scenario_, built_, *world_);
    seen_ = 0;
  }

  const Scenario& scenario_;
  mocks::Internet& internet_;
  const Equipment& equipment_;
  std::atomic<std::uint32_t>& blocks_;
  std::uint32_t block_;
  BuiltWorld built_;
  std::unique_ptr<mocks::World> world_;
  Route route_;
  std::map<std::string, mocks::Starttls> starttls_;
  std::set<std::string> odd_dialogue_;
  std::vector<Checked> checked_;
  std::size_t seen_ = 0;
  bool counts_connections_ = false;  ///< a server differs on a later one: each client needs a fresh world
};

class Measurement {
 public:
  explicit Measurement(const std::vector<Scenario>& scenarios) : scenarios_(scenarios) {
    out_.bugs.resize(kBugCount);
  }

  Adequacy run() {
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < kThreads; ++i) threads.emplace_back([this] { work(); });
    for (auto& thread : threads) thread.join();
    for (auto& bug : out_.bugs) std::sort(bug.caught_by.begin(), bug.caught_by.end());
    std::sort(out_.faults.begin(), out_.faults.end());
    return std::move(out_);
  }

 private:
  void work() {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    for (std::size_t i = 0; (i = next_++) < scenarios_.size();) {
      try {
        visit(scenarios_[i]);
      } catch (const std::exception& error) {
        const std::lock_guard lock(mutex_);
        out_.faults.push_back(scenarios_[i].id + ": " + error.what());
      }
    }
  }

  void visit(const Scenario& scenario) {
    if (!can_run(scenario)) {
      const std::lock_guard lock(mutex_);
      ++out_.left_out;
      return;
    }
    Course course(scenario, internet_, authority_, keys_, equipment_, blocks_);
    const Course::Result correct = course.run(BugId::none, Manner::delivers);
    record_correct(scenario, correct.judgement, "delivers");
    record_correct(scenario, course.run(BugId::none, Manner::checks).judgement, "checks");
    std::size_t sessions = 2;
    // Of the others the correct client is run once, in scenarios that announce something for them.
    std::set<PolicyId> announced;
    for (const PolicyId by : {PolicyId::dane, PolicyId::mta_sts}) {
      if (!expectation(scenario, by) || !announces(scenario, by)) continue;
      announced.insert(by);
      ++sessions;
      record_correct(scenario, course.run(BugId::none, Manner::delivers, by).judgement, to_string(by));
    }
    for (const Bug& bug : bugs()) {
      if (is_caught(bug)) continue;
      const PolicyId by = policy_of(bug.bug);
      if (by != PolicyId::rfc9525 && !announced.contains(by)) continue;
      if (is_same(bug, course, scenario, correct)) continue;
      ++sessions;
      record(scenario, bug, course.run(bug.bug, manner_of(bug.bug), by).judgement);
    }
    const std::lock_guard lock(mutex_);
    ++out_.scenarios;
    out_.sessions += sessions;
  }

  static bool is_same(const Bug& bug, Course& course, const Scenario& scenario,
                      const Course::Result& correct) {
    if (bug.place == BugPlace::announcement) return false;
    if (bug.place != BugPlace::dialogue) return course.is_same(bug, correct.run);
    return !has_occasion(bug.bug, scenario, correct.run, correct.judgement);
  }

  void record_correct(const Scenario& scenario, const Judgement& judgement, std::string_view manner) {
    if (!is_bad(judgement.outcome)) return;
    const std::lock_guard lock(mutex_);
    out_.faults.push_back(
        fmt::format("{} ({}): {} {}", scenario.id, manner, to_string(judgement.outcome), judgement.note));
  }

  bool is_caught(const Bug& bug) {
    const std::lock_guard lock(mutex_);
    return out_.bugs[static_cast<std::size_t>(bug.bug)].caught_by.size() >= kEnough;
  }

  void record(const Scenario& scenario, const Bug& bug, const Judgement& judgement) {
    if (!is_bad(judgement.outcome)) return;
    const std::lock_guard lock(mutex_);
    BugResult& result = out_.bugs[static_cast<std::size_t>(bug.bug)];
    if (judgement.outcome == bug.outcome) {
      result.caught_by.push_back(scenario.id);
    } else {
      ++result.otherwise;
    }
  }

  const std::vector<Scenario>& scenarios_;
  certs::KeyPool keys_;
  certs::Authority authority_ = certs::Authority::make(keys_);
  Equipment equipment_{authority_};
  mocks::Internet internet_{mocks::Placement::loopback, 1};
  std::atomic<std::uint32_t> blocks_ = 0;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  Adequacy out_;
};

}  // namespace

Adequacy measure(const std::vector<Scenario>& scenarios) {
  return Measurement(scenarios).run();
}

std::string table_of(const Adequacy& adequacy) {
  std::string out =
      fmt::format("{:<32} {:<10} {:>5} {:>5}  {}\n", "bug", "outcome", "by it", "else", "first scenario");
  for (const Bug& bug : bugs()) {
    const BugResult& result = adequacy.bugs[static_cast<std::size_t>(bug.bug)];
    out += fmt::format("{:<32} {:<10} {:>5} {:>5}  {}\n", bug.id, to_string(bug.outcome),
                       result.caught_by.size(), result.otherwise,
                       result.caught_by.empty() ? "SURVIVES" : result.caught_by.front());
  }
  out += fmt::format("{} scenarios, {} left out, {} sessions, {} faults of the correct client\n",
                     adequacy.scenarios, adequacy.left_out, adequacy.sessions, adequacy.faults.size());
  return out;
}

}  // namespace mxident::harness::zoo
