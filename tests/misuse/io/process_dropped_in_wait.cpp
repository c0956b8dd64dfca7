// SPDX-License-Identifier: MIT
// expect: a process was dropped while somebody waited for its end; let that end before
#include <lull/lull.hpp>

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    // It outlives this program, and must not keep its output open.
    auto child = co_await lull::start_process({.program = "sleep",
                                               .arguments = {"1"},
                                               .output = lull::child_stream::null,
                                               .errors = lull::child_stream::null});
    lull::spawn([&]() -> lull::task<> {
      const auto status = co_await child->wait();
      status.error();
    });
    co_await lull::yield();
    *child = lull::process();
  });
}
