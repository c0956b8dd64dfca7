// SPDX-License-Identifier: MIT
// serve: limits of number and time, and every way to end.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <string>
#include <vector>

#include <lull/io/connect.hpp>
#include <lull/io/unix_listener.hpp>

#include "../allocations.hpp"
#include "running_service.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::any_port;
using io_test::comes_true;
using io_test::line_handler;
using io_test::on_core;
using io_test::raw_peer;
using io_test::running_service;
using tcp_service = running_service<lull::tcp_listener>;
using namespace std::chrono_literals;

TEST_CASE("a service answers over TCP and over a Unix socket, and tells what it counted") {
  on_core([]() -> lull::task<> {
    tcp_service tcp(any_port(), {}, nullptr);
    raw_peer peer(tcp.listener.local());
    for (int i = 0; i < 3; ++i) {
      peer.send("ab\r\n");
      ANSWER(peer, "answer ab\n");
    }
    CHECK(tcp.service.statistics().open == 1);
    peer.close();
    auto gone = comes_true([&] { return tcp.service.statistics().open == 0; });
    const bool is_gone = co_await std::move(gone);
    CHECK(is_gone);
    co_await tcp.stop();
    CHECK(!tcp.error);
    const lull::service_statistics counts = tcp.service.statistics();
    CHECK(counts.accepted == 1);
    CHECK(counts.requests == 3);
    CHECK(counts.idle + counts.overdue + counts.cancelled + counts.exceptions == 0);

    running_service local(lull::unix_listener::bind(lull::unix_address::any()).value(), {},
                          nullptr);
    auto stream = co_await lull::connect(local.listener.local());
    REQUIRE(stream);
    (void)co_await stream->send_all("ab\n");
    lull::buffered_reader from(*stream);
    const auto line = co_await from.read_line();
    CHECK(line->text() == "answer ab");
    co_await local.stop();
    const auto end = co_await from.read_line();
    CHECK(end->ended());
  });
}

TEST_CASE("beyond its number of connections a service accepts nobody, and loses nobody") {
  on_core([]() -> lull::task<> {
    tcp_service of(any_port(), {.connections = 2}, nullptr);
    std::vector<raw_peer> peers;
    for (int i = 0; i < 9; ++i) {
      peers.emplace_back(of.listener.local());
      peers.back().send("ab\n");
    }
    co_await lull::sleep(2ms);
    CHECK(of.service.statistics().accepted == 2);
    for (auto& peer : peers) {
      ANSWER(peer, "answer ab\n");
      CHECK(of.service.statistics().open <= 2);
      peer.reset();
    }
    co_await of.stop();
    CHECK(of.service.statistics().accepted == 9);
    CHECK(of.service.statistics().open == 0);
  });
}

TEST_CASE("a connection without a request ends after its time, one with a request does not") {
  on_core([]() -> lull::task<> {
    lull::event go_on;
    tcp_service of(any_port(), {.idle = 10ms, .request = {}}, &go_on);
    raw_peer silent(of.listener.local()), half(of.listener.local()), busy(of.listener.local());
    half.send("half a li");
    busy.send("wait\n");
    ANSWER(silent, "(end)");
    ANSWER(half, "(end)");
    CHECK(of.service.statistics().idle == 2);
    CHECK(of.service.statistics().open == 1);
    go_on.set();
    ANSWER(busy, "answer wait\n");
    ANSWER(busy, "(end)");  // idle since its answer
    CHECK(of.service.statistics().idle == 3);
    co_await of.stop();
    CHECK(of.service.statistics().overdue == 0);
  });
}

TEST_CASE("a request that takes too long ends its connection, and no other") {
  on_core([]() -> lull::task<> {
    lull::event go_on;
    tcp_service of(any_port(), {.idle = {}, .request = 10ms}, &go_on);
    raw_peer slow(of.listener.local()), good(of.listener.local());
    slow.send("wait\n");
    for (int i = 0; i < 8; ++i) {
      co_await lull::sleep(3ms);
      good.send("ab\n");
      ANSWER(good, "answer ab\n");
    }
    auto ended = comes_true([&] { return of.service.statistics().open == 1; });
    const bool has_ended = co_await std::move(ended);
    CHECK(has_ended);
    CHECK(of.service.statistics().overdue == 1);
    CHECK(of.service.statistics().cancelled == 0);
    co_await of.stop();
  });
}

TEST_CASE("a connection may have limits of its own, for idling and for a request") {
  on_core([]() -> lull::task<> {
    lull::event go_on;
    tcp_service of(any_port(), {.idle = 100ms, .request = 100ms}, &go_on);
    raw_peer staying(of.listener.local()), working(of.listener.local());
    staying.send("stay\n");
    ANSWER(staying, "answer stay\n");
    working.send("wait long\n");
    co_await lull::sleep(500ms);
    CHECK(of.service.statistics().open == 2);
    go_on.set();
    ANSWER(working, "answer wait long\n");
    ANSWER(working, "(end)");  // of idling
    staying.send("ab\n");
    ANSWER(staying, "answer ab\n");
    CHECK(of.service.statistics().overdue == 0);
    CHECK(of.service.statistics().idle == 1);
    co_await of.stop();
    CHECK(of.service.statistics().open == 0);
  });
}

