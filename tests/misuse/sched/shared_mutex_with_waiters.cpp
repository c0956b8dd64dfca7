// SPDX-License-Identifier: MIT
// expect: a shared_mutex was destroyed while tasks wait for it; join their scope first
#include <lull/lull.hpp>

#include <optional>

namespace {

std::optional<lull::shared_mutex> one(std::in_place);

lull::task<> wait() { const auto lock = co_await one->lock_shared(); }

lull::task<> misuse() {
  const auto lock = co_await one->lock();
  lull::spawn(wait);
  co_await lull::yield();
  one.reset();
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
