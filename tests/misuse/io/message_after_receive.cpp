// SPDX-License-Identifier: MIT
// expect: use receive_message alone on this stream
#include <array>

#include <lull/lull.hpp>

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    auto listener = lull::unix_listener::bind(lull::unix_address::any()).value();
    auto near = co_await lull::connect(listener.local());
    auto far = co_await listener.accept();
    auto sent = co_await near->send_all("bytes");
    auto got = co_await far->receive();
    std::array<std::byte, 8> into;
    auto message = co_await far->receive_message(into);
  });
}
