// SPDX-License-Identifier: MIT
#pragma once

// A poll that notes how it ended, for tests that end it.

#include <system_error>
#include <vector>

#include <lull/io/poll.hpp>
#include <lull/sched/task.hpp>

namespace io_test {

inline lull::task<> poll_and_note(int descriptor, lull::readiness events,
                                  std::vector<std::error_code>& into) {
  const auto ready = co_await lull::poll(descriptor, events);
  into.push_back(ready.error());
}

}  // namespace io_test
