// SPDX-License-Identifier: MIT
// expect: a once was destroyed while tasks run it or wait for it; join their scope first
#include <lull/lull.hpp>

#include <optional>

namespace {

std::optional<lull::once> one(std::in_place);

lull::task<> wait() {
  const auto run = []() -> lull::task<> { co_await lull::yield(); };
  (void)co_await one->run(run);
}

lull::task<> misuse() {
  lull::spawn(wait);
  co_await lull::yield();
  one.reset();
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
