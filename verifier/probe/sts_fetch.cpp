#include "sts_fetch.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <utility>

#include "../dns_name.hpp"
#include "../net/text.hpp"
#include "../net/wire.hpp"
#include "../verify.hpp"

namespace mxident::probe {
namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

constexpr std::uint32_t kMaxHeader = 16 * 1024;
constexpr std::size_t kMaxAddressesTried = 4;
constexpr std::chrono::milliseconds kStsFarewell{100};

using Parser = http::response_parser<http::string_body>;

bool same_word(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) return false;
  for (std::size_t i = 0; i < one.size(); ++i) {
    if (dns_name::lower(one[i]) != dns_name::lower(other[i])) return false;
  }
  return true;
}

// "text/plain; charset=utf-8": parameters do not matter (RFC 8461 3.2).
bool is_text_plain(std::string_view value) {
  value = value.substr(0, value.find(';'));
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  return same_word(value, "text/plain");
}

class Fetch {
 public:
  Fetch(Resolver& resolver, asio::any_io_executor executor, StsFetchOptions options)
      : resolver_(resolver),
        executor_(std::move(executor)),
        options_(std::move(options)),
        host_("mta-sts." + options_.domain),
        deadline_(Wire::Clock::now() + options_.timeout) {}

  asio::awaitable<StsFetchResult> run();

 private:
  asio::awaitable<void> read_record();
  asio::awaitable<void> fetch();
  asio::awaitable<std::optional<Reason>> fetch_from(std::string address);
  asio::awaitable<void> exchange(Wire& wire);
  bool certificate_is_good(const Wire& wire);
  void take(const Parser& parser);
  void fail(Reason reason, std::string sentence = {});

  Resolver& resolver_;
  asio::any_io_executor executor_;
  StsFetchOptions options_;
  std::string host_;
  Wire::Clock::time_point deadline_;
  StsFetchResult result_;
  bool go_on_ = true;
};

void Fetch::fail(Reason reason, std::string sentence) {
  go_on_ = false;
  result_.reason = reason;
  result_.error = sentence.empty() ? std::string(info(reason).sentence) : std::move(sentence);
}

asio::awaitable<StsFetchResult> Fetch::run() {
  co_await read_record();
  if (go_on_) co_await fetch();
  co_return std::move(result_);
}

asio::awaitable<void> Fetch::read_record() {
  const TxtResult txt = co_await lookup_txt(resolver_, "_mta-sts." + options_.domain);
  if (txt.status == DnsStatus::failed) {
    // Without a cached policy a sender goes on as if there were none (RFC 8461 3.3), but people want to know.
    fail(txt.reason.value_or(Reason::dns_error),
         "the record _mta-sts." + options_.domain + " cannot be looked up: " + txt.error);
    co_return;
  }
  const StsRecordResult record = parse_sts_record(txt.texts);
  if (!record.id) {
    const std::string sentence(info(record.reason).sentence);
    fail(record.reason, record.fault.empty() ? sentence : sentence + " (" + record.fault + ")");
    co_return;
  }
  result_.id = *record.id;
}

asio::awaitable<void> Fetch::fetch() {
  const AddressResult addresses = co_await lookup_addresses(resolver_, host_, options_.family);
  if (addresses.addresses.empty()) {
    fail(Reason::sts_fetch_failed, "the policy host " + host_ + " has no address");
    co_return;
  }
  for (std::size_t i = 0; i < addresses.addresses.size() && i < kMaxAddressesTried; ++i) {
    const auto unreached = co_await fetch_from(addresses.addresses[i]);
    if (!unreached) co_return;
    fail(Reason::sts_fetch_failed, "the policy host " + host_ + " cannot be reached at " +
                                       addresses.addresses[i] + ": " +
                                       std::string(info(*unreached).sentence));
  }
}

asio::awaitable<std::optional<Reason>> Fetch::fetch_from(std::string address) {
  Wire wire(executor_, deadline_);
  const auto unreached = co_await wire.connect(address, options_.port);
  if (unreached) co_return unreached;
  const auto insecure = co_await wire.start_tls(host_);
  if (insecure) {
    const std::string_view why =
        *insecure == Reason::starttls_garbage ? "what it sends is no TLS" : info(*insecure).sentence;
    fail(Reason::sts_fetch_failed, "TLS with the policy host " + host_ + " fails: " + std::string(why));
  } else if (certificate_is_good(wire)) {
    co_await exchange(wire);
    co_await wire.finish(kStsFarewell);
  }
  co_return std::nullopt;
}

