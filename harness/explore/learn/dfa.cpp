#include "harness/explore/learn/dfa.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <utility>

namespace mxident::harness::learn {
namespace {

Word with(Word word, Letter letter) {
  word.push_back(letter);
  return word;
}

}  // namespace

std::uint32_t Dfa::run(const Word& word, std::uint32_t from) const {
  for (const Letter letter : word) from = step(from, letter);
  return from;
}

bool is_dead(const Dfa& dfa, std::uint32_t state) {
  for (Letter a = 0; a < dfa.letters; ++a) {
    if (dfa.step(state, a) != state) return false;
  }
  return !dfa.accepting[state];
}

Dfa minimal(const Dfa& dfa) {
  // Moore: classes are split by what their members' steps lead to, until nothing changes.
  std::vector<std::uint32_t> order{0};
  std::set<std::uint32_t> seen{0};
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (Letter a = 0; a < dfa.letters; ++a) {
      if (seen.insert(dfa.step(order[i], a)).second) order.push_back(dfa.step(order[i], a));
    }
  }
  std::vector<std::uint32_t> part(dfa.size());
  for (const auto q : order) part[q] = dfa.accepting[q] ? 1 : 0;
  for (std::size_t parts = 0;;) {
    std::map<std::vector<std::uint32_t>, std::uint32_t> numbers;  // in the order in which words reach them
    std::vector<std::uint32_t> finer(dfa.size());
    for (const auto q : order) {
      std::vector<std::uint32_t> key{part[q]};
      for (Letter a = 0; a < dfa.letters; ++a) key.push_back(part[dfa.step(q, a)]);
      finer[q] = numbers.emplace(std::move(key), static_cast<std::uint32_t>(numbers.size())).first->second;
    }
    part = std::move(finer);
    if (numbers.size() == parts) break;
    parts = numbers.size();
  }
  Dfa out{dfa.letters, {}, {}};
  for (const auto q : order) {
    if (part[q] != out.size()) continue;
    out.accepting.push_back(dfa.accepting[q]);
    for (Letter a = 0; a < dfa.letters; ++a) out.next.push_back(part[dfa.step(q, a)]);
  }
  return out;
}

std::vector<Word> shortest_words(const Dfa& a, const Dfa& b, const std::function<bool(bool, bool)>& wanted,
                                 std::size_t most) {
  using Pair = std::pair<std::uint32_t, std::uint32_t>;
  std::vector<Word> out;
  std::vector<std::pair<Pair, Word>> level{{{0, 0}, {}}};
  std::set<Pair> seen{{0, 0}};
  // A pair that was met at an earlier length is not gone on from: its words are longer twins.
  while (!level.empty() && out.size() < most) {
    for (const auto& [pair, word] : level) {
      if (out.size() < most && wanted(a.accepting[pair.first], b.accepting[pair.second])) out.push_back(word);
    }
    std::vector<std::pair<Pair, Word>> further;
    std::set<Pair> now;
    for (const auto& [pair, word] : level) {
      for (Letter letter = 0; letter < a.letters; ++letter) {
        const Pair to{a.step(pair.first, letter), b.step(pair.second, letter)};
        if (seen.contains(to) || !now.insert(to).second) continue;
        further.emplace_back(to, with(word, letter));
      }
    }
    seen.insert(now.begin(), now.end());
    level = std::move(further);
  }
  return out;
}

std::optional<Word> difference(const Dfa& a, const Dfa& b) {
  auto words = shortest_words(
      a, b, [](bool x, bool y) { return x != y; }, 1);
  if (words.empty()) return std::nullopt;
  return std::move(words.front());
}

