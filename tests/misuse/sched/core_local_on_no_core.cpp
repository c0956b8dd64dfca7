// SPDX-License-Identifier: MIT
// expect: a core_local has no instance on core 0; co_await its start() before
#include <lull/lull.hpp>

namespace {

lull::task<> misuse() {
  lull::core_local<int> numbers;
  numbers.local() = 1;
  co_return;
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
