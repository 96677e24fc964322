#include "harness/results/version.hpp"

#include <vector>

namespace mxident::harness {
namespace {

std::vector<unsigned long> numbers(const std::string& version) {
  std::vector<unsigned long> out;
  for (std::size_t i = 0; i < version.size();) {
    if (version[i] < '0' || version[i] > '9') {
      ++i;
      continue;
    }
    unsigned long n = 0;
    while (i < version.size() && version[i] >= '0' && version[i] <= '9')
      n = n * 10 + static_cast<unsigned long>(version[i++] - '0');
    out.push_back(n);
  }
  return out;
}

}  // namespace

bool older(const std::string& a, const std::string& b) {
  return numbers(a) < numbers(b);
}

}  // namespace mxident::harness
