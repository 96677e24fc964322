#include "harness/sandbox/wire.hpp"

#include <gtest/gtest.h>

namespace mxident::harness::sandbox {
namespace {

TEST(Request, IsReadAsItWasWritten) {
  Request request;
  request.program = "/bin/true";
  request.work_dir = "/tmp/a b";
  request.hosts = "/tmp/hosts";
  request.arguments = {"true", "", "line\nbreak", "=\xff"};
  request.environment = {"A=1", "B="};
  request.binds = {"/a", "/usr", "/b", "/var"};
  request.writable = {"/var"};
  const std::optional<Request> read = decode(encode(request));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->program, request.program);
  EXPECT_EQ(read->work_dir, request.work_dir);
  EXPECT_EQ(read->resolv_conf, "");
  EXPECT_EQ(read->hosts, request.hosts);
  EXPECT_EQ(read->arguments, request.arguments);
  EXPECT_EQ(read->environment, request.environment);
  EXPECT_EQ(read->binds, request.binds);
  EXPECT_EQ(read->writable, request.writable);
}

TEST(Request, IsNotReadFromAPart) {
  const std::string text = encode({"/bin/true", "/", "", "", {"true"}, {"A=1"}, {"/a", "/b"}, {"/b"}});
  for (std::size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(decode(text.substr(0, size))) << size;
}

TEST(Request, HasATargetForEachDirectory) {
  EXPECT_FALSE(decode(encode({"/bin/true", "/", "", "", {"true"}, {}, {"/a", "/b", "/c"}, {}})));
}

}  // namespace
}  // namespace mxident::harness::sandbox
