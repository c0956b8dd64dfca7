// SPDX-License-Identifier: MIT
#pragma once

// What the contexts of servers and clients have in common: settings, certificates given as PEM
// text, lists of protocols. Throw std::invalid_argument with a sentence for text that is no such
// thing, and std::bad_alloc.

#include <string>
#include <string_view>
#include <vector>

#include "tls_handles.hpp"

namespace lull::detail {

// For TLS 1.2 and 1.3, without renegotiation and compression.
openssl_owner<ssl_ctx_st> new_tls_context(bool for_server, bool kernel_sends);
// The certificate and those in between, then the key, which has to fit.
void use_identity(ssl_ctx_st& context, std::string_view chain, std::string_view key);
void trust_authorities(ssl_ctx_st& context, std::string_view authorities);
// As they go over the network: a byte with its length in front of each.
std::string protocol_list(const std::vector<std::string>& protocols);

}  // namespace lull::detail
