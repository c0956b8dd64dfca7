// SPDX-License-Identifier: MIT
// expect: a stream is received from by two coroutines at a time
#include "connection.hpp"

namespace {

lull::task<> receive(lull::tcp_stream& stream) { auto got = co_await stream.receive(); }

}  // namespace

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    connection both = co_await connected();
    lull::scope scope;
    scope.spawn(receive, std::ref(both.near));
    scope.spawn(receive, std::ref(both.near));
    co_await scope.join();
  });
}