TEST_CASE("a service that is stopped lets requests finish, ends who is idle, and accepts nobody") {
  for (const bool by_runtime : {false, true}) {
    on_core([by_runtime]() -> lull::task<> {
      lull::event go_on;
      tcp_service of(any_port(), {}, &go_on);
      const lull::address where = of.listener.local();
      raw_peer idle(where), busy(where);
      idle.send("ab\n");
      ANSWER(idle, "answer ab\n");
      busy.send("wait\nnext\n");
      auto begun = comes_true([&] { return of.service.statistics().requests == 2; });
      const bool has_begun = co_await std::move(begun);
      CHECK(has_begun);
      if (by_runtime) {
        lull::core::current().shutdown().request();
        auto closed = comes_true([&] { return !of.listener.is_open(); });
        (void)co_await std::move(closed);
      } else {
        co_await of.stopping();
      }
      ANSWER(idle, "(end)");
      const auto refused = co_await lull::connect(where);
      CHECK(refused.error() == std::errc::connection_refused);
      CHECK(!of.ended);
      CHECK(of.service.statistics().open == 1);
      go_on.set();
      // What had come already is answered too.
      ANSWER(busy, "last wait\nlast next\n");
      ANSWER(busy, "(end)");
      co_await of.scope.join();
      CHECK(!of.error);
      CHECK(of.service.statistics().cancelled == 0);
    });
  }
}

TEST_CASE("requests that outlast the drain are cancelled, at once if the caller is stopped too") {
  for (const int way : {0, 1, 2}) {
    on_core([way]() -> lull::task<> {
      lull::event never;
      tcp_service of(any_port(), {.drain = way == 0 ? 5ms : way == 1 ? 1h : 0ms}, &never);
      raw_peer busy(of.listener.local());
      busy.send("wait\n");
      auto begun = comes_true([&] { return of.service.statistics().requests == 1; });
      (void)co_await std::move(begun);
      lull::core::current().shutdown().request();
      if (way == 1) {
        co_await lull::sleep(2ms);
        CHECK(!of.ended);
        of.scope.request_stop();
      }
      co_await of.scope.join();
      CHECK(of.ended);
      CHECK(of.service.statistics().cancelled == 1);
      CHECK(of.service.statistics().open == 0);
    });
  }
}

TEST_CASE("an exception ends its connection and is told, a stopped operation's value is not") {
  static int told = 0;
  static std::string what;
  told = 0;
  const auto hear = [](std::exception_ptr error, const lull::peer_name& peer) noexcept {
    ++told;
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& known) {
      what = peer.to_string() + known.what();
    }
  };
  on_core([&]() -> lull::task<> {
    tcp_service of(any_port(), {.request = 10ms, .on_exception = hear}, nullptr);
    raw_peer bad(of.listener.local()), stopped(of.listener.local()), good(of.listener.local());
    bad.send("throw\n");
    stopped.send("value\n");
    ANSWER(bad, "(end)");
    ANSWER(stopped, "(end)");
    good.send("ab\n");
    ANSWER(good, "answer ab\n");
    CHECK(told == 1);
    CHECK_THAT(what, ContainsSubstring("127.0.0.1") && ContainsSubstring("as it was asked to"));
    CHECK(of.service.statistics().exceptions == 1);
    co_await of.stop();
  });
}

TEST_CASE("a service whose caller was stopped before it began ends at once") {
  on_core([]() -> lull::task<> {
    auto listener = any_port();
    raw_peer peer(listener.local());
    lull::scope scope;
    scope.request_stop();
    lull::service_statistics counts{.open = 7};
    scope.spawn([&]() -> lull::task<> {
      auto serving = lull::serve(listener, line_handler{nullptr});
      const auto served = co_await std::move(serving);
      counts = *served;
    });
    co_await scope.join();
    CHECK(counts.open == 0);
    CHECK(counts.accepted == 0);
    CHECK(!listener.is_open());
  });
}

TEST_CASE("memory that fails anywhere in a service costs a connection at most") {
  test::need_allocations();
  const auto ignore = [](std::exception_ptr, const lull::peer_name&) noexcept {};
  on_core([&]() -> lull::task<> {
    int failures = 0;
    for (std::size_t passes = 0;; ++passes) {
      auto listener = any_port();
      lull::service of({.connections = 1, .on_exception = ignore});
      raw_peer first(listener.local()), second(listener.local());
      first.send("ab\n");
      second.send("ab\n");
      bool met = false;
      lull::scope scope;
      scope.spawn([&]() -> lull::task<> {
        auto running = of.run(listener, line_handler{nullptr});
        (void)co_await std::move(running);
      });
      {
        const test::failing_allocations none(passes, test::failing::once);
        co_await lull::sleep(1ms);
        first.close();
        co_await lull::sleep(1ms);
        met = none.met();
      }
      if (met) ++failures;
      second.close();
      if (scope.size() != 0) {  // it could begin
        raw_peer third(listener.local());
        third.send("ab\n");
        ANSWER(third, "answer ab\n");
      }
      scope.request_stop();
      try {
        co_await scope.join();
      } catch (const std::bad_alloc&) {}
      CHECK(of.statistics().open == 0);
      if (!met) break;
      REQUIRE(passes < 100);
    }
    CHECK(failures > 0);
  });
}
