// SPDX-License-Identifier: MIT
// expect: a file that is not open was used
#include <lull/lull.hpp>
#include <utility>

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    auto file = co_await lull::fs::open("/dev/null");
    const lull::file moved = std::move(*file);
    auto synced = co_await file->fsync();
    synced.value();
  });
}
