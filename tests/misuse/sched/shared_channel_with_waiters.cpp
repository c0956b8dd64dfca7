// SPDX-License-Identifier: MIT
// expect: a shared_channel was destroyed while tasks wait for it; close it and join them
#include <lull/lull.hpp>

#include <optional>

namespace {

std::optional<lull::shared_channel<int>> c(std::in_place, 1);

lull::task<> wait() { co_await c->receive(); }

lull::task<> misuse() {
  lull::spawn(wait);
  co_await lull::yield();
  c.reset();
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
