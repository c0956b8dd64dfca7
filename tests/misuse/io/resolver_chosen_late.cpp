// SPDX-License-Identifier: MIT
// expect: the resolver of core 0 was chosen after it was asked; choose it before
#include <lull/lull.hpp>

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    auto asking = lull::resolve("127.0.0.1", 80);
    const auto found = co_await std::move(asking);
    if (found) lull::choose_resolver(std::make_unique<lull::system_resolver>());
  });
}
