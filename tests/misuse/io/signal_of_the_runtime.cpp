// SPDX-License-Identifier: MIT
// expect: a signal_stream was opened for signal 15 (Terminated), which is read already
#include <lull/lull.hpp>

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    auto signals = lull::signal_stream::open({SIGTERM});
    signals.value();
    co_return;
  });
}
