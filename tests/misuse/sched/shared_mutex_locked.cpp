// SPDX-License-Identifier: MIT
// expect: a shared_mutex was destroyed while it is locked; let the locks go first
#include <lull/lull.hpp>

namespace {

lull::task<> misuse() {
  lull::read_lock kept;
  lull::shared_mutex m;
  kept = co_await m.lock_shared();
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