std::vector<Word> accepted_words(const Dfa& dfa, std::size_t most) {
  std::vector<Word> out;
  // Whether a state is so many letters away from an accepting one: no word is begun that cannot be ended.
  std::vector<std::vector<bool>> ends{dfa.accepting};
  const auto extend = [&](const auto& self, std::uint32_t state, std::size_t left, Word& word) -> void {
    if (out.size() == most || !ends[left][state]) return;
    if (left == 0) return out.push_back(word);
    for (Letter a = 0; a < dfa.letters; ++a) {
      word.push_back(a);
      self(self, dfa.step(state, a), left - 1, word);
      word.pop_back();
    }
  };
  // A language that has a word of so many letters as there are states has endlessly many.
  for (std::size_t length = 0; out.size() < most && length <= dfa.size() * (most + 1); ++length) {
    Word word;
    extend(extend, 0, length, word);
    std::vector<bool> further(dfa.size());
    for (std::uint32_t q = 0; q < dfa.size(); ++q) {
      for (Letter a = 0; a < dfa.letters; ++a) further[q] = further[q] || ends[length][dfa.step(q, a)];
    }
    ends.push_back(std::move(further));
  }
  return out;
}

std::vector<Word> access_words(const Dfa& dfa) {
  std::vector<Word> out(dfa.size());
  std::vector<bool> seen(dfa.size());
  std::deque<std::uint32_t> open{0};
  seen[0] = true;
  while (!open.empty()) {
    const auto state = open.front();
    open.pop_front();
    for (Letter a = 0; a < dfa.letters; ++a) {
      const auto to = dfa.step(state, a);
      if (seen[to]) continue;
      seen[to] = true;
      out[to] = with(out[state], a);
      open.push_back(to);
    }
  }
  return out;
}

std::vector<Word> telling_words(const Dfa& dfa) {
  std::vector<Word> out{{}};
  const auto answers = [&](std::uint32_t state) {
    std::vector<bool> row;
    for (const auto& word : out) row.push_back(dfa.accepting[dfa.run(word, state)]);
    return row;
  };
  for (bool grown = true; grown;) {
    grown = false;
    std::map<std::vector<bool>, std::uint32_t> first;
    for (std::uint32_t q = 0; q < dfa.size() && !grown; ++q) {
      const auto [at, fresh] = first.emplace(answers(q), q);
      if (fresh) continue;
      // The same automaton begun in two places.
      std::set<std::pair<std::uint32_t, std::uint32_t>> seen{{at->second, q}};
      std::deque<std::pair<std::pair<std::uint32_t, std::uint32_t>, Word>> open{{{at->second, q}, {}}};
      while (!open.empty() && !grown) {
        const auto [pair, word] = std::move(open.front());
        open.pop_front();
        if (dfa.accepting[pair.first] != dfa.accepting[pair.second]) {
          out.push_back(word);
          grown = true;
        }
        for (Letter a = 0; a < dfa.letters; ++a) {
          const std::pair to{dfa.step(pair.first, a), dfa.step(pair.second, a)};
          if (to.first != to.second && seen.insert(to).second) open.emplace_back(to, with(word, a));
        }
      }
    }
  }
  return out;
}

Dfa ends_with(std::size_t letters, const Word& end) {
  // State n: the last n letters are the first n of `end`, and no more are.
  Dfa out{letters, {}, {}};
  for (std::size_t n = 0; n <= end.size(); ++n) {
    out.accepting.push_back(n == end.size());
    for (Letter a = 0; a < letters; ++a) {
      Word read(end.begin(), end.begin() + static_cast<std::ptrdiff_t>(n));
      read.push_back(a);
      std::size_t keep = std::min(read.size(), end.size());
      while (!std::equal(read.end() - static_cast<std::ptrdiff_t>(keep), read.end(), end.begin())) --keep;
      out.next.push_back(static_cast<std::uint32_t>(keep));
    }
  }
  return out;
}

Dfa constant(std::size_t letters, std::uint8_t accepts) {
  return {letters, std::vector<std::uint32_t>(letters, 0), {accepts != 0}};
}

}  // namespace mxident::harness::learn
