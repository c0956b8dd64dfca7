// SPDX-License-Identifier: MIT
// expect: a mutex was unlocked through a lock that does not hold it: it was unlocked before, moved
#include <lull/lull.hpp>

namespace {

lull::task<> misuse() {
  lull::mutex m;
  auto lock = co_await m.lock();
  lock.unlock();
  lock.unlock();
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
