// SPDX-License-Identifier: MIT
#pragma once

// Stream sockets that somebody else has opened: a service manager, the program before this one, or
// another process that passed them on.

#include "descriptor.hpp"
#include "result.hpp"

namespace lull::detail {

enum class stream_role : unsigned char { listener, connection };

// Makes it one that blocks, as what the ring works on is to be, for all who have it open, and
// closed by exec; unless it is none of that family, TCP or Unix, and role: ENOTSOCK, EPROTOTYPE,
// EINVAL. `what` names the function in messages: a literal.
result<void> take_stream(const descriptor& given, bool unix, stream_role role,
                         const char* what) noexcept;

}  // namespace lull::detail
