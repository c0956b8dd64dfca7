// SPDX-License-Identifier: MIT
// expect: lull: core 0 does not answer: it stands still
// expect: 50 ms after the request to stop 0 tasks are alive, those above, and perhaps more where
#include <lull/lull.hpp>

#include <signal.h>
#include <unistd.h>

#include <thread>

namespace {

lull::task<> misuse() {
  ::kill(::getpid(), SIGTERM);
  std::this_thread::sleep_for(std::chrono::hours(1));
  co_return;
}

}  // namespace

void program() {
  lull::runtime({.cores = {lull::all_cores()[0]},
                 .stall_threshold = lull::nanoseconds::zero(),
                 .shutdown_limit = std::chrono::milliseconds(50)})
      .run(misuse);
}
