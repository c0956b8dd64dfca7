// SPDX-License-Identifier: MIT
// expect: a stream is received from by two coroutines at a time
#include <array>

#include "connection.hpp"

namespace {

lull::task<> receive(lull::tcp_stream& stream) { (void)co_await stream.receive(); }

lull::task<> receive_into(lull::tcp_stream& stream) {
  std::array<std::byte, 8> into;
  (void)co_await stream.receive(into);
}

}  // namespace

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    connection both = co_await connected();
    lull::scope scope;
    scope.spawn(receive_into, std::ref(both.near));
    scope.spawn(receive, std::ref(both.near));
    co_await scope.join();
  });
}
