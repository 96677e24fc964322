// A TLSA RRset: records in wire form, each after one octet of length, then in presentation form; against a
// chain of the same octets.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "verifier/dane.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mxident;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  std::vector<TlsaRecord> records;
  for (std::size_t at = 0; at < size;) {
    const std::size_t length = data[at];
    if (const auto record = parse_tlsa(input.substr(at + 1, length))) records.push_back(*record);
    at += 1 + length;
  }
  if (const auto record = tlsa_from_text(input)) records.push_back(*record);
  const auto usable = usable_tlsa(records);
  for (const auto& record : usable) {
    if (record.usage < 2) std::abort();  // never anything but DANE-TA and DANE-EE
    const auto again = tlsa_from_text(to_string(record));
    if (!again || again->data != record.data || again->usage != record.usage) std::abort();
  }
  const auto reference =
      make_reference("mx.example.test", ReferenceOrigin::tlsa_base_domain, NameRules{}).reference;
  const std::vector<std::string> sent{std::string(input.substr(0, size / 2)),
                                      std::string(input.substr(size / 2))};
  ChainOptions options;
  options.time = 1767225600;
  verify_dane(sent, records, {&*reference, 1}, NameRules{}, options);
  return 0;
}
