// SPDX-License-Identifier: MIT
// expect: 50 ms after all tasks had ended core 1 has not: it still closes what was dropped open
#include <lull/lull.hpp>

namespace {

lull::task<> misuse() {
  // As a close does that the kernel never ends.
  if (lull::this_core() == 1) ++lull::detail::this_context("misuse").background;
  co_return;
}

}  // namespace

void program() {
  const unsigned first = lull::all_cores()[0];
  lull::runtime({.cores = {first, first}, .shutdown_limit = std::chrono::milliseconds(50)})
      .run(misuse);
}
