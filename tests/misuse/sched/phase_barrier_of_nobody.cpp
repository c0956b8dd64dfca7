// SPDX-License-Identifier: MIT
// expect: somebody arrives at a phase_barrier that expects nobody: all have dropped out; make it
// with
#include <lull/lull.hpp>

namespace {

lull::task<> misuse() {
  lull::phase_barrier b(0);
  (void)co_await b.arrive_and_wait();
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
