// SPDX-License-Identifier: MIT
// expect: write of a buffered_writer of core 0 was called from elsewhere
#include "connection.hpp"

void program() {
  lull::run({.cores = {0, 0}}, []() -> lull::task<> {
    if (lull::this_core() != 0) co_return;
    connection both = co_await connected();
    lull::buffered_writer to(both.near);
    co_await lull::run_on(1, [&to]() -> lull::task<> { auto written = co_await to.write("x"); });
  });
}
