// SPDX-License-Identifier: MIT
// Who waits for a connection of a pool: their order, stops, the pool's close, no memory.
#include <catch2/catch_test_macros.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "../allocations.hpp"
#include "pooled.hpp"

using io_test::echo_peer;
using io_test::has;
using io_test::on_core;
using io_test::use_one;
using waited_pool = lull::connection_pool<>;
using namespace std::chrono_literals;

TEST_CASE(
    "of more than there may be, those who came first are first, and who is stopped has none") {
  on_core([]() -> lull::task<> {
    echo_peer peer;
    waited_pool pool(peer.listener.local(), {.connections = 1});
    std::vector<int> order;
    lull::event first_go, rest_go(true);
    lull::scope users, stopped;
    users.spawn(use_one, std::ref(pool), 1, std::ref(order), std::ref(first_go));
    auto lent = has(pool, &lull::pool_statistics::connected, 1);
    const bool is_lent = co_await std::move(lent);
    CHECK(is_lent);
    for (int i = 2; i <= 5; ++i) {
      auto& group = i == 3 ? stopped : users;
      group.spawn(use_one, std::ref(pool), i, std::ref(order), std::ref(rest_go));
    }
    co_await lull::sleep(1ms);
    CHECK(order == std::vector<int>{1});
    stopped.request_stop();
    co_await stopped.join();
    CHECK(order == std::vector<int>{1, -3});
    first_go.set();
    co_await users.join();
    CHECK(order == std::vector<int>{1, -3, 2, 4, 5});
    CHECK(pool.statistics().connected == 1);
    CHECK(pool.statistics().reused == 3);
    auto closing = pool.close();
    co_await std::move(closing);
    auto ending = peer.end();
    co_await std::move(ending);
  });
}

TEST_CASE("who waited for a pool that was closed and destroyed looked at it afterwards") {
  on_core([]() -> lull::task<> {
    echo_peer peer;
    std::optional<waited_pool> pool(std::in_place, peer.listener.local(),
                                    lull::pool_options{.connections = 1});
    std::vector<int> order;
    lull::event may_go;
    lull::scope users;
    {
      auto acquiring = pool->acquire();
      auto one = co_await std::move(acquiring);
      REQUIRE(one);
      users.spawn(use_one, std::ref(*pool), 1, std::ref(order), std::ref(may_go));
      co_await lull::yield();
    }  // the other has its place now, and runs later
    auto closing = pool->close();
    co_await std::move(closing);
    pool.reset();
    co_await users.join();
    CHECK(order == std::vector<int>{-1});
    auto ending = peer.end();
    co_await std::move(ending);
  });
}

TEST_CASE("closing a pool ends those who wait, and waits for what is lent and closes it") {
  on_core([]() -> lull::task<> {
    echo_peer peer;
    waited_pool pool(peer.listener.local(), {.connections = 1});
    std::vector<int> order;
    lull::event may_go;
    lull::scope users;
    for (int i = 1; i <= 3; ++i) {
      users.spawn(use_one, std::ref(pool), i, std::ref(order), std::ref(may_go));
    }
    auto lent = has(pool, &lull::pool_statistics::connected, 1);
    (void)co_await std::move(lent);
    lull::scope closing;
    closing.spawn([&] { return pool.close(); });
    closing.request_stop();
    co_await lull::sleep(1ms);
    CHECK(order == std::vector<int>{1, -2, -3});
    CHECK(pool.statistics().lent == 1);
    CHECK(closing.size() == 1);
    may_go.set();
    co_await closing.join();
    CHECK(pool.statistics().lent == 0);
    co_await users.join();
    CHECK(pool.statistics().idle == 0);
    CHECK(pool.statistics().discarded == 1);
    auto ending = peer.end();
    co_await std::move(ending);
  });
}

TEST_CASE(
    "whoever is stopped while an idle connection is handed over gets it, or leaves its place") {
  on_core([]() -> lull::task<> {
    echo_peer peer;
    waited_pool pool(peer.listener.local(), {.connections = 1});
    for (int turns = 0; turns < 6; ++turns) {
      std::vector<int> order;
      lull::event go(true);
      auto first = use_one(pool, 1, order, go);
      co_await std::move(first);
      if (turns % 2 == 0) co_await lull::sleep(1ms);
      lull::scope user;
      user.spawn(use_one, std::ref(pool), 2, std::ref(order), std::ref(go));
      for (int i = 0; i < turns; ++i) co_await lull::yield();
      user.request_stop();
      co_await user.join();
      CHECK(order.size() == 2);
      CHECK(pool.statistics().lent == 0);
    }
    CHECK(pool.statistics().connected == 1);
    auto closing = pool.close();
    co_await std::move(closing);
    auto ending = peer.end();
    co_await std::move(ending);
  });
}

TEST_CASE("without memory a connection is lent, kept or closed, and never lost") {
  test::need_allocations();
  on_core([]() -> lull::task<> {
    auto listener = io_test::any_port();  // nobody accepts: memory fails here alone
    for (std::size_t passes = 0;; ++passes) {
      waited_pool pool(listener.local(), {.connections = 1});
      bool met = false;
      try {
        const test::failing_allocations none(passes, test::failing::once);
        for (int i = 0; i < 2; ++i) {
          auto acquiring = pool.acquire();
          auto connection = co_await std::move(acquiring);
          if (!connection) continue;
          co_await lull::yield();
          connection->keep();
        }
        met = none.met();
      } catch (const std::bad_alloc&) {
        met = true;
      }
      CHECK(pool.statistics().lent == 0);
      auto acquiring = pool.acquire();  // the place is free
      {
        auto connection = co_await std::move(acquiring);
        CHECK(connection);
      }
      auto closing = pool.close();
      co_await std::move(closing);
      if (!met) break;
      REQUIRE(passes < 100);
    }
    co_await listener.close();
  });
}
