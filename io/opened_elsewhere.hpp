// SPDX-License-Identifier: MIT
#pragma once

// Stream sockets that somebody else has opened: a service manager, the program before this one, or
// another process that passed them on.

#include "address.hpp"
#include "descriptor.hpp"
#include "result.hpp"
#include "unix_address.hpp"

namespace lull::detail {

class stream_state;

enum class stream_role : unsigned char { listener, connection };

// Makes it one that blocks, as what the ring works on is to be, for all who have it open, and
// closed by exec; unless it is none of that family, TCP or Unix, and role: ENOTSOCK, EPROTOTYPE,
// EINVAL. `what` names the function in messages: a literal.
result<void> take_stream(const descriptor& given, bool unix, stream_role role,
                         const char* what) noexcept;

// A connection of this core made of it; closed if it is refused. Throws std::bad_alloc.
template <class Address>
result<stream_state*> take_connection(lull::descriptor connected, const char* called);
extern template result<stream_state*> take_connection<address>(lull::descriptor, const char*);
extern template result<stream_state*> take_connection<unix_address>(lull::descriptor, const char*);

}  // namespace lull::detail
