#include "harness/input/public_suffix.hpp"

#include <libpsl.h>

#include <string>

namespace mxident::harness {

PublicSuffixTest public_suffix_test() {
  return [](std::string_view suffix) {
    return psl_is_public_suffix(psl_builtin(), std::string(suffix).c_str()) != 0;
  };
}

}  // namespace mxident::harness
