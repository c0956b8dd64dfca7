// SPDX-License-Identifier: MIT
// expect: a phase_barrier of 3 was destroyed while 1 wait for the others; join their scope first
#include <lull/lull.hpp>

#include <optional>

namespace {

std::optional<lull::phase_barrier> one(std::in_place, 3);

lull::task<> wait() { (void)co_await one->arrive_and_wait(); }

lull::task<> misuse() {
  lull::spawn(wait);
  co_await lull::yield();
  one.reset();
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
