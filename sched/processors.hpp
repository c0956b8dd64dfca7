// SPDX-License-Identifier: MIT
#pragma once

// Which processors a process may use, and staying on one of them.

#include <vector>

namespace lull {

// The processors that the calling thread may run on, by number: lull::run makes one core on each.
// Those are the process's, unless the thread was kept on some of them: on a core it is that core's
// alone. Any thread; a system call. Throws std::bad_alloc; {0} where the kernel does not say.
std::vector<unsigned> all_cores();

namespace detail {

// Keeps the calling thread on one processor and names it after its core. Throws std::system_error
// that says which core and which processor when this process may not use it.
void run_on_processor(unsigned processor, unsigned core_index);

// Lets the calling thread run on all of them, which are not none, where that is possible, and names
// it.
void run_on_processors(const std::vector<unsigned>& processors, const char* name) noexcept;

}  // namespace detail
}  // namespace lull
