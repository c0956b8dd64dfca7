// SPDX-License-Identifier: MIT
// expect: receive was called on a TLS connection of core 0 from elsewhere
#include <lull/lull.hpp>
#include <lull/tls/tls.hpp>
#include <lull/tls/tls_state.hpp>

void program() {
  lull::run({.cores = {0, 0}}, []() -> lull::task<> {
    if (lull::this_core() != 0) co_return;
    auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
    auto connection = co_await lull::connect(listener.local());
    const lull::tls_client client({.verify = false});
    lull::tls_stream stream(std::make_shared<lull::detail::tls_state>(std::move(connection).value(),
                                                                      client.context(), "a.test"));
    co_await lull::run_on(1, [&]() -> lull::task<> {
      auto receiving = stream.receive();
      const auto got = co_await std::move(receiving);
      if (got) co_return;
    });
  });
}
