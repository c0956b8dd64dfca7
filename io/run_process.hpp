// SPDX-License-Identifier: MIT
#pragma once

// co_await run_process(options): runs a program to its end and gives how it ended and what it
// printed. Suspends; in a runtime, as start_process (process.hpp), whose options it takes: output
// and errors are collected, unless they are child_stream::null, and the input is the given text, if
// there is one.
//
// When it is stopped, or fails, the child has been killed and is gone before it returns. It waits
// until both the child has ended and nobody has the child's output open any more; what the child
// has left running in the background may have it, so put a timeout around it where that may be.

#include <cstddef>
#include <string>

#include "../sched/task.hpp"
#include "exit_status.hpp"
#include "limits.hpp"
#include "process.hpp"
#include "result.hpp"

namespace lull {

struct process_result {
  exit_status status;
  std::string output;
  std::string errors;
};

// Fails with EFBIG if output or errors are longer than `at_most` bytes, or with what start_process
// and wait() fail with. A child that does not read its input to the end is no failure. A code that
// is not 0 is none either. Throws std::bad_alloc, with the child gone too.
task<result<process_result>> run_process(process_options options, std::string input = {},
                                         std::size_t at_most = limits::captured_bytes);

}  // namespace lull
