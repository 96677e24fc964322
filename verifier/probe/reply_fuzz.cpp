// SMTP replies from hostile servers: whatever comes, the cut into segments changes nothing and the limits
// hold.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "reply.hpp"

namespace {

using mxident::probe::Reply;
using mxident::probe::ReplyReader;

struct Outcome {
  ReplyReader::State state = ReplyReader::State::need_more;
  std::vector<Reply> replies;
};

void keep(ReplyReader& reader, Outcome& outcome) {
  Reply reply = reader.take();
  if (reply.lines.empty() || reply.lines.size() > 128) std::abort();
  for (const auto& line : reply.lines) {
    if (line.size() > 2048 || line.find_first_of(std::string_view("\0\r\n", 3)) != line.npos) std::abort();
  }
  if (mxident::probe::claimed_name(reply).size() > 4 * 255 + 3) std::abort();
  mxident::probe::capabilities(reply);
  mxident::probe::offers(reply, "STARTTLS");
  outcome.replies.push_back(std::move(reply));
}

Outcome whole(std::string_view input) {
  Outcome outcome;
  ReplyReader reader;
  for (;;) {
    outcome.state = reader.feed(input);
    if (outcome.state != ReplyReader::State::complete) return outcome;
    keep(reader, outcome);
  }
}

Outcome octet_by_octet(std::string_view input) {
  Outcome outcome;
  ReplyReader reader;
  for (std::size_t i = 0; i < input.size(); ++i) {
    std::string_view octet = input.substr(i, 1);
    outcome.state = reader.feed(octet);
    if (outcome.state == ReplyReader::State::malformed) return outcome;
    if (outcome.state == ReplyReader::State::complete) {
      keep(reader, outcome);
      outcome.state = ReplyReader::State::need_more;
    }
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const Outcome one = whole(input);
  const Outcome other = octet_by_octet(input);
  if (one.state != other.state || one.replies.size() != other.replies.size()) std::abort();
  for (std::size_t i = 0; i < one.replies.size(); ++i) {
    if (one.replies[i].code != other.replies[i].code || one.replies[i].lines != other.replies[i].lines)
      std::abort();
  }
  return 0;
}
