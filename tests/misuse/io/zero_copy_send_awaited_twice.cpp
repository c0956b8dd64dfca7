// SPDX-License-Identifier: MIT
// expect: a send was awaited twice; make one an await
#include "connection.hpp"

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    connection both = co_await connected();
    auto sending = both.near.send_all_zero_copy(std::string("bytes"));
    auto sent = co_await sending;
    sent = co_await sending;
  });
}
