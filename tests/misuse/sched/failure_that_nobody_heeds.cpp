// SPDX-License-Identifier: MIT
// expect: after the request to stop (a task failed: bind to port 80: permission denied) 1 tasks are
// expect: a task failed: bind to port 80: permission denied; the runtime was asked to stop, and
#include <lull/lull.hpp>

#include <stdexcept>

namespace {

lull::task<> misuse() {
  if (lull::this_core() == 0) throw std::runtime_error("bind to port 80: permission denied");
  for (;;) co_await lull::sleep(std::chrono::milliseconds(10));
}

}  // namespace

void program() {
  const unsigned first = lull::all_cores()[0];
  lull::runtime({.cores = {first, first}, .shutdown_limit = std::chrono::milliseconds(1500)})
      .run(misuse);
}
