// SPDX-License-Identifier: MIT
// The two ways of a TLS connection: what becomes of one when the other ends or is stuck.
#include <string>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/timeout.hpp>
#include <lull/tls/limits.hpp>
#include <lull/tls/tls_state.hpp>

#include "../io/connected.hpp"
#include "tls_pair.hpp"

using io_test::on_core;
using io_test::pattern;
using tls_test::hear;
using tls_test::hear_into;
using tls_test::narrowly_connected;
using tls_test::say;
using tls_test::send_over;
using tls_test::tls_connected;
using tls_test::tls_pair;

TEST_CASE("shutdown of TLS while another sends ended what the peer still sent as well") {
  on_core([]() -> lull::task<> {
    auto connecting = narrowly_connected(false);
    tls_pair both = co_await std::move(connecting);
    const std::string text = pattern(2'000'000);
    lull::result<void> sent, ended;
    std::string got, answer;
    lull::scope working;
    working.spawn(send_over, std::ref(both.client), std::cref(text), std::ref(sent));
    working.spawn(hear_into, std::ref(both.client), std::size_t{100}, std::ref(answer));
    co_await lull::sleep(std::chrono::milliseconds(2));
    CHECK(working.size() == 2);
    working.spawn([&]() -> lull::task<> {
      auto ending = both.client.shutdown();
      ended = co_await std::move(ending);
    });
    working.spawn(hear_into, std::ref(both.server), text.size(), std::ref(got));
    while (got.empty()) co_await lull::yield();
    std::error_code error;
    auto saying = say(both.server, "answer", error);
    co_await std::move(saying);
    auto closing = both.server.shutdown();
    const auto closed = co_await std::move(closing);
    CHECK(closed);
    co_await working.join();
    CHECK(sent.error() == std::errc::broken_pipe);
    CHECK(ended);
    CHECK(text.starts_with(got));
    CHECK(answer == "answer");
  });
}

TEST_CASE("a send over TLS that had all been sent failed: the stream was shut down meanwhile") {
  on_core([]() -> lull::task<> {
    auto connecting = narrowly_connected(false);
    tls_pair both = co_await std::move(connecting);
    const std::string text = pattern(4 * lull::limits::tls_record);
    lull::result<void> sent, ended;
    std::string got;
    lull::scope working;
    working.spawn(send_over, std::ref(both.client), std::cref(text), std::ref(sent));
    co_await lull::sleep(std::chrono::milliseconds(2));
    CHECK(working.size() == 1);
    working.spawn([&]() -> lull::task<> {
      auto ending = both.client.shutdown();
      ended = co_await std::move(ending);
    });
    co_await lull::sleep(std::chrono::milliseconds(2));
    working.spawn(hear_into, std::ref(both.server), text.size(), std::ref(got));
    co_await working.join();
    CHECK(ended);
    if (got == text) CHECK(sent.message() == "");
    if (got != text) CHECK(sent.error() == std::errc::broken_pipe);
  });
}

TEST_CASE("a receive over TLS failed because nothing could be sent any more") {
  on_core([]() -> lull::task<> {
    auto connecting = tls_connected(false);
    tls_pair both = co_await std::move(connecting);
    const auto half = co_await both.client.transport().shutdown();
    REQUIRE(half);
    std::error_code error;
    auto asking = say(both.client, "question", error);
    co_await std::move(asking);
    CHECK(error == std::errc::broken_pipe);
    lull::scope hearing;
    std::string answer;
    hearing.spawn(hear_into, std::ref(both.client), std::size_t{6}, std::ref(answer));
    co_await lull::sleep(std::chrono::milliseconds(1));
    auto answering = say(both.server, "answer", error);
    co_await std::move(answering);
    co_await hearing.join();
    CHECK(answer == "answer");
  });
}

TEST_CASE("sends over TLS that ran out of time added to what waits, each a record and more") {
  on_core([]() -> lull::task<> {
    auto connecting = narrowly_connected(false);
    tls_pair both = co_await std::move(connecting);
    const auto& transport = lull::detail::tls_state::of(both.client.connection()).transport();
    const std::string text = pattern(1'000'000);
    for (int i = 0; i < 50; ++i) {
      const auto sent =
          co_await lull::timeout(std::chrono::milliseconds(1), both.client.send_all(text));
      CHECK(sent.timed_out());
      CHECK(transport.queued() < 2 * (lull::limits::tls_gathered + lull::limits::tls_record));
    }
  });
}
