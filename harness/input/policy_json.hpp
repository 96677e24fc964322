// Policies as people write them: "rfc9525", or {"base": "rfc6125", "partial_wildcards": "allow"}.
#pragma once

#include "harness/input/json_input.hpp"
#include "verifier/policy.hpp"

namespace mxident::harness {

/// A policy id, or an object with "base" and what differs from it: tls, chain, names, references,
/// common_name, common_name_choice, ip_blocks_common_name, wildcards, partial_wildcards, inner_wildcards,
/// multi_label_wildcards, labels_after_wildcard, public_suffix_guard, ip_ids, srv_ids, uri_ids, underscore,
/// single_label_references, uts46_mapping, profile. Throws InputError.
Policy policy_from_json(const JsonNode& node);

/// The same as the word of an option: an id, or the JSON of such an object.
Policy policy_from_word(const std::string& word, const std::string& option);

}  // namespace mxident::harness
