// SPDX-License-Identifier: MIT
// expect: were chosen after its first receive; choose them before
#include "connection.hpp"

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    connection both = co_await connected();
    auto sent = co_await both.far.send_all("bytes");
    sent.value();
    auto got = co_await both.near.receive();
    lull::choose_buffers({.count = 2, .bytes = 4096});
  });
}
