// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <optional>
#include <string>

#include <lull/io/unix_listener.hpp>

#include "pooled.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::any_port;
using io_test::ask;
using io_test::comes_true;
using io_test::echo_peer;
using io_test::has;
using io_test::on_core;
using tcp_pool = lull::connection_pool<>;
using namespace std::chrono_literals;

TEST_CASE("a connection that was kept is lent again") {
  on_core([]() -> lull::task<> {
    echo_peer peer;
    tcp_pool pool(peer.listener.local());
    for (int i = 0; i < 5; ++i) {
      auto acquiring = pool.acquire();
      auto connection = co_await std::move(acquiring);
      REQUIRE(connection);
      CHECK(pool.statistics().lent == 1);
      auto asking = ask(**connection, "ab");
      const std::string answer = co_await std::move(asking);
      CHECK(answer == "ab");
      connection->keep();
      if (i % 2 == 0) co_await lull::yield();
    }
    const auto counts = pool.statistics();
    CHECK(counts.connected == 1);
    CHECK(counts.reused == 4);
    CHECK(counts.idle == 1);
    CHECK(counts.lent == 0);
    co_await lull::yield();
    auto closing = pool.close();
    co_await std::move(closing);
    CHECK(pool.statistics().idle == 0);
    auto late = pool.acquire();
    const auto refused = co_await std::move(late);
    CHECK(refused.error() == std::errc::operation_canceled);
    auto ending = peer.end();
    co_await std::move(ending);
  });
}

TEST_CASE("who asks again gets a new connection, and an idle one is closed for it") {
  on_core([]() -> lull::task<> {
    echo_peer peer;
    tcp_pool pool(peer.listener.local(), {.connections = 1});
    for (int i = 0; i < 3; ++i) {
      auto acquiring = i == 2 ? pool.acquire_new() : pool.acquire();
      auto connection = co_await std::move(acquiring);
      REQUIRE(connection);
      CHECK(connection->is_new() == (i != 1));
      auto asking = ask(**connection, "ab");
      const std::string answer = co_await std::move(asking);
      CHECK(answer == "ab");
      connection->keep();
    }
    CHECK(pool.statistics().connected == 2);
    CHECK(pool.statistics().discarded == 1);
    CHECK(pool.statistics().idle == 1);
    auto closing = pool.close();
    co_await std::move(closing);
    auto ending = peer.end();
    co_await std::move(ending);
  });
}

TEST_CASE("an idle connection is closed when its peer ends it, or says something unasked") {
  on_core([]() -> lull::task<> {
    auto listener = any_port();
    tcp_pool pool(listener.local());
    for (const bool says_something : {false, true}) {
      auto acquiring = pool.acquire();
      std::optional connection(co_await std::move(acquiring));
      REQUIRE(*connection);
      auto far = co_await listener.accept();
      (*connection)->keep();
      connection.reset();
      co_await lull::sleep(1ms);
      CHECK(pool.statistics().idle == 1);
      if (says_something) (void)co_await far->send_all("unasked");
      if (!says_something) co_await far->close();
      auto closed = has(pool, &lull::pool_statistics::ended, says_something ? 2 : 1);
      const bool is_closed = co_await std::move(closed);
      CHECK(is_closed);
      CHECK(pool.statistics().idle == 0);
    }
    CHECK(pool.statistics().connected == 2);
    CHECK(pool.statistics().reused == 0);
  });
}

TEST_CASE("what the peer had ended when it was given back is not lent again") {
  on_core([]() -> lull::task<> {
    auto listener = any_port();
    tcp_pool pool(listener.local(), {.connections = 1});
    for (int i = 1; i <= 2; ++i) {
      auto acquiring = pool.acquire();
      auto connection = co_await std::move(acquiring);
      REQUIRE(connection);
      auto far = co_await listener.accept();
      (void)co_await far->send_all("ab");
      const auto got = co_await (*connection)->receive();
      CHECK(got->text() == "ab");
      co_await far->close();
      co_await lull::sleep(1ms);  // known here, to nobody yet
      connection->keep();
    }
    CHECK(pool.statistics().connected == 2);
    CHECK(pool.statistics().ended == 1);
    auto closing = pool.close();
    co_await std::move(closing);
  });
}

TEST_CASE("an idle connection that nobody needs for its time is closed") {
  on_core([]() -> lull::task<> {
    echo_peer peer;
    tcp_pool pool(peer.listener.local(), {.idle = 3ms});
    std::optional<tcp_pool::lease> one;
    {
      auto acquiring = pool.acquire();
      one.emplace(*co_await std::move(acquiring));
    }
    co_await lull::sleep(6ms);
    CHECK(pool.statistics().lent == 1);  // no limit while it is lent
    one->keep();
    one.reset();
    auto expired = has(pool, &lull::pool_statistics::expired, 1);
    const bool is_expired = co_await std::move(expired);
    CHECK(is_expired);
    CHECK(pool.statistics().idle == 0);
    auto gone = comes_true([&] { return peer.open() == 0; });
    const bool is_gone = co_await std::move(gone);
    CHECK(is_gone);
    auto ending = peer.end();
    co_await std::move(ending);
  });
}

