// SPDX-License-Identifier: MIT
// expect: the resolver of core 0 was asked elsewhere; each core has its own
#include <lull/lull.hpp>

void program() {
  lull::run({.cores = {0, 0}}, []() -> lull::task<> {
    if (lull::this_core() != 0) co_return;
    lull::system_resolver mine;
    co_await lull::run_on(1, [&]() -> lull::task<> {
      auto asking = mine.resolve("127.0.0.1", 80);
      const auto found = co_await std::move(asking);
      if (!found) std::abort();
    });
  });
}
