// SPDX-License-Identifier: MIT
// expect: core 0 ended with 1 registered_buffers that somebody still owns; let them go before the
// tasks of their core end
#include <lull/lull.hpp>
#include <optional>

void program() {
  std::optional<lull::registered_buffers> kept;
  lull::run({.cores = {0}}, [&]() -> lull::task<> {
    kept.emplace(1U, 4096U);
    co_return;
  });
}
