// SPDX-License-Identifier: MIT
#include <lull/io/foreign_descriptor.hpp>

#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/sched/scope.hpp>

#include "descriptor_pair.hpp"
#include "on_core.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::descriptor_pair;
using io_test::on_core;
using lull::readiness;

namespace {

lull::task<> poll_watched(lull::foreign_descriptor& what, readiness events,
                          std::vector<std::error_code>& into) {
  const auto ready = co_await what.poll(events);
  into.push_back(ready.error());
}

}  // namespace

TEST_CASE("a foreign descriptor is polled for reading and for writing at a time") {
  on_core([]() -> lull::task<> {
    const descriptor_pair pair;
    pair.fill();
    lull::foreign_descriptor mine(pair.near());
    CHECK(mine.number() == pair.near());
    std::vector<std::error_code> errors;
    lull::scope scope;
    scope.spawn(poll_watched, std::ref(mine), readiness::readable, std::ref(errors));
    scope.spawn(poll_watched, std::ref(mine), readiness::writable, std::ref(errors));
    co_await lull::sleep(std::chrono::milliseconds(1));
    CHECK(errors.empty());
    pair.drain();
    while (errors.empty()) co_await lull::yield();
    CHECK(errors.size() == 1);
    pair.send("a");
    co_await scope.join();
    CHECK(errors == std::vector<std::error_code>(2));
  });
}

TEST_CASE("a released descriptor can be closed at once: the kernel has let go of it") {
  on_core([]() -> lull::task<> {
    descriptor_pair pair;
    lull::foreign_descriptor mine(pair.near());
    lull::foreign_descriptor other(pair.near());
    std::vector<std::error_code> errors;
    std::vector<std::error_code> of_other;
    lull::scope scope;
    for (int i = 0; i < 3; ++i) {
      scope.spawn(poll_watched, std::ref(mine), readiness::readable, std::ref(errors));
    }
    scope.spawn(poll_watched, std::ref(other), readiness::readable, std::ref(of_other));
    co_await lull::sleep(std::chrono::milliseconds(1));
    co_await mine.release();
    CHECK(mine.is_released());
    CHECK(errors ==
          std::vector<std::error_code>(3, std::make_error_code(std::errc::operation_canceled)));
    // Its own polls alone.
    CHECK(of_other.empty());
    CHECK(!pair.far_sees_the_end());
    co_await other.release();
    CHECK(pair.near_is_open());
    pair.close_near();
    CHECK(pair.far_sees_the_end());
    co_await scope.join();
  });
}

TEST_CASE("a released descriptor is polled no more, and may be released again") {
  on_core([]() -> lull::task<> {
    const descriptor_pair pair;
    lull::foreign_descriptor mine(pair.near());
    co_await mine.release();
    const auto ready = co_await mine.poll(readiness::writable);
    CHECK(ready.error() == std::errc::bad_file_descriptor);
    CHECK_THAT(ready.message(), ContainsSubstring("was released before"));
    co_await mine.release();
  });
}

TEST_CASE("a release ends polls that wait for an entry, were stopped, or have been told") {
  on_core(io_test::small_ring(4, 16), []() -> lull::task<> {
    const descriptor_pair pair;
    for (int i = 0; i < 60; ++i) {
      lull::foreign_descriptor mine(pair.near());
      std::vector<std::error_code> errors;
      lull::scope scope;
      for (int k = 0; k < 16; ++k) {
        scope.spawn(poll_watched, std::ref(mine), readiness::readable, std::ref(errors));
      }
      for (int turn = 0; turn <= i % 4; ++turn) co_await lull::yield();
      if (i % 2 == 0) scope.request_stop();
      if (i % 3 == 0) pair.send("a");
      // Until they have been told, or just before they are resumed.
      if (i % 5 == 0) co_await lull::sleep(lull::nanoseconds(1));
      co_await mine.release();
      CHECK(errors.size() == 16);
      if (i % 3 == 0) pair.take(1);
      co_await scope.join();
    }
  });
}
