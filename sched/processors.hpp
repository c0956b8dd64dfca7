// SPDX-License-Identifier: MIT
#pragma once

// Which processors a process may use, and staying on one of them.

#include <vector>

namespace lull {

// The processors this process may run on, by number: lull::run makes one core on each. Any thread;
// a system call.
std::vector<unsigned> all_cores();

namespace detail {

// Keeps the calling thread on one processor and names it after its core. Throws std::system_error
// that says which core and which processor when this process may not use it.
void run_on_processor(unsigned processor, unsigned core_index);

// Lets the calling thread run on all of them, where that is possible, and names it.
void run_on_processors(const std::vector<unsigned>& processors, const char* name) noexcept;

}  // namespace detail
}  // namespace lull
