#include "harness/analysis/checked_names.hpp"

namespace mxident::harness {

std::span<const CheckedName> checked_names() {
  static constexpr CheckedName kNames[] = {
      {"MX host", "rfc9525/exact-name"},
      {"recipient domain", "rfc9525/hosted-domain-named"},
      {"MX host that is an alias", "rfc9525/mx-alias-head-named"},
      {"canonical name behind an alias", "rfc9525/mx-alias-tail-named"},
      {"EHLO name", "rfc5321/ehlo-alone-agrees"},
      {"banner name", "rfc5321/banner-alone-agrees"},
      {"PTR name of the address", "rfc9525/address-reverse-lookup-name"},
      {"address of the server", "rfc9525/resolved-address"},
      {"parent of the MX host", "reported/provider-parent-name-for-mx-host"},
      {"another host of the MTA-STS pattern", "reported/sts-pattern-in-place-of-mx-host"},
      {"a stranger's name", "rfc9525/same-label-other-domain"},
  };
  return kNames;
}

}  // namespace mxident::harness
