// Hosts and domains as people give them to options.
#pragma once

#include <string>

#include "verifier/policy.hpp"

namespace mxident::harness {

/// A host name or an address in the form in which it is looked up, sent and compared. `rules` say which forms
/// of names there are besides. Throws InputError with the option as its place.
std::string host_from_word(const std::string& word, const std::string& option, NameRules rules = {});

/// The same for a domain of recipients or an address literal.
std::string domain_from_word(const std::string& word, const std::string& option, NameRules rules = {});

/// Throws InputError for what EHLO does not take: a domain or an address literal (RFC 5321 4.1.1.1, 4.1.3).
void check_hello(const std::string& word, const std::string& option);

}  // namespace mxident::harness
