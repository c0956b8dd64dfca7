// SPDX-License-Identifier: MIT
// expect: a core_local was started twice; co_await its stop() before
#include <lull/lull.hpp>

namespace {

lull::task<> misuse() {
  lull::core_local<int> numbers;
  co_await numbers.start(1);
  co_await numbers.start(2);
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
