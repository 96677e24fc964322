#include "certificate.hpp"

namespace mxident {
namespace {

// Reads a value of `tag` and gives it with its header.
bool read_tlv(der::Reader& reader, std::uint8_t tag, std::string_view parent_content, std::string_view& tlv,
              std::string_view& content, std::size_t& offset) {
  if (!reader.read(tag, content)) return false;
  const auto end = static_cast<std::size_t>(content.data() + content.size() - parent_content.data());
  tlv = parent_content.substr(offset, end - offset);
  offset = end;
  return true;
}

// [0] Version; without it the certificate is of version 1.
bool read_version(der::Reader& reader, unsigned& version) {
  if (reader.peek() != 0xa0) return true;
  std::string_view wrapper, number;
  if (!reader.read(0xa0, wrapper)) return false;
  der::Reader inner(wrapper);
  if (!inner.read(der::kInteger, number) || !inner.at_end() || number.empty()) return false;
  const auto first = static_cast<std::uint8_t>(number.front());
  version = number.size() == 1 && first < 0x80 ? first + 1U : 255U;
  return true;
}

}  // namespace

std::optional<CertificateView> view_certificate(std::string_view der) {
  der::Reader outer(der);
  std::string_view certificate;
  if (!outer.read(der::kSequence, certificate) || !outer.at_end()) return std::nullopt;
  der::Reader fields(certificate);
  std::string_view tbs;
  if (!fields.read(der::kSequence, tbs) || !fields.skip(der::kSequence) || !fields.skip(der::kBitString) ||
      !fields.at_end()) {
    return std::nullopt;
  }
  der::Reader reader(tbs);
  CertificateView view;
  std::string_view content;
  if (!read_version(reader, view.version) || !reader.skip(der::kInteger) ||
      !reader.read(der::kSequence, content)) {
    return std::nullopt;
  }
  auto offset = static_cast<std::size_t>(content.data() + content.size() - tbs.data());
  std::string_view validity;
  if (!read_tlv(reader, der::kSequence, tbs, view.issuer_tlv, content, offset) ||
      !read_tlv(reader, der::kSequence, tbs, validity, content, offset) ||
      !read_tlv(reader, der::kSequence, tbs, view.subject_tlv, view.subject, offset) ||
      !read_tlv(reader, der::kSequence, tbs, view.spki_tlv, content, offset)) {
    return std::nullopt;
  }
  view.has_unique_ids = reader.peek() == 0x81 || reader.peek() == 0x82;
  if (!reader.skip_optional(0x81) || !reader.skip_optional(0x82)) return std::nullopt;
  if (reader.peek() == 0xa3) {
    if (!reader.read(0xa3, content)) return std::nullopt;
    view.has_extensions = true;
    der::Reader wrapper(content);
    if (!wrapper.read(der::kSequence, view.extensions) || !wrapper.at_end()) return std::nullopt;
  }
  if (!reader.at_end()) return std::nullopt;
  return view;
}

bool next_extension(der::Reader& extensions, Extension& extension) {
  if (extensions.at_end()) return false;
  std::string_view content;
  if (!extensions.read(der::kSequence, content)) return false;
  der::Reader fields(content);
  std::string_view critical;
  const bool has_oid = fields.read(der::kOid, extension.oid);
  if (fields.peek() == der::kBoolean && !fields.read(der::kBoolean, critical)) return extensions.fail();
  extension.critical = !critical.empty() && critical.front() != '\0';
  if (!has_oid || !fields.read(der::kOctetString, extension.value) || !fields.at_end()) {
    return extensions.fail();
  }
  return true;
}

}  // namespace mxident
