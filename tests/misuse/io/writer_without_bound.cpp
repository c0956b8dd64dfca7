// SPDX-License-Identifier: MIT
// expect: a buffered_writer was made that may have nothing unsent
#include "connection.hpp"

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    connection both = co_await connected();
    lull::buffered_writer to(both.near, 0);
  });
}
