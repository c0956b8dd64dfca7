// SPDX-License-Identifier: MIT
// expect: send_signal was called on a process of core 0 from elsewhere
#include <lull/lull.hpp>

void program() {
  lull::run({.cores = {0, 0}}, []() -> lull::task<> {
    if (lull::this_core() != 0) co_return;
    // It outlives this program, and must not keep its output open.
    auto child = co_await lull::start_process({.program = "sleep",
                                               .arguments = {"1"},
                                               .output = lull::child_stream::null,
                                               .errors = lull::child_stream::null});
    co_await lull::run_on(1, [&] {
      auto sent = child->send_signal(SIGKILL);
      sent.value();
    });
  });
}
