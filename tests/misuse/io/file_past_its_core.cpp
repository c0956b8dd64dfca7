// SPDX-License-Identifier: MIT
// expect: let files go before the tasks of their core end
#include <lull/lull.hpp>
#include <utility>

void program() {
  lull::file kept;
  lull::run({.cores = {0}}, [&]() -> lull::task<> {
    auto file = co_await lull::fs::open("/dev/null");
    kept = std::move(*file);
  });
}
