#include "harness/guide/log_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "harness/driver/says.hpp"
#include "harness/text/ascii.hpp"
#include "harness/text/printable.hpp"
#include "harness/text/words.hpp"

namespace mxident::harness {
namespace {

struct LogWord {
  std::string_view by, phrase, meaning, name, advice, source;
};
constexpr LogWord kLogWords[] = {
#define MXIDENT_LOG_WORD(by, phrase, meaning, name, advice, source) \
  {by, phrase, meaning, name, advice, source},
#include "harness/guide/log_words.def"
#undef MXIDENT_LOG_WORD
};

bool is_word_octet(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// Whether `word` stands in `line` at `at` and does not begin or end inside of another ("Trusted" in
/// "Untrusted", "4.7.5" in "192.4.7.5"). Both in lower case.
bool stands_alone(std::string_view line, std::size_t at, std::string_view word) {
  const bool number = word.front() >= '0' && word.front() <= '9';
  const auto joins = [&](char edge, char beside) {
    return is_word_octet(edge) && (is_word_octet(beside) || (number && beside == '.'));
  };
  const std::size_t end = at + word.size();
  if (at > 0 && joins(word.front(), line[at - 1])) return false;
  // The full stop of a sentence may follow a code.
  const bool last_stop = number && line.substr(end) == ".";
  return end == line.size() || last_stop || !joins(word.back(), line[end]);
}

std::size_t find_word(std::string_view line, std::string_view word) {
  for (std::size_t at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
    if (stands_alone(line, at, word)) return at;
  }
  return std::string_view::npos;
}

bool is_code(const LogWord& word) {
  return word.phrase.starts_with("X.");
}

bool begins_with_a_phrase(std::string_view line) {
  return std::any_of(std::begin(kLogWords), std::end(kLogWords), [&](const LogWord& word) {
    return !is_code(word) && line.starts_with(lower(word.phrase)) &&
           stands_alone(line, 0, lower(word.phrase));
  });
}

/// Whether the word before a number says that a status code follows: "550" does, "mysql" does not.
bool announces_a_code(std::string_view word) {
  constexpr std::string_view kBefore[] = {"code", "dsn", "reply", "said", "status"};
  const bool is_reply = word.size() == 3 && (word[0] == '4' || word[0] == '5') &&
                        std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
  return is_reply || std::find(std::begin(kBefore), std::end(kBefore), word) != std::end(kBefore);
}

/// Whether the number at `at` is a status code by what stands around it: versions have the same form.
bool is_status_code(std::string_view line, std::size_t at, std::size_t size) {
  constexpr std::string_view kBlanks = " \t", kMarks = " \t:=-", kOpening = "([{<\"'`#", kSuffix = "-_+~";
  const std::string_view behind = line.substr(at + size);
  if (!behind.empty() && kSuffix.find(behind.front()) != kSuffix.npos) return false;
  std::string_view before = line.substr(0, at);
  if (before.find_last_not_of(kBlanks) == before.npos) return true;
  if (kOpening.find(before.back()) != kOpening.npos) return true;
  if (kMarks.find(before.back()) == kMarks.npos) return false;
  before = before.substr(0, before.find_last_not_of(kMarks) + 1);
  const auto first = std::find_if_not(before.rbegin(), before.rend(), is_word_octet).base();
  if (announces_a_code({first, before.end()})) return true;
  const std::size_t text = behind.find_first_not_of(kBlanks);
  return text != behind.npos && text > 0 && begins_with_a_phrase(behind.substr(text));
}

std::size_t find_code(std::string_view line, std::string_view code) {
  for (std::size_t at = line.find(code); at != std::string_view::npos; at = line.find(code, at + 1)) {
    if (stands_alone(line, at, code) && is_status_code(line, at, code.size())) return at;
  }
  return std::string_view::npos;
}

/// Where a phrase of the table stands in a line in lower case; npos if nowhere.
std::size_t place_of(const LogWord& word, std::string_view line) {
  std::string phrase = lower(word.phrase);
  if (!is_code(word)) return find_word(line, phrase);
  phrase[0] = '4';
  const std::size_t temporary = find_code(line, phrase);
  phrase[0] = '5';
  return std::min(temporary, find_code(line, phrase));
}

Page page_of(const LogWord& word) {
  Page page{"log line", std::string(word.phrase), {}};
  page.say("by", "written by", word.by);
  page.say("means", "means", word.meaning);
  page.say("name", "the name", word.name);
  page.say("advice", "what to do", word.advice);
  page.say("source", "rests on", word.source);
  return page;
}

/// "chain ok, name failed"; empty where the patterns find neither.
std::string reading_of(const Says& says, const ClientWords& words) {
  std::string out;
  for (const std::string_view layer : {"chain", "name"}) {
    const LayerState state = said_layer(says, layer, words);
    if (state == LayerState::unknown) continue;
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", layer, to_string(state));
  }
  return out;
}

}  // namespace

std::vector<Page> log_pages(std::string_view stated, std::span<const Manifest> clients) {
  // What a pattern costs grows with the square of a line, and who pastes more than this pastes no line.
  constexpr std::size_t kMostRead = 4000, kMostShown = 200;
  const std::string_view line = stated.substr(0, kMostRead);
  const std::string folded = lower(line);
  std::vector<std::pair<std::size_t, const LogWord*>> found;
  for (const auto& word : kLogWords) {
    if (const std::size_t at = place_of(word, folded); at != std::string::npos) found.emplace_back(at, &word);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Page> out;
  for (const auto& [at, word] : found) {
    const bool shadowed =
        std::any_of(found.begin(), found.end(), [&, place = at, own = word](const auto& other) {
          return other.first == place && other.second->phrase.size() > own->phrase.size();
        });
    if (!shadowed) out.push_back(page_of(*word));
  }
  if (!out.empty()) return out;

  std::map<std::string, std::vector<std::string>> readings;
  for (const auto& client : clients) {
    for (const auto& mode : client.modes) {
      const std::string reading = reading_of(mode.says, {line, -1});
      if (reading.empty()) continue;
      auto& readers = readings[reading];
      if (readers.empty() || readers.back() != client.id) readers.push_back(client.id);
    }
  }
  if (readings.empty()) return out;
  Page page{"log line", printable(line.substr(0, kMostShown)), {}};
  std::vector<std::string> items;
  for (const auto& [reading, readers] : readings)
    items.push_back(fmt::format("{}: as a word of {}", reading, fmt::join(readers, ", ")));
  page.list("readings", "a run reads it as", std::move(items));
  out.push_back(std::move(page));
  return out;
}

std::vector<std::string_view> log_phrases() {
  std::vector<std::string_view> out;
  for (const auto& word : kLogWords) out.push_back(word.phrase);
  return out;
}

}  // namespace mxident::harness
