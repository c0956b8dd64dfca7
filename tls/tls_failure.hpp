// SPDX-License-Identifier: MIT
#pragma once

// What OpenSSL has to say about something that failed, as a failure or an exception with a cause
// and a remedy. OpenSSL keeps errors a thread: ask before anything else of it is called.

#include "../io/failure.hpp"
#include "tls_handles.hpp"

namespace lull::detail {

// Of the last call on the connection, and forgotten then. EKEYREJECTED: the peer's certificate was
// not accepted; ENOMEM; EPROTO: everything else.
failure tls_failure(const ssl_st& connection, const char* operation, const peer_name& peer);

// What was given to make a context of cannot be used: std::invalid_argument. `what` names it.
[[noreturn]] void throw_unusable(const char* what);

}  // namespace lull::detail
