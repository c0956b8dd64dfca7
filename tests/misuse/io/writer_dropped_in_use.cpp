// SPDX-License-Identifier: MIT
// expect: a buffered_writer was dropped while a task awaits its write or flush
#include "connection.hpp"

#include <optional>

namespace {

using writer = lull::buffered_writer<lull::tcp_stream>;

lull::task<> flush(writer& to) { auto flushed = co_await to.flush(); }

}  // namespace

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    connection both = co_await connected();
    std::optional<writer> to(both.near);
    auto written = co_await to->write("bytes");
    lull::scope scope;
    scope.spawn(flush, std::ref(*to));
    co_await lull::yield();
    to.reset();
    co_await scope.join();
  });
}
