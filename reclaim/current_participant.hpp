// SPDX-License-Identifier: MIT
#pragma once

// Who the thread is: its participant, and the context that the driver of that one has given it;
// null without. participant::set_current sets both. Reading them calls nothing, in a library that
// is loaded late neither. Two of them, for the context is asked for at each await: it is the core.

namespace lull {

class participant;

namespace detail {

[[gnu::tls_model("initial-exec")]] constinit inline thread_local participant* current_participant{};
[[gnu::tls_model("initial-exec")]] constinit inline thread_local void* current_context{};

}  // namespace detail
}  // namespace lull
