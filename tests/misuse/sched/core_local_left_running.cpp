// SPDX-License-Identifier: MIT
// expect: a core_local was destroyed with its instances; co_await its stop() first
#include <lull/lull.hpp>

namespace {

lull::task<> misuse() {
  lull::core_local<int> numbers;
  co_await numbers.start(1);
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
