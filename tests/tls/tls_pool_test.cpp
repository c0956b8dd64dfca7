// SPDX-License-Identifier: MIT
// Connections over TLS in a pool, of an address that is the program's own.
#include <array>
#include <functional>
#include <string>
#include <utility>

#include <catch2/catch_test_macros.hpp>

#include <lull/io/connection_pool.hpp>

#include "tls_pair.hpp"

using io_test::on_core;

namespace upstream {

struct origin {
  operator lull::peer_name() const { return where; }

  lull::address where;
  lull::tls_client client;
};

lull::task<lull::result<lull::tls_stream>> connect(const origin& to) {
  auto made = co_await lull::connect(to.where);
  if (!made) co_return made.why();
  auto shaking = lull::tls_connect(std::move(*made), to.client, "a.test");
  co_return co_await std::move(shaking);
}

}  // namespace upstream

namespace {

// Answers whatever comes with "answer".
lull::task<> answer_questions(lull::tcp_stream over) {
  auto shaking = lull::tls_accept(std::move(over), tls_test::common_server());
  auto stream = co_await std::move(shaking);
  if (!stream) co_return;
  for (;;) {
    auto receiving = stream->receive();
    const auto got = co_await std::move(receiving);
    if (!got || got->empty()) break;
    auto sending = stream->send_all("answer");
    (void)co_await std::move(sending);
  }
  co_await stream->close();
}

lull::task<> serve_answers(lull::tcp_listener& listener, lull::scope& connections) {
  for (;;) {
    auto one = co_await listener.accept();
    if (!one) co_return;
    connections.spawn(answer_questions, std::move(*one));
  }
}

}  // namespace

TEST_CASE("connections over TLS are kept, and those that were not read to the end are not") {
  on_core([]() -> lull::task<> {
    auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
    lull::scope connections;
    connections.spawn(serve_answers, std::ref(listener), std::ref(connections));
    lull::connection_pool pool(upstream::origin{listener.local(), tls_test::common_client()});
    for (int i = 0; i < 4; ++i) {
      auto acquiring = pool.acquire();
      auto lease = co_await std::move(acquiring);
      REQUIRE(lease);
      CHECK(lease->is_new() == (i == 0 || i == 3));
      auto asking = (*lease)->send_all("question");
      const auto asked = co_await std::move(asking);
      CHECK(asked);
      std::array<std::byte, 6> room;
      const std::size_t most = i == 2 ? 2 : room.size();
      auto receiving = (*lease)->receive(std::span(room).first(most));
      const auto got = co_await std::move(receiving);
      CHECK(got.value() == most);
      CHECK((*lease)->unread() == room.size() - most);
      lease->keep();
    }
    CHECK(pool.statistics().connected == 2);
    CHECK(pool.statistics().reused == 2);
    CHECK(pool.statistics().discarded == 1);
    auto closing = pool.close();
    co_await std::move(closing);
    co_await listener.close();
    co_await connections.join();
  });
}
