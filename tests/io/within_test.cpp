// SPDX-License-Identifier: MIT
#include <lull/io/within.hpp>

#include <stdexcept>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/io/tcp_stream.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/shield.hpp>
#include <lull/sched/sleep.hpp>

#include "connected.hpp"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using io_test::connected;
using io_test::on_core;
using namespace std::chrono_literals;

namespace {

// Heeds no stop.
lull::task<lull::result<int>> late(int value) {
  (void)co_await lull::shield(lull::sleep(3ms));
  if (value < 0) co_return lull::failure(-value, "work on", lull::path_text("a file"));
  co_return value;
}

// Ends by the exception that value() throws.
lull::task<lull::result<int>> values_of(lull::tcp_stream& stream) {
  auto got = co_await stream.receive();
  co_return static_cast<int>(got.value().size());
}

lull::task<lull::result<int>> throws_late() {
  (void)co_await lull::sleep(1h);
  throw std::runtime_error("of its own");
}

}  // namespace

TEST_CASE("what an operation gives in time is given") {
  on_core([]() -> lull::task<> {
    auto both = co_await connected();
    both.peer.send("abc");
    const auto got = co_await lull::within(1h, both.stream.receive());
    REQUIRE(got);
    CHECK(got->size() == 3);
    both.peer.reset();
    const auto failed = co_await lull::within(1h, both.stream.receive());
    CHECK(failed.error() == std::errc::connection_reset);
    auto unlimited = lull::within(lull::nanoseconds::max(), late(5));
    const auto five = co_await std::move(unlimited);
    REQUIRE(five);
    CHECK(*five == 5);
  });
}

TEST_CASE("an operation whose time is up fails by that, and says what it was with whom") {
  on_core([]() -> lull::task<> {
    auto both = co_await connected();
    const auto got = co_await lull::within(1ms, both.stream.receive());
    REQUIRE(!got);
    CHECK(got.error() == std::errc::timed_out);
    CHECK_THAT(got.message(), StartsWith("receive 127.0.0.1:"));
    CHECK_THAT(got.message(), ContainsSubstring("the time that it was given is over"));
    both.peer.send("abc");
    const auto later = co_await lull::within(1h, both.stream.receive());
    REQUIRE(later);
    CHECK(later->size() == 3);
  });
}

TEST_CASE("a success that comes late is given, and a failure of its own as well") {
  on_core([]() -> lull::task<> {
    auto working = lull::within(1ms, late(7));
    const auto seven = co_await std::move(working);
    REQUIRE(seven);
    CHECK(*seven == 7);
    auto failing = lull::within(1ms, late(-ENOSPC));
    const auto full = co_await std::move(failing);
    CHECK(full.error() == std::errc::no_space_on_device);
  });
}

TEST_CASE(
    "a task that ended as its time was up, by an exception, is out of time; others are thrown") {
  on_core([]() -> lull::task<> {
    auto both = co_await connected();
    auto reading = lull::within(1ms, values_of(both.stream));
    const auto got = co_await std::move(reading);
    CHECK(got.error() == std::errc::timed_out);
    std::string what;
    try {
      auto throwing = lull::within(1ms, throws_late());
      (void)co_await std::move(throwing);
    } catch (const std::runtime_error& error) {
      what = error.what();
    }
    CHECK(what == "of its own");
  });
}

TEST_CASE("a stop asked of whoever awaits within a time is no end of that time") {
  on_core([]() -> lull::task<> {
    auto both = co_await connected();
    std::error_code error;
    lull::scope scope;
    scope.spawn([&]() -> lull::task<> {
      const auto got = co_await lull::within(1h, both.stream.receive());
      error = got.error();
    });
    co_await lull::yield();
    scope.request_stop();
    co_await scope.join();
    CHECK(error == std::errc::operation_canceled);
  });
}
