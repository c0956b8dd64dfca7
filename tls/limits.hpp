// SPDX-License-Identifier: MIT
#pragma once

// The sizes and bounds of the TLS library, in one place; small ones under LULL_SMALL_CONSTANTS.

#include <chrono>
#include <cstddef>

#include "../base/limits.hpp"

namespace lull::limits {

// Encrypted bytes that are gathered before they are sent.
inline constexpr std::size_t tls_gathered = small ? 1024 : 64 * 1024;
// Encrypted bytes that wait to be sent, beyond which nothing more is received before.
inline constexpr std::size_t tls_unread = small ? 8 * 1024 : 256 * 1024;
// Memory for them that a connection keeps while it has nothing to send.
inline constexpr std::size_t tls_kept = small ? 256 : 4096;
// The most that a record holds, says TLS, and so a receive without a buffer gives.
inline constexpr std::size_t tls_record = 16 * 1024;
// Sessions that a client keeps, one a name of a server.
inline constexpr std::size_t tls_sessions = small ? 2 : 256;
// Between two looks whether all that the kernel encrypts has left: the first, and at most.
inline constexpr std::chrono::microseconds tls_first_look{100};
inline constexpr std::chrono::nanoseconds tls_look = std::chrono::milliseconds(20);
// A socket with less room is given records of a quarter of it.
inline constexpr std::size_t tls_send_room = 64 * 1024;
// How long a close tries to tell the peer that it is the end.
inline constexpr std::chrono::milliseconds tls_farewell{small ? 50 : 1000};

}  // namespace lull::limits
