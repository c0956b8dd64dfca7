// SPDX-License-Identifier: MIT
// expect: truncate was called on a file of core 0 from another core
#include <lull/lull.hpp>

void program() {
  lull::file* shared = nullptr;
  lull::run({.cores = {0, 0}}, [&]() -> lull::task<> {
    if (lull::this_core() != 0) co_return;
    auto file = co_await lull::fs::open("/dev/null", O_RDWR);
    shared = &*file;
    co_await lull::run_on(1, [&]() -> lull::task<> {
      auto truncated = co_await shared->truncate(0);
      truncated.value();
    });
  });
}
