// SPDX-License-Identifier: MIT
// expect: a condition was awaited with a lock that holds nothing; lock the mutex that guards what
// is
#include <lull/lull.hpp>

namespace {

lull::task<> misuse() {
  lull::mutex m;
  lull::condition c;
  auto lock = co_await m.lock();
  lock.unlock();
  (void)co_await c.wait(lock);
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
