// SPDX-License-Identifier: MIT
// expect: a mutex was destroyed while tasks wait for it; join their scope first
#include <lull/lull.hpp>

#include <optional>

namespace {

std::optional<lull::mutex> m(std::in_place);

lull::task<> wait() { const auto lock = co_await m->lock(); }

lull::task<> misuse() {
  const auto lock = co_await m->lock();
  lull::spawn(wait);
  co_await lull::yield();
  m.reset();
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
