// SPDX-License-Identifier: MIT
// expect: read_until was asked to read until nothing
#include "connection.hpp"

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    connection both = co_await connected();
    lull::buffered_reader from(both.near);
    auto got = co_await from.read_until("");
  });
}