// RFC 8461 3.3: trusted chain, DNS-ID for mta-sts.DOMAIN, no CN; the rules are those for the MX host.
bool Fetch::certificate_is_good(const Wire& wire) {
  Demand demand;
  demand.policy = policy(PolicyId::mta_sts);
  demand.host = host_;
  demand.trust = options_.trust;
  demand.chain.time = options_.time;
  const Judgement judgement = verify({wire.tls().certificates, wire.parsed_certificates()}, demand);
  if (judgement.accepted()) return true;
  fail(Reason::sts_fetch_certificate,
       "the certificate of " + host_ + " is refused: " + std::string(info(judgement.reason).sentence));
  return false;
}

asio::awaitable<void> Fetch::exchange(Wire& wire) {
  const std::string request = "GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: " + host_ +
                              "\r\nUser-Agent: mxident\r\nAccept: text/plain\r\nConnection: close\r\n\r\n";
  IoStatus status = co_await wire.send(request);
  Parser parser;
  parser.header_limit(kMaxHeader);
  parser.body_limit(kMaxStsPolicy);
  parser.eager(true);
  std::string unparsed;  // the parser wants a line as a whole
  boost::system::error_code error;
  while (status == IoStatus::ok && !parser.is_done()) {
    status = co_await wire.receive();
    if (status != IoStatus::ok) break;
    unparsed += wire.pending();
    wire.consume(wire.pending().size());
    const std::size_t used = parser.put(asio::buffer(unparsed), error);
    unparsed.erase(0, used);
    if (error == http::error::need_more) continue;
    if (error == http::error::body_limit) {
      fail(Reason::sts_policy_too_large);
      co_return;
    }
    if (error) {
      fail(Reason::sts_fetch_failed,
           "the policy host " + host_ + " answers with bad HTTP: " + error.message());
      co_return;
    }
  }
  // A body that ends with the connection is whole only if TLS says so (RFC 8446 6.1).
  if (!parser.is_done() && status == IoStatus::closed && wire.tls().close_notify && parser.is_header_done()) {
    parser.put_eof(error);
  }
  if (!parser.is_done()) {
    const char* const why =
        status == IoStatus::timed_out ? " does not answer in time" : " cuts its answer short";
    fail(Reason::sts_fetch_failed, "the policy host " + host_ + why);
    co_return;
  }
  take(parser);
}

void Fetch::take(const Parser& parser) {
  const auto& response = parser.get();
  if (response.result_int() != 200) {
    return fail(Reason::sts_fetch_status, "the policy host " + host_ + " answers with status " +
                                              std::to_string(response.result_int()) + ", not 200");
  }
  const std::string_view type = response[http::field::content_type];
  if (!is_text_plain(type)) {
    return fail(Reason::sts_fetch_media_type,
                "the policy is served as \"" + printable(type, 100) + "\", not as text/plain");
  }
  const std::string_view encoding = response[http::field::content_encoding];
  if (!encoding.empty() && !same_word(encoding, "identity")) {
    return fail(Reason::sts_fetch_failed, "the policy is served in an encoding that was not asked for");
  }
  result_.body = response.body();
  StsPolicyResult parsed = parse_sts_policy(result_.body);
  if (!parsed.policy) {
    return fail(
        parsed.reason,
        std::string(info(parsed.reason).sentence) +
            (parsed.line != 0 ? " (line " + std::to_string(parsed.line) + ": " + parsed.fault + ")" : ""));
  }
  result_.policy = std::move(parsed.policy);
  result_.reason = Reason::sts_ok;
  result_.error.clear();
}

}  // namespace

asio::awaitable<StsFetchResult> fetch_sts_policy(Resolver& resolver, StsFetchOptions options) {
  Fetch fetch(resolver, co_await asio::this_coro::executor, std::move(options));
  StsFetchResult result = co_await fetch.run();
  co_return result;
}

}  // namespace mxident::probe
