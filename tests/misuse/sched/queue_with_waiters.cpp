// SPDX-License-Identifier: MIT
// expect: a queue was destroyed while tasks wait for it; join their scope first
#include <lull/lull.hpp>

#include <optional>

namespace {

std::optional<lull::queue<int>> one(std::in_place);

lull::task<> wait() { co_await one->pop(); }

lull::task<> misuse() {
  lull::spawn(wait);
  co_await lull::yield();
  one.reset();
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
