// SPDX-License-Identifier: MIT
// expect: a pipe was dropped while an operation on it had not ended; await the operation, or
// close() the pipe
#include <array>
#include <lull/lull.hpp>

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    auto made = lull::pipe();
    lull::spawn([&]() -> lull::task<> {
      std::array<std::byte, 4> into;
      const auto got = co_await made->reader.read(into);
      got.error();
    });
    co_await lull::yield();
    made->reader = lull::pipe_reader();
  });
}
