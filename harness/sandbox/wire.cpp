#include "harness/sandbox/wire.hpp"

#include <charconv>

namespace mxident::harness::sandbox {
namespace {

/// Takes the text up to the next NUL; nothing at the end.
std::optional<std::string> take(std::string_view& text) {
  const std::size_t end = text.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  std::string value(text.substr(0, end));
  text.remove_prefix(end + 1);
  return value;
}

bool take_list(std::string_view& text, std::vector<std::string>& list) {
  const std::optional<std::string> count_text = take(text);
  if (!count_text) return false;
  std::size_t count = 0;
  const char* end = count_text->data() + count_text->size();
  if (std::from_chars(count_text->data(), end, count).ptr != end) return false;
  while (count-- > 0) {
    std::optional<std::string> value = take(text);
    if (!value) return false;
    list.push_back(std::move(*value));
  }
  return true;
}

void put(std::string& text, std::string_view value) {
  text += value;
  text.push_back('\0');
}

void put_list(std::string& text, const std::vector<std::string>& list) {
  put(text, std::to_string(list.size()));
  for (const std::string& value : list) put(text, value);
}

}  // namespace

std::string_view to_string(CellStep step) {
  switch (step) {
    case CellStep::process:
      return "cannot make a process for it";
    case CellStep::files:
      return "cannot give it its own files in /etc";
    case CellStep::work_dir:
      return "cannot change to its work directory";
    case CellStep::execute:
      return "cannot execute it";
  }
  return "?";
}

std::string encode(const Request& request) {
  std::string text;
  for (const std::string* value :
       {&request.program, &request.work_dir, &request.resolv_conf, &request.hosts}) {
    put(text, *value);
  }
  put_list(text, request.arguments);
  put_list(text, request.environment);
  put_list(text, request.binds);
  put_list(text, request.writable);
  return text;
}

std::optional<Request> decode(std::string_view text) {
  Request request;
  for (std::string* value : {&request.program, &request.work_dir, &request.resolv_conf, &request.hosts}) {
    std::optional<std::string> taken = take(text);
    if (!taken) return std::nullopt;
    *value = std::move(*taken);
  }
  for (auto* list : {&request.arguments, &request.environment, &request.binds, &request.writable}) {
    if (!take_list(text, *list)) return std::nullopt;
  }
  if (request.binds.size() % 2 != 0) return std::nullopt;
  return request;
}

}  // namespace mxident::harness::sandbox
