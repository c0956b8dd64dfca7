// SPDX-License-Identifier: MIT
// expect: a tls_client of core 0 was used on core 1; make one on each core
#include <lull/lull.hpp>
#include <lull/tls/tls.hpp>

void program() {
  lull::run({.cores = {0, 0}}, []() -> lull::task<> {
    if (lull::this_core() != 0) co_return;
    const lull::tls_client client({.verify = false});
    co_await lull::run_on(1, [&]() -> lull::task<> {
      auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
      auto connection = co_await lull::connect(listener.local());
      auto securing = lull::tls_connect(std::move(connection).value(), client, "a.test");
      const auto secured = co_await std::move(securing);
      if (secured) co_return;
    });
  });
}
