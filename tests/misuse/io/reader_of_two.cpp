// SPDX-License-Identifier: MIT
// expect: a buffered_reader is read by two coroutines at a time
#include "connection.hpp"

namespace {

using reader = lull::buffered_reader<lull::tcp_stream>;

lull::task<> read(reader& from) { auto line = co_await from.read_line(); }

}  // namespace

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    connection both = co_await connected();
    reader from(both.near);
    lull::scope scope;
    scope.spawn(read, std::ref(from));
    scope.spawn(read, std::ref(from));
    co_await scope.join();
  });
}
