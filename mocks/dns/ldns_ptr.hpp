// What ldns allocates, with its owner.
#pragma once

#include <ldns/ldns.h>

#include <memory>
#include <new>
#include <string>

namespace mxident::mocks::dns {

template <auto Free>
struct LdnsFree {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
template <typename T, auto Free>
using LdnsPtr = std::unique_ptr<T, LdnsFree<Free>>;

using Rr = LdnsPtr<ldns_rr, ldns_rr_free>;
using RrList = LdnsPtr<ldns_rr_list, ldns_rr_list_deep_free>;
using Rdf = LdnsPtr<ldns_rdf, ldns_rdf_deep_free>;
using Buffer = LdnsPtr<ldns_buffer, ldns_buffer_free>;
using Key = LdnsPtr<ldns_key, ldns_key_deep_free>;
using KeyList = LdnsPtr<ldns_key_list, ldns_key_list_free>;  // with its keys and all that they hold

/// The RDATA in wire form. Throws std::bad_alloc, the only thing that can fail.
inline std::string rdata_of(const ldns_rr* rr) {
  const Buffer buffer(ldns_buffer_new(LDNS_MIN_BUFLEN));
  if (!buffer || ldns_rr_rdata2buffer_wire(buffer.get(), rr) != LDNS_STATUS_OK) throw std::bad_alloc();
  return {reinterpret_cast<const char*>(ldns_buffer_begin(buffer.get())), ldns_buffer_position(buffer.get())};
}

}  // namespace mxident::mocks::dns
