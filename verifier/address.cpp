#include "address.hpp"

#include <arpa/inet.h>

#include <array>

namespace mxident {
namespace {

std::optional<std::string> parse(int family, std::size_t octets, std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN + 1> copy{};  // inet_pton wants a terminated string
  if (text.size() >= copy.size() || text.find('\0') != std::string_view::npos) return std::nullopt;
  text.copy(copy.data(), text.size());
  std::string result(octets, '\0');
  if (inet_pton(family, copy.data(), result.data()) != 1) return std::nullopt;
  return result;
}

}  // namespace

std::optional<std::string> ipv4_octets(std::string_view text) {
  return parse(AF_INET, 4, text);
}
std::optional<std::string> ipv6_octets(std::string_view text) {
  return parse(AF_INET6, 16, text);
}

std::string address_text(std::string_view octets) {
  if (octets.size() != 4 && octets.size() != 16) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(octets.size() == 4 ? AF_INET : AF_INET6, octets.data(), text.data(), text.size());
  return text.data();
}

}  // namespace mxident
