// SPDX-License-Identifier: MIT
// expect: a latch was destroyed with 2 left to count, while tasks wait for it; count it down, or
#include <lull/lull.hpp>

#include <optional>

namespace {

std::optional<lull::latch> one(std::in_place, 2);

lull::task<> wait() { co_await one->wait(); }

lull::task<> misuse() {
  lull::spawn(wait);
  co_await lull::yield();
  one.reset();
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
