#include "dial_guard.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>

namespace mxident::probe {
namespace {

namespace asio = boost::asio;

DialGuard::Endpoint at(const char* address, std::uint16_t port) {
  return {asio::ip::make_address(address), port};
}

TEST(DialGuard, LetsEverythingPassWhereNobodySetOne) {
  asio::io_context context;
  EXPECT_EQ(pass_guard(context.get_executor(), at("192.0.2.1", 25)), at("192.0.2.1", 25));
}

TEST(DialGuard, RefusesWhatIsNotAllowed) {
  asio::io_context context;
  guard_of(context);
  EXPECT_EQ(pass_guard(context.get_executor(), at("127.0.0.1", 25)), std::nullopt);
}

TEST(DialGuard, HoldsForEveryExecutorOfItsContext) {
  asio::io_context context;
  guard_of(context).allow(at("127.1.2.3", 25), at("127.0.0.1", 40000));
  const asio::any_io_executor strand = asio::make_strand(context);
  EXPECT_EQ(pass_guard(strand, at("127.1.2.3", 25)), at("127.0.0.1", 40000));
  EXPECT_EQ(pass_guard(strand, at("127.1.2.3", 26)), std::nullopt);
  EXPECT_EQ(pass_guard(strand, at("127.0.0.1", 25)), std::nullopt);
}

TEST(DialGuard, TakesAWordBack) {
  asio::io_context context;
  guard_of(context).allow(at("fd6d:7864::1", 25), at("127.0.0.1", 40000));
  guard_of(context).forbid(at("fd6d:7864::1", 25));
  EXPECT_EQ(pass_guard(context.get_executor(), at("fd6d:7864::1", 25)), std::nullopt);
}

TEST(DialGuard, OfOneContextIsNotThatOfAnother) {
  asio::io_context guarded, free;
  guard_of(guarded);
  EXPECT_EQ(pass_guard(free.get_executor(), at("127.0.0.1", 25)), at("127.0.0.1", 25));
}

}  // namespace
}  // namespace mxident::probe
