// SPDX-License-Identifier: MIT
#pragma once

// How many descriptors this process may have open at a time. A connection takes one, and systems
// start programs with a soft limit of 1,024, for the sake of those that use select(), and let them
// raise it themselves. Without that a listener pauses at some thousand connections. Any thread;
// system calls; nothing suspends.

#include <cstddef>

#include "result.hpp"

namespace lull {

// The soft limit.
std::size_t descriptors_allowed() noexcept;

// Raises the limit for the whole process to so many, unless it is higher: the connections that all
// cores may have, and some hundred for files and what lull itself opens. Programs that this one
// starts inherit it. EPERM where the hard limit is lower and this process may not raise that; then
// as many as that are allowed, if the kernel lets it. Throws std::bad_alloc.
result<void> allow_descriptors(std::size_t count);

}  // namespace lull
