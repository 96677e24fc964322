// The MTA-STS policy host of a domain (RFC 8461 3.3): HTTP/1.1 inside a TLS connection that others hold.
#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include "mocks/world_parts.hpp"

namespace mxident::mocks {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;

constexpr std::string_view kPath = "/.well-known/mta-sts.txt";
constexpr std::uint32_t kMaxHeader = 8192;
constexpr unsigned kMaxRequests = 32;  // of one connection
constexpr std::size_t kMaxSaid = 200;  // octets of a request in the transcript
/// A policy may state any length, but no more than this much of it is made and sent: far beyond what a client
/// may take (RFC 8461 3.3 suggests 64 KiB), and little enough for many worlds at once.
constexpr std::size_t kMaxBody = 4u << 20;

using Response = http::response<http::string_body>;

/// The policy with an extension field (RFC 8461 3.2) behind it that brings it to `size` octets.
std::string padded(std::string body, std::size_t size) {
  size = std::min(size, kMaxBody);
  if (body.size() >= size) return body;
  if (!body.empty() && body.back() != '\n') body += '\n';
  static constexpr std::string_view kField = "x-padding: ";
  if (body.size() + kField.size() < size) body += kField;
  if (body.size() < size) body.append(size - body.size(), 'a');
  return body;
}

/// Printable and short.
std::string said(std::string_view text) {
  std::string result(text.substr(0, kMaxSaid));
  std::replace_if(
      result.begin(), result.end(), [](char c) { return c <= ' ' || c > '~'; }, '?');
  return result.empty() ? "-" : result;
}

bool has_no_body(unsigned status) {
  return status < 200 || status == 204 || status == 304;
}

std::string to_octets(const Response& response) {
  std::ostringstream out;
  out << response;
  return std::move(out).str();
}

class PolicySession final : public StsSession {
 public:
  explicit PolicySession(const StsSpec& spec) : spec_(spec) { next_request(); }

  Output feed(std::string_view octets) override {
    Output output;
    pending_ += octets;
    while (!output.close && !pending_.empty()) {
      error_code error;
      pending_.erase(0, parser_->put(boost::asio::buffer(pending_), error));
      if (error == http::error::need_more || (!error && !parser_->is_header_done())) break;
      // Nobody has a reason to send a body here. It is not even parsed: a chunked one that comes octet by
      // octet runs into an assertion of Beast 1.81.
      if (!error && !parser_->is_done()) error = http::error::unexpected_body;
      if (error) {
        refuse(error, output);
      } else {
        answer(parser_->get(), output);
        next_request();
      }
    }
    return output;
  }

 private:
  void next_request() {
    parser_.emplace();
    parser_->header_limit(kMaxHeader);
  }

  static void refuse(const error_code& error, Output& output) {
    const bool too_long = error == http::error::header_limit || error == http::error::buffer_overflow;
    Response response(too_long ? http::status::request_header_fields_too_large : http::status::bad_request,
                      11);
    response.keep_alive(false);
    response.prepare_payload();
    output.octets += to_octets(response);
    output.requests.push_back("malformed request " + std::to_string(response.result_int()));
    output.close = true;
  }

  void answer(const http::request<http::empty_body>& request, Output& output) {
    Response response = make_response(request);
    const bool keep =
        request.keep_alive() && ++answered_ < kMaxRequests && response.body().size() >= spec_.pad_to;
    if (!keep) response.set(http::field::connection, "close");
    output.requests.push_back(said(request.method_string()) + ' ' + said(request[http::field::host]) + ' ' +
                              said(request.target()) + ' ' + std::to_string(response.result_int()));
    if (request.method() == http::verb::head) response.body().clear();  // its length stays in the header
    output.octets += to_octets(response);
    output.close = !keep;
  }

  Response make_response(const http::request<http::empty_body>& request) const {
    Response response;
    response.version(11);
    const bool host_missing = request.version() >= 11 && request.count(http::field::host) == 0;
    if (host_missing) {
      response.result(http::status::bad_request);
    } else if (request.method() != http::verb::get && request.method() != http::verb::head) {
      response.result(http::status::method_not_allowed);
      response.set(http::field::allow, "GET, HEAD");
    } else if (request.target() != kPath || (!spec_.policy && spec_.http_status == 200)) {
      response.result(http::status::not_found);
    } else {
      return make_policy();
    }
    response.prepare_payload();
    return response;
  }

  Response make_policy() const {
    Response response;
    response.version(11);
    response.result(static_cast<unsigned>(spec_.http_status));
    response.set(http::field::content_type, "text/plain");  // RFC 8461 3.2
    if (!spec_.location.empty()) response.set(http::field::location, spec_.location);
    if (!has_no_body(response.result_int())) {
      response.body() = padded(spec_.policy.value_or(""), spec_.pad_to);
      response.content_length(std::max(response.body().size(), spec_.pad_to));
    }
    for (const auto& [name, value] : spec_.headers) response.set(name, value);
    return response;
  }

  const StsSpec& spec_;
  std::string pending_;  // no more than one header and one piece of input: the parser refuses longer headers
  std::optional<http::request_parser<http::empty_body>> parser_;
  unsigned answered_ = 0;
};

class Service final : public StsService {
 public:
  explicit Service(StsSpec spec) : spec_(std::move(spec)) {}
  std::unique_ptr<StsSession> open() const override { return std::make_unique<PolicySession>(spec_); }

 private:
  StsSpec spec_;
};

[[noreturn]] void fail(const StsSpec& spec, const std::string& why) {
  throw WorldError("policy host of " + spec.domain + ": " + why);
}

bool has_line_end(const std::string& text) {
  return text.find_first_of(std::string("\r\n\0", 3)) != std::string::npos;
}

}  // namespace

std::unique_ptr<StsService> StsService::make(const StsSpec& spec) {
  if (spec.http_status < 100 || spec.http_status > 999) {
    fail(spec, "HTTP status " + std::to_string(spec.http_status) + ", wanted 100 to 999");
  }
  if (has_line_end(spec.location)) fail(spec, "Location with a line end");
  for (const auto& [name, value] : spec.headers) {
    if (name.empty() || has_line_end(name) || has_line_end(value))
      fail(spec, "header \"" + name + "\" is no header");
  }
  return std::make_unique<Service>(spec);
}

}  // namespace mxident::mocks
