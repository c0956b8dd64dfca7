// SPDX-License-Identifier: MIT
// expect: a semaphore was destroyed while tasks wait for it; join their scope first
#include <lull/lull.hpp>

#include <optional>

namespace {

std::optional<lull::semaphore> s(std::in_place, 0);

lull::task<> wait() { (void)co_await s->acquire(); }

lull::task<> misuse() {
  lull::spawn(wait);
  co_await lull::yield();
  s.reset();
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
