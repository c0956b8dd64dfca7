// SPDX-License-Identifier: MIT
#pragma once

// One client from accepting to closing: receives, has the session execute, sends the replies of one
// chunk of requests in one go. A coroutine of the core that accepted the client. Between requests
// it holds no buffer; while it waits for a slow reader it holds the replies, and none of the core's
// receive buffers, so that others go on receiving.

#include <lull/io/tcp_stream.hpp>
#include <lull/sched/task.hpp>

#include "core_state.hpp"

namespace kv {

// Ends when the client or the server has closed. It looks at `stream` alone and leaves closing it
// to the caller. Throws std::bad_alloc: there was no memory for the client's next step, and no way
// to answer it.
lull::task<> converse(core_state& here, lull::tcp_stream& stream);

}  // namespace kv
