// SPDX-License-Identifier: MIT
// expect: 50 ms after the request to stop 3 tasks are alive, those above; let what they await heed
// expect: lull: core 0: deaf: waits for auto_event::wait,
// expect: stop_that_nobody_heeds.cpp:13)
#include <lull/lull.hpp>

namespace {

lull::auto_event never;

lull::task<> wait_for_ever() {
  // The caller was asked to stop, and goes on waiting.
  for (;;) co_await lull::shield(never.wait());
}

lull::task<> misuse() {
  lull::spawn(lull::task_options{.name = "deaf"}, wait_for_ever);
  co_return;
}

}  // namespace

void program() {
  lull::runtime one(
      {.cores = {lull::all_cores()[0]}, .shutdown_limit = std::chrono::milliseconds(50)});
  one.request_stop();
  one.run(misuse);
}
