// SPDX-License-Identifier: MIT
#pragma once

// Work that several cores have a part in, all of them at it at the same time. A coroutine of the
// core that has the work, which waits for the parts; it knows nothing of what they do.

#include <lull/sched/scope.hpp>
#include <lull/sched/task.hpp>

#include <exception>
#include <vector>

#include "core_state.hpp"

namespace kv {

// Runs `ask(work, core)` for each core other than `here` that the work concerns, until all of them
// have ended. Throws what one of them threw, and std::bad_alloc where not all could be asked: what
// the others did is done then, and none is at work any more.
template <class Work>
lull::task<> ask_owners(const std::vector<core_state*>& cores, const core_state& here, Work& work,
                        lull::task<> (*ask)(Work* work, core_state* there)) {
  lull::scope owners;
  std::exception_ptr failed;
  try {
    for (core_state* const each : cores) {
      if (each != &here && work.concerns(each->index)) owners.spawn(ask, &work, each);
    }
  } catch (...) {
    failed = std::current_exception();
  }
  co_await owners.join();
  if (failed) std::rethrow_exception(failed);
}

}  // namespace kv
