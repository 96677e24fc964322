// Drives a libFuzzer entry point without libFuzzer: every file of the seed corpus, then mutations of them
// made with a fixed seed, so that a GCC build smoke-tests each fuzz target in about a second and always in
// the same way.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr int kMutations = 3000;

int run_one(const std::string& input) {
  return LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

std::string mutate(std::string input, std::mt19937& random) {
  const auto below = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
  };
  const std::size_t changes = 1 + below(4);
  for (std::size_t i = 0; i < changes; ++i) {
    const auto octet = static_cast<char>(below(256));
    const std::size_t at = below(input.size() + 1);
    switch (below(4)) {
      case 0:
        input.insert(at, 1, octet);
        break;
      case 1:
        if (at < input.size()) input[at] = octet;
        break;
      case 2:
        if (at < input.size()) input.erase(at, 1 + below(8));
        break;
      default:
        input.insert(at, input.substr(at, below(32) + 1));
        break;
    }
  }
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> corpus{""};
  for (int i = 1; i < argc; ++i) {
    if (!std::filesystem::is_directory(argv[i])) {
      std::fprintf(stderr, "no seed corpus at %s\n", argv[i]);
      return 2;
    }
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      std::ifstream file(entry.path(), std::ios::binary);
      corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
  }
  for (const auto& input : corpus) run_one(input);
  std::mt19937 random(1);  // fixed: a smoke test must do the same at every run
  for (int i = 0; i < kMutations; ++i)
    run_one(mutate(corpus[static_cast<std::size_t>(i) % corpus.size()], random));
  std::printf("%zu seeds, %d mutations\n", corpus.size(), kMutations);
  return 0;
}
