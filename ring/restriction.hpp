// SPDX-License-Identifier: MIT
#pragma once

// What lull asks of a ring: the one list of operations, flags and registrations, and the handing of
// it to the kernel, which from then on refuses all else with EACCES (ring_options::restricted).
// A new kind of submission is entered in that list; checked builds stop at one that is not.

#include "kernel.hpp"

struct io_uring_sqe;

namespace lull::detail {

// Whether a restricted ring would take the entry.
bool is_listed(const io_uring_sqe& entry) noexcept;

// Restricts the ring, which was made disabled (IORING_SETUP_R_DISABLED), and enables it for the
// calling thread: two system calls. Gives 0 or the kernel's negative errno; the ring takes nothing
// then.
int restrict_and_enable(kernel& through, int descriptor) noexcept;

}  // namespace lull::detail
