// SPDX-License-Identifier: MIT
// serve, between the request to stop and the end of its lame duck.
#include <lull/io/service.hpp>

#include <optional>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/core.hpp>
#include <lull/sched/frame_pool.hpp>

#include "../allocations.hpp"
#include "running_service.hpp"

using io_test::any_port;
using io_test::comes_true;
using io_test::line_handler;
using io_test::on_core;
using io_test::raw_peer;
using tcp_service = io_test::running_service<lull::tcp_listener>;
using namespace std::chrono_literals;

TEST_CASE("a client that kept its connection lost a request to a service that was asked to stop") {
  on_core([]() -> lull::task<> {
    tcp_service of(any_port(), {.lame_duck = 1h}, nullptr);
    raw_peer kept(of.listener.local()), idle(of.listener.local());
    kept.send("ab\n");
    ANSWER(kept, "answer ab\n");
    lull::core::current().shutdown().request();
    co_await lull::sleep(2ms);
    kept.send("next\n");
    ANSWER(kept, "last next\n");
    raw_peer late(of.listener.local());
    late.send("new\n");
    ANSWER(late, "last new\n");
    CHECK(!of.ended);
    CHECK(of.service.statistics().open == 3);
    // Its caller, too: the end comes at once.
    co_await of.stop();
    CHECK(of.ended);
    CHECK(!of.error);
    ANSWER(idle, "(end)");
    ANSWER(kept, "(end)");
    CHECK(!of.listener.is_open());
    CHECK(of.service.statistics().idle + of.service.statistics().cancelled == 0);
  });
}

TEST_CASE("a lame duck of a service whose caller is stopped lasts as long, and ends by itself") {
  on_core([]() -> lull::task<> {
    lull::event go_on;
    tcp_service of(any_port(), {.lame_duck = 50ms, .drain = 1h}, &go_on);
    raw_peer idle(of.listener.local()), busy(of.listener.local());
    of.scope.request_stop();
    co_await lull::yield();
    busy.send("wait\n");
    auto begun = comes_true([&] { return of.service.statistics().requests == 1; });
    const bool has_begun = co_await std::move(begun);
    CHECK(has_begun);
    ANSWER(idle, "(end)");
    CHECK(!of.listener.is_open());
    CHECK(!of.ended);  // its drain lasts
    go_on.set();
    ANSWER(busy, "last wait\n");
    co_await of.scope.join();
    CHECK(!of.error);
    CHECK(of.service.statistics().accepted == 2);
  });
}

TEST_CASE("a lame duck of a full service never served who waited for room") {
  on_core([]() -> lull::task<> {
    tcp_service of(any_port(), {.connections = 1, .lame_duck = 1h}, nullptr);
    std::optional<raw_peer> first(of.listener.local());
    first->send("ab\n");
    ANSWER(*first, "answer ab\n");
    raw_peer second(of.listener.local());
    first.reset();
    auto accepted = comes_true([&] { return of.service.statistics().accepted == 2; });
    (void)co_await std::move(accepted);
    second.close();
    auto gone = comes_true([&] { return of.service.statistics().open == 0; });
    (void)co_await std::move(gone);
    // It waits for a connection, now as later.
    lull::core::current().shutdown().request();
    co_await lull::sleep(1ms);
    for (int i = 0; i < 3; ++i) {
      raw_peer late(of.listener.local());
      late.send("ab\n");
      ANSWER(late, "last ab\n");
    }
    co_await of.stop();
    CHECK(of.service.statistics().accepted == 5);
  });
}

TEST_CASE("a lame duck lasts no longer than its connections once its listener is closed") {
  for (const bool before : {false, true}) {
    on_core([before]() -> lull::task<> {
      tcp_service of(any_port(), {.lame_duck = 1h}, nullptr);
      raw_peer kept(of.listener.local());
      kept.send("ab\n");
      ANSWER(kept, "answer ab\n");
      if (before) co_await of.listener.close();
      lull::core::current().shutdown().request();
      co_await lull::sleep(1ms);
      if (!before) co_await of.listener.close();
      kept.send("next\n");
      ANSWER(kept, "last next\n");
      CHECK(!of.ended);
      kept.close();
      co_await of.scope.join();
      CHECK(!of.error);
    });
  }
}

TEST_CASE("memory that fails in a lame duck shortens it at most, and no request that runs") {
  test::need_allocations();
  on_core([]() -> lull::task<> {
    std::size_t passes = 0;
    for (bool met = true; met; ++passes) {
      REQUIRE(passes < 100);
      lull::event go_on;
      tcp_service of(any_port(), {.lame_duck = 5ms}, &go_on);
      raw_peer busy(of.listener.local());
      busy.send("wait\n");
      auto begun = comes_true([&] { return of.service.statistics().requests == 1; });
      (void)co_await std::move(begun);
      {
        const test::failing_allocations none(passes, test::failing::once);
        of.scope.request_stop();
        for (int i = 0; i < 5; ++i) co_await lull::yield();
        met = none.met();
      }
      go_on.set();
      ANSWER(busy, "last wait\n");
      co_await of.scope.join();
      CHECK(!of.error);
      CHECK(of.service.statistics().open == 0);
    }
    // Where frames come from a pool there is memory for all of it.
    CHECK((passes > 1 || lull::detail::frame_pool::pools));
  });
}
