// SPDX-License-Identifier: MIT
// expect: let every lull::received go before the tasks of its core end
#include "connection.hpp"

void program() {
  lull::received kept;
  lull::run({.cores = {0}}, [&]() -> lull::task<> {
    connection both = co_await connected();
    auto sent = co_await both.far.send_all("bytes");
    sent.value();
    auto got = co_await both.near.receive();
    kept = std::move(got).value();
  });
}
