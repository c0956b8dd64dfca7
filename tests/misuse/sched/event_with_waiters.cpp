// SPDX-License-Identifier: MIT
// expect: an event was destroyed while tasks wait for it; set it, or join their scope
#include <lull/lull.hpp>

#include <optional>

namespace {

std::optional<lull::event> e(std::in_place);

lull::task<> wait() { co_await e->wait(); }

lull::task<> misuse() {
  lull::spawn(wait);
  co_await lull::yield();
  e.reset();
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
