// SPDX-License-Identifier: MIT
// expect: send at least one byte with them
#include <array>

#include <lull/lull.hpp>

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    auto listener = lull::unix_listener::bind(lull::unix_address::any()).value();
    auto near = co_await lull::connect(listener.local());
    const std::array<int, 1> descriptors{};
    auto sent = co_await near->send_message("", descriptors);
  });
}
