#include "harness/explore/shrink/shrink.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace mxident::harness {
namespace {

using Json = ScenarioDocument;

/// What a reader of the scenario has to look at; sources and titles do not count.
std::size_t size_of(const Json& document) {
  std::size_t out = 0;
  for (const char* key : {"domain", "certificates", "servers", "dns", "mta_sts"}) {
    if (document.contains(key))
      out += document[key].dump(-1, ' ', false, Json::error_handler_t::replace).size();
  }
  return out;
}

std::string octets_of_hex(const std::string& hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return out;
}

std::string hex_of_octets(const std::string& octets) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : octets) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

bool is_hex(const Json& value) {
  return value.is_object() && value.contains("hex") && value["hex"].is_string() &&
         value["hex"].get<std::string>().size() % 2 == 0 &&
         value["hex"].get<std::string>().find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
}

/// Applies `edit` to every text below `node`: strings, the octets of {"hex": ...}, and names of hosts that
/// are keys.
template <typename Edit>
void edit_texts(Json& node, const Edit& edit) {
  if (node.is_string()) {
    node = edit(node.get<std::string>());
  } else if (is_hex(node)) {
    node["hex"] = hex_of_octets(edit(octets_of_hex(node["hex"].get<std::string>())));
  } else if (node.is_array()) {
    for (auto& element : node) edit_texts(element, edit);
  } else if (node.is_object()) {
    Json out = Json::object();
    for (auto& [key, value] : node.items()) {
      edit_texts(value, edit);
      out[key.find('.') == std::string::npos ? key : edit(key)] = std::move(value);
    }
    node = std::move(out);
  }
}

/// Replaces `label` where it is a whole label that another one follows; with an empty `by` the label goes.
std::string with_label(const std::string& text, const std::string& label, const std::string& by) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const bool begins =
        at == 0 || text[at - 1] == '.' || text[at - 1] == ' ' || text[at - 1] == ':' || text[at - 1] == '/';
    if (begins && text.compare(at, label.size(), label) == 0 && at + label.size() < text.size() &&
        text[at + label.size()] == '.') {
      out += by.empty() ? "" : by + ".";
      at += label.size() + 1;
    } else {
      out += text[at++];
    }
  }
  return out;
}

std::set<std::string> labels_in(const Json& document) {
  std::set<std::string> out;
  const auto add = [&](const std::string& name) {
    for (std::size_t at = 0, dot = 0; (dot = name.find('.', at)) != std::string::npos; at = dot + 1)
      out.insert(name.substr(at, dot - at));
  };
  if (document.contains("domain") && document["domain"].is_string())
    add(document["domain"].get<std::string>());
  if (document.contains("servers")) {
    for (const auto& [host, server] : document["servers"].items()) add(host);
  }
  out.erase("");
  return out;
}

class Reductions {
 public:
  explicit Reductions(const Json& document) : document_(document), size_(size_of(document)) {
    drop_members("/servers", {"certificate"});
    drop_members("/certificates", {"subject", "san"});
    drop_whole("/certificates");
    if (document.contains("certificates")) {
      for (const auto& [id, certificate] : document["certificates"].items())
        reduce_certificate("/certificates/" + id);
    }
    drop_elements("/dns", {});
    shorten_labels();
  }

