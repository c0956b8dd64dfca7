// SPDX-License-Identifier: MIT
// expect: a signal_stream was opened for signal 1 (Hangup), which is read already, by another
#include <lull/lull.hpp>

void program() {
  lull::run({.cores = {0, 0}, .signals = {SIGHUP}}, []() -> lull::task<> {
    auto signals = lull::signal_stream::open({SIGHUP});
    co_await lull::sleep(std::chrono::seconds(1));
  });
}
