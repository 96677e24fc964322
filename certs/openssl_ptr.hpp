// Owners of libcrypto's objects.
#pragma once

#include <memory>

namespace mxident::certs {

/// Deleter that calls a function of libcrypto.
template <auto Function>
struct OpensslFree {
  template <class T>
  void operator()(T* pointer) const {
    Function(pointer);
  }
};

template <class T, auto Function>
using OpensslPtr = std::unique_ptr<T, OpensslFree<Function>>;

}  // namespace mxident::certs
