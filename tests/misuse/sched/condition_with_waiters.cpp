// SPDX-License-Identifier: MIT
// expect: a condition was destroyed while tasks wait for it; notify them, or join their scope first
#include <lull/lull.hpp>

#include <optional>

namespace {

std::optional<lull::condition> one(std::in_place);

lull::task<> wait() {
  lull::mutex m;
  auto lock = co_await m.lock();
  (void)co_await one->wait(lock);
}

lull::task<> misuse() {
  lull::spawn(wait);
  co_await lull::yield();
  one.reset();
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
