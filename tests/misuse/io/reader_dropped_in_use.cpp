// SPDX-License-Identifier: MIT
// expect: a buffered_reader was dropped while a task reads from it
#include "connection.hpp"

#include <optional>

namespace {

using reader = lull::buffered_reader<lull::tcp_stream>;

lull::task<> read(reader& from) { auto line = co_await from.read_line(); }

}  // namespace

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    connection both = co_await connected();
    std::optional<reader> from(both.near);
    lull::scope scope;
    scope.spawn(read, std::ref(*from));
    co_await lull::yield();
    from.reset();
    co_await scope.join();
  });
}
