// SPDX-License-Identifier: MIT
// expect: a mutex was destroyed while it is locked; let the lock go first
#include <lull/lull.hpp>

namespace {

lull::task<> misuse() {
  lull::mutex_lock kept;
  lull::mutex m;
  kept = co_await m.lock();
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
