// SPDX-License-Identifier: MIT
// Requests of one connection: several at a time, and those that have come when the service ends.
#include <lull/io/session.hpp>

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/with_scope.hpp>

#include "running_service.hpp"

using io_test::any_port;
using io_test::comes_true;
using io_test::on_core;
using io_test::raw_peer;
using namespace std::chrono_literals;

namespace {

// Runs the handler as a service for one peer, until that has been served.
template <class Handler>
lull::task<lull::service_statistics> serve_one(std::string text, Handler handler) {
  auto listener = any_port();
  raw_peer peer(listener.local());
  peer.send(text);
  lull::service of;
  lull::scope running;
  bool served = false;
  running.spawn([&]() -> lull::task<> {
    auto serving =
        of.run(listener, [&](lull::tcp_stream stream, lull::session& session) -> lull::task<> {
          auto work = handler(std::move(stream), session);
          co_await std::move(work);
          served = true;
        });
    (void)co_await std::move(serving);
  });
  auto done = comes_true([&] { return served; });
  const bool is_done = co_await std::move(done);
  CHECK(is_done);
  running.request_stop();
  co_await running.join();
  co_return of.statistics();
}

}  // namespace

TEST_CASE("a request that had ended cut off another, which began before it and had more time") {
  on_core([]() -> lull::task<> {
    bool slept = false;
    auto serving = serve_one("", [&](lull::tcp_stream, lull::session& session) -> lull::task<> {
      const auto whole = session.begin_request(1h);
      {
        const auto part = session.begin_request(100ms);
        co_await lull::yield();
      }
      slept = co_await lull::sleep(150ms);
    });
    const lull::service_statistics counts = co_await std::move(serving);
    CHECK(slept);
    CHECK(counts.requests == 2);
    CHECK(counts.overdue == 0);
  });
}

TEST_CASE("a request without a limit took that of another, which began before it") {
  on_core([]() -> lull::task<> {
    bool slept = true;
    auto serving = serve_one("", [&](lull::tcp_stream, lull::session& session) -> lull::task<> {
      const auto whole = session.begin_request(10ms);
      const auto part = session.begin_request(0ns);
      slept = co_await lull::sleep(1h);
    });
    const lull::service_statistics counts = co_await std::move(serving);
    CHECK(!slept);
    CHECK(counts.overdue == 1);
    CHECK(counts.cancelled == 0);
  });
}

TEST_CASE("requests that had come when the service was asked to stop were begun and not answered") {
  on_core([]() -> lull::task<> {
    auto listener = any_port();
    raw_peer peer(listener.local());
    lull::service of;
    lull::scope running;
    std::vector<std::string> lines;
    bool failed = false;
    peer.send("one\ntwo\nthree\n");
    running.spawn([&]() -> lull::task<> {
      auto serving =
          of.run(listener, [&](lull::tcp_stream stream, lull::session& session) -> lull::task<> {
            lull::buffered_reader from(stream);
            for (;;) {
              const auto line = co_await from.read_line();
              if (!line || line->ended()) co_return;
              const auto request = session.begin_request();
              lines.emplace_back(line->text());
              if (lines.size() == 1) running.request_stop();
              (void)co_await lull::sleep(1ms);
              const auto sent = co_await stream.send_all(lines.back() + "\n");
              failed = failed || !sent;
            }
          });
      (void)co_await std::move(serving);
    });
    co_await running.join();
    CHECK(lines == std::vector<std::string>{"one", "two", "three"});
    CHECK(!failed);
    std::string got;
    char some[100];
    for (ssize_t bytes; (bytes = ::recv(peer.descriptor(), some, sizeof(some), 0)) > 0;)
      got.append(some, static_cast<std::size_t>(bytes));
    CHECK(got == "one\ntwo\nthree\n");
    CHECK(of.statistics().requests == 3);
    CHECK(of.statistics().idle + of.statistics().cancelled == 0);
  });
}
