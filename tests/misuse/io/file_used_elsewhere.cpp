// SPDX-License-Identifier: MIT
// expect: write_all was called on a file of core 0 from another core
#include <lull/lull.hpp>

void program() {
  lull::file* shared = nullptr;
  lull::run({.cores = {0, 0}}, [&]() -> lull::task<> {
    if (lull::this_core() != 0) co_return;
    auto file = co_await lull::fs::open("/dev/null", O_RDWR);
    shared = &*file;
    co_await lull::run_on(1, [&]() -> lull::task<> {
      auto written = co_await shared->write_all("bytes", 0);
      written.value();
    });
  });
}
