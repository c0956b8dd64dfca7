// SPDX-License-Identifier: MIT
// expect: a signal_stream was opened for signal 10 (User defined signal 1), which is not blocked in
// expect: name it in run_options::signals
#include <lull/lull.hpp>

void program() {
  lull::run({.cores = {0}, .signals = {SIGUSR2}}, []() -> lull::task<> {
    auto signals = lull::signal_stream::open({SIGUSR1, SIGUSR2});
    signals.value();
    co_return;
  });
}
