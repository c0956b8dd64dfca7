// SPDX-License-Identifier: MIT
// expect: registered_buffers were destroyed with 1 of them lent; let them go before
#include <lull/lull.hpp>
#include <optional>

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    std::optional<lull::registered_buffers> buffers(std::in_place, 2U, 4096U);
    const auto buffer = co_await buffers->acquire();
    buffers.reset();
  });
}
