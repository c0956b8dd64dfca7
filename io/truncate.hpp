// SPDX-License-Identifier: MIT
#pragma once

// Setting the length of a file: one submission, or a call on a thread of the offload pool where the
// kernel has no such operation (before 6.9). Use file::truncate, which makes this.

#include <cstdint>

#include "../sched/task.hpp"
#include "file_operation.hpp"

namespace lull::detail {

task<result<void>> truncate_file(file_state& file, std::uint64_t bytes);

}  // namespace lull::detail