TEST_CASE("a connection that is not kept, closed, or not read to its end is not lent again") {
  on_core([]() -> lull::task<> {
    echo_peer peer;
    tcp_pool pool(peer.listener.local());
    for (int way = 0; way < 4; ++way) {
      auto acquiring = pool.acquire();
      auto connection = co_await std::move(acquiring);
      REQUIRE(connection);
      auto asking = ask(**connection, "ab");
      const std::string answer = co_await std::move(asking);
      CHECK(answer == "ab");
      if (way != 0) connection->keep();
      if (way == 1) co_await (*connection)->close();
      if (way == 2) {
        (void)co_await (*connection)->send_all("more");
        auto come = comes_true([&] { return (*connection)->unread() == 4; });
        (void)co_await std::move(come);
      }
    }
    CHECK(pool.statistics().discarded == 3);
    CHECK(pool.statistics().connected == 4);
    CHECK(pool.statistics().idle == 1);
    auto closing = pool.close();
    co_await std::move(closing);
    auto ending = peer.end();
    co_await std::move(ending);
  });
}

TEST_CASE("a connection that cannot be made is a failure, and takes nobody's place") {
  on_core([]() -> lull::task<> {
    auto listener = any_port();
    const lull::address gone = listener.local();
    co_await listener.close();
    tcp_pool pool(gone, {.connections = 1});
    for (int i = 0; i < 3; ++i) {
      auto acquiring = pool.acquire();
      const auto refused = co_await std::move(acquiring);
      CHECK(refused.error() == std::errc::connection_refused);
    }
    CHECK(pool.statistics().lent == 0);
    lull::scope scope;
    scope.request_stop();
    std::string message;
    scope.spawn([&]() -> lull::task<> {
      auto acquiring = pool.acquire();
      const auto stopped = co_await std::move(acquiring);
      message = stopped.message();
    });
    co_await scope.join();
    CHECK_THAT(message, ContainsSubstring(gone.to_string()) && ContainsSubstring("stop"));
    CHECK(pool.statistics().lent == 0);
  });
}

TEST_CASE("a connect of a pool has its own limit, in which no place is waited for") {
  on_core([]() -> lull::task<> {
    // The queue of a listener that accepts nobody is full.
    auto listener = lull::unix_listener::bind(lull::unix_address::any(), {.backlog = 0}).value();
    auto first = (co_await lull::connect(listener.local())).value();
    lull::connection_pool pool(listener.local(), {.connections = 1, .connect = 2ms});
    for (int i = 0; i < 2; ++i) {
      auto acquiring = pool.acquire();
      const auto late = co_await std::move(acquiring);
      CHECK(late.error() == std::errc::timed_out);
      CHECK_THAT(late.message(), ContainsSubstring("connect"));
    }
    auto accepted = co_await listener.accept();  // there is room for one
    auto acquiring = pool.acquire();
    const auto lent = co_await std::move(acquiring);
    CHECK(lent);
    auto waiting = pool.acquire();
    const auto waited = co_await lull::timeout(6ms, std::move(waiting));
    CHECK(waited.timed_out());
    CHECK(waited->error() == std::errc::operation_canceled);
  });
}

TEST_CASE("a pool that is closed gives nobody what was idle") {
  on_core([]() -> lull::task<> {
    auto listener = any_port();
    tcp_pool pool(listener.local());
    {
      auto acquiring = pool.acquire();
      auto connection = co_await std::move(acquiring);
      REQUIRE(connection);
      connection->keep();
    }
    co_await lull::sleep(1ms);
    CHECK(pool.statistics().idle == 1);
    lull::scope scope;
    std::error_code error;
    scope.spawn([&]() -> lull::task<> {
      auto acquiring = pool.acquire();
      const auto lent = co_await std::move(acquiring);
      error = lent.error();
    });
    scope.spawn([&] { return pool.close(); });  // while the other takes it
    co_await scope.join();
    CHECK(error == std::errc::operation_canceled);
    CHECK(pool.statistics().reused == 0);
  });
}

TEST_CASE("connections over a Unix socket are kept as well") {
  on_core([]() -> lull::task<> {
    auto listener = lull::unix_listener::bind(lull::unix_address::any()).value();
    lull::connection_pool pool(listener.local());
    for (int i = 0; i < 2; ++i) {
      auto acquiring = pool.acquire();
      auto connection = co_await std::move(acquiring);
      REQUIRE(connection);
      (void)co_await (*connection)->send_all("ab");
      connection->keep();
    }
    CHECK(pool.statistics().connected == 1);
    auto closing = pool.close();
    co_await std::move(closing);
  });
}
