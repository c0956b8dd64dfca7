// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>
#include <lull/io/connect.hpp>
#include <lull/io/tcp_listener.hpp>
#include <lull/io/tcp_stream.hpp>
#include <lull/sched/scope.hpp>

#include "on_core.hpp"
#include "raw_peer.hpp"

using io_test::on_core;
using io_test::raw_peer;

namespace {

lull::task<> echo(lull::tcp_stream stream) {
  while (true) {
    auto got = co_await stream.receive();
    if (!got || got->empty()) break;
    auto sent = co_await stream.send_all(got->bytes());
    if (!sent) break;
  }
  co_await stream.close();
}

lull::task<> serve(lull::tcp_listener& listener, lull::scope& connections) {
  while (true) {
    auto stream = co_await listener.accept();
    if (!stream) break;
    connections.spawn(echo, std::move(*stream));
  }
}

}  // namespace

TEST_CASE("a stream sends back what it receives") {
  on_core([]() -> lull::task<> {
    lull::tcp_listener listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
    lull::scope all;
    all.spawn(serve, std::ref(listener), std::ref(all));
    auto connected = co_await lull::connect(listener.local());
    REQUIRE(connected);
    lull::tcp_stream stream = std::move(*connected);
    for (int i = 0; i < 100; ++i) {
      auto sent = co_await stream.send_all("hello");
      REQUIRE(sent);
      std::string back;
      while (back.size() < 5) {
        auto got = co_await stream.receive();
        REQUIRE(got);
        back += got->text();
      }
      CHECK(back == "hello");
    }
    co_await stream.close();
    co_await listener.close();
    co_await all.join();
    CHECK(lull::io_here().sockets == 2);  // until their owners go
  });
}
