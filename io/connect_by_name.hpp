// SPDX-License-Identifier: MIT
#pragma once

// Connecting to a service by its name: asks the core's resolver, then tries the addresses one after
// the other, in its order, until one answers. An address is given its time before the next is
// tried, the last as long as the kernel takes. Suspends; a stop ends it where it is. Gives the
// failure to resolve, or that of the last address. Frames of its own.

#include <chrono>
#include <cstdint>
#include <string>

#include "../sched/task.hpp"
#include "limits.hpp"
#include "result.hpp"
#include "tcp_stream.hpp"

namespace lull {

task<result<tcp_stream>> connect(std::string name, std::uint16_t port,
                                 time_span each = limits::connect_next_after);

}  // namespace lull