  std::vector<Json> sorted() && {
    std::stable_sort(out_.begin(), out_.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Json> out;
    for (auto& [size, candidate] : out_) out.push_back(std::move(candidate));
    return out;
  }

 private:
  static constexpr std::size_t kFew = 8;  ///< elements that are looked at one by one

  static Json::json_pointer pointer(const std::string& text) { return Json::json_pointer(text); }

  void add(Json candidate) {
    const std::size_t size = size_of(candidate);
    if (size < size_) out_.emplace_back(size, std::move(candidate));
  }

  /// Members of each object in the object at `path`, but for those that it needs.
  void drop_members(const std::string& path, const std::set<std::string>& needed) {
    if (!document_.contains(pointer(path))) return;
    for (const auto& [name, object] : document_[pointer(path)].items()) {
      if (!object.is_object()) continue;
      for (const auto& [key, value] : object.items()) {
        if (needed.contains(key)) continue;
        Json candidate = document_;
        candidate[pointer(path)][name].erase(key);
        add(std::move(candidate));
      }
    }
  }

  void drop_whole(const std::string& path) {
    if (!document_.contains(pointer(path))) return;
    for (const auto& [name, object] : document_[pointer(path)].items()) {
      Json candidate = document_;
      candidate[pointer(path)].erase(name);
      add(std::move(candidate));
    }
  }

  /// `instead`: what an array that has become empty holds.
  void drop_elements(const std::string& path, const Json& instead) {
    if (!document_.contains(pointer(path))) return;
    const std::size_t count = document_[pointer(path)].size();
    // Of many elements only large parts are tried, and single ones when few are left.
    for (const std::size_t piece :
         count > kFew ? std::vector{count / 2, count / 4, count / 8} : std::vector{std::size_t{1}}) {
      for (std::size_t at = 0; at < count; at += piece) {
        Json candidate = document_;
        Json& array = candidate[pointer(path)];
        const auto begin = array.begin() + static_cast<std::ptrdiff_t>(at);
        array.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(piece, count - at)));
        if (array.empty() && !instead.is_null()) array.push_back(instead);
        add(std::move(candidate));
      }
    }
  }

  void reduce_certificate(const std::string& path) {
    const Json no_name{{"o", "Example"}};
    drop_elements(path + "/subject", no_name);
    if (document_.contains(pointer(path + "/san"))) {
      drop_elements(path + "/san", {});
      Json candidate = document_;
      candidate[pointer(path)].erase("san");
      add(std::move(candidate));
      shorten_texts(path + "/san");
    }
    if (document_.contains(pointer(path + "/subject"))) shorten_texts(path + "/subject");
  }

  /// Every text below `path`, shorter by a half, a quarter, ..., an octet.
  void shorten_texts(const std::string& path) {
    if (document_[pointer(path)].size() > kFew) return;
    const Json flat = document_[pointer(path)].flatten();
    for (const auto& [below, value] : flat.items()) {
      if (!value.is_string() || below.ends_with("/encoding") || below.ends_with("/hex")) continue;
      shorten(value.get<std::string>(),
              [&](Json& candidate, const std::string& text) { candidate[pointer(path + below)] = text; });
    }
    for (const auto& [below, value] : flat.items()) {
      if (!below.ends_with("/hex") || !value.is_string()) continue;
      shorten(octets_of_hex(value.get<std::string>()), [&](Json& candidate, const std::string& text) {
        candidate[pointer(path + below)] = hex_of_octets(text);
      });
    }
  }

  template <typename Put>
  void shorten(const std::string& text, const Put& put) {
    constexpr std::size_t kMostPieces = 16;
    for (std::size_t piece = (text.size() + 1) / 2; piece >= 1; piece /= 2) {
      const std::size_t pieces = (text.size() + piece - 1) / piece;
      // Of a long text single octets are tried when it has become short.
      if (pieces > kMostPieces && piece * 4 < text.size() && text.size() > 2 * kMostPieces) break;
      for (std::size_t at = 0; at < text.size(); at += piece) {
        std::string shorter = text;
        shorter.erase(at, piece);
        Json candidate = document_;
        put(candidate, shorter);
        add(std::move(candidate));
      }
    }
  }

  /// Labels of hosts and domains, everywhere at once, so that what is alike stays alike.
  void shorten_labels() {
    const std::set<std::string> labels = labels_in(document_);
    char letter = 'a';
    while (labels.contains(std::string(1, letter)) && letter < 'z') ++letter;
    for (const auto& label : labels) {
      for (const std::string& by : {std::string(), std::string(1, letter)}) {
        if (by.size() >= label.size()) continue;
        Json candidate = document_;
        for (const char* key : {"domain", "certificates", "servers", "dns", "mta_sts"}) {
          if (!candidate.contains(key)) continue;
          edit_texts(candidate[key], [&](const std::string& text) { return with_label(text, label, by); });
        }
        add(std::move(candidate));
      }
    }
  }

  const Json& document_;
  std::size_t size_;
  std::vector<std::pair<std::size_t, Json>> out_;
};

}  // namespace

std::vector<ScenarioDocument> reductions_of(const ScenarioDocument& document) {
  return Reductions(document).sorted();
}

Shrunk shrink(ScenarioDocument document, const StillShows& still_shows) {
  Shrunk out{std::move(document)};
  bool smaller = true;
  while (smaller && out.trials < kMaxShrinkTrials) {
    smaller = false;
    const std::vector<ScenarioDocument> candidates = reductions_of(out.document);
    for (std::size_t at = 0; !smaller && at < candidates.size() && out.trials < kMaxShrinkTrials;
         at += kShrinkBatch) {
      const auto begin = candidates.begin() + static_cast<std::ptrdiff_t>(at);
      const std::vector<ScenarioDocument> batch(
          begin, begin + static_cast<std::ptrdiff_t>(std::min(kShrinkBatch, candidates.size() - at)));
      out.trials += batch.size();
      const std::vector<bool> shown = still_shows(batch);
      const auto found = std::find(shown.begin(), shown.end(), true);
      if (found == shown.end()) continue;
      out.document = batch[static_cast<std::size_t>(found - shown.begin())];
      ++out.steps;
      smaller = true;
    }
  }
  return out;
}

}  // namespace mxident::harness
