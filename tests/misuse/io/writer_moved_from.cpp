// SPDX-License-Identifier: MIT
// expect: a buffered_writer that was moved from was used
#include "connection.hpp"

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    connection both = co_await connected();
    lull::buffered_writer to(both.near);
    const lull::buffered_writer moved = std::move(to);
    auto written = co_await to.write("bytes");
  });
}
