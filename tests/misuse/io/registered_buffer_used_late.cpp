// SPDX-License-Identifier: MIT
// expect: read was begun on a registered buffer that had been given back
#include <lull/lull.hpp>

namespace {

lull::task<> read(lull::file& from, lull::registered_bytes into) {
  auto got = co_await from.read(into, 0);
  got.value();
}

}  // namespace

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    auto file = co_await lull::fs::open("/dev/zero");
    lull::registered_buffers buffers(1, 4096);
    auto buffer = co_await buffers.acquire();
    lull::scope scope;
    scope.spawn(read, std::ref(*file), lull::registered_bytes(buffer));
    buffer.reset();  // before it has begun
    co_await scope.join();
  });
}
