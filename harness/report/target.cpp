#include "harness/report/target.hpp"

#include <algorithm>
#include <optional>

#include "harness/results/writer.hpp"

namespace mxident::harness {
namespace {

class StreamTarget : public Target {
 public:
  explicit StreamTarget(std::FILE* out) : out_(out) {}
  void write(const std::string& text) override { std::fwrite(text.data(), 1, text.size(), out_); }

 private:
  std::FILE* out_;
};

class FileTarget : public Target {
 public:
  explicit FileTarget(const std::filesystem::path& file) {
    make_folder(file.parent_path());
    file_.emplace(file);
  }
  void write(const std::string& text) override { file_->write(text); }
  void end() override { file_->keep(); }

 private:
  std::optional<NewFile> file_;
};

}  // namespace

std::shared_ptr<Target> stream_target(std::FILE* out) {
  return std::make_shared<StreamTarget>(out);
}

std::shared_ptr<Target> file_target(const std::filesystem::path& file) {
  return std::make_shared<FileTarget>(file);
}

std::string cut_text(std::string text, std::size_t most, const char* sign) {
  if (text.size() <= most) return text;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // not inside a character
  text.resize(end);
  return text + sign;
}

std::string file_name_of(const std::string& client) {
  std::string out;
  for (const char c : client) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                       (c == '.' && !out.empty());
    out += plain ? c : '_';
  }
  out.resize(std::min<std::size_t>(out.size(), 100));
  return out;
}

}  // namespace mxident::harness
