// What the servers of the matrix do, and what is wrong with their chains.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

#include "harness/explore/matrix/setting.hpp"

namespace mxident::harness::matrix {

enum class CertificateSeen { no, yes };

struct ServerForm {
  Value value;
  CertificateSeen seen =
      CertificateSeen::yes;  ///< no: cells that differ in the certificate only are the same
  /// Changes "certificates" and the server's object, whose certificate is "mx"; false where it makes no
  /// difference.
  bool (*change)(nlohmann::ordered_json& certificates, nlohmann::ordered_json& server,
                 const std::string& octets, const Setting& setting);
};

std::span<const ServerForm> server_forms();

struct ChainForm {
  Value value;
  void (*change)(nlohmann::ordered_json& certificate);
};

std::span<const ChainForm> chain_forms();

}  // namespace mxident::harness::matrix
