// SPDX-License-Identifier: MIT
#include <lull/io/event_descriptor.hpp>

#include <fcntl.h>

#include <limits>
#include <optional>
#include <thread>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/sched/scope.hpp>
#include <lull/sched/timeout.hpp>

#include "../few_descriptors.hpp"
#include "on_core.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using lull::event_descriptor;

namespace {

lull::task<> read_event(event_descriptor& from, std::optional<lull::result<std::uint64_t>>& into) {
  auto got = co_await from.read();
  into.emplace(std::move(got));
}

}  // namespace

TEST_CASE("what is added to an event descriptor is read, all of it or one at a time") {
  on_core([]() -> lull::task<> {
    auto all = event_descriptor::make(3).value();
    CHECK((::fcntl(all.descriptor(), F_GETFD) & FD_CLOEXEC) != 0);
    const auto added = co_await all.add(4);
    CHECK(added);
    auto got = co_await all.read();
    CHECK(*got == 7);
    auto ones = event_descriptor::make(2, event_descriptor::reads::one).value();
    for (int i = 0; i < 2; ++i) {
      got = co_await ones.read();
      CHECK(*got == 1);
    }
    const auto late = co_await lull::timeout(std::chrono::milliseconds(1), ones.read());
    CHECK(late.timed_out());
  });
}

TEST_CASE("a core that reads an event descriptor is woken by another thread") {
  on_core([]() -> lull::task<> {
    auto event = event_descriptor::make().value();
    std::thread other([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      event.add_one();
    });
    const auto got = co_await event.read();
    other.join();
    CHECK(*got == 1);
  });
}

TEST_CASE("adding to an event descriptor waits for room, and is stopped") {
  on_core([]() -> lull::task<> {
    auto event = event_descriptor::make().value();
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max() - 1;
    const auto refused = co_await event.add(most + 1);
    CHECK(refused.error() == std::errc::invalid_argument);
    CHECK_THAT(refused.message(), ContainsSubstring("add event descriptor: "));
    const auto added = co_await event.add(most);
    CHECK(added);
    const auto late = co_await lull::timeout(std::chrono::milliseconds(1), event.add(5));
    CHECK(late.timed_out());
    lull::scope scope;
    scope.spawn([&]() -> lull::task<> {
      const auto later = co_await event.add(5);
      CHECK(later);
    });
    co_await lull::sleep(std::chrono::milliseconds(1));
    auto got = co_await event.read();
    CHECK(*got == most);
    co_await scope.join();
    got = co_await event.read();
    CHECK(*got == 5);
  });
}

TEST_CASE("a read of an event descriptor is stopped and closed, and takes nothing then") {
  on_core([]() -> lull::task<> {
    auto event = event_descriptor::make().value();
    std::optional<lull::result<std::uint64_t>> got;
    std::uint64_t in_all = 0;
    for (unsigned i = 0; i < 60; ++i) {
      lull::scope scope;
      if (i % 5 == 0) scope.request_stop();
      scope.spawn(read_event, std::ref(event), std::ref(got));
      for (unsigned turn = 0; turn < i % 3; ++turn) co_await lull::sleep(lull::nanoseconds(1));
      event.add_one();
      if (i % 2 == 0) co_await lull::yield();
      scope.request_stop();
      co_await scope.join();
      if (*got) in_all += **got;
    }
    event.add_one();
    const auto rest = co_await event.read();
    CHECK(in_all + *rest == 61);
    lull::scope scope;
    scope.spawn(read_event, std::ref(event), std::ref(got));
    co_await lull::sleep(std::chrono::milliseconds(1));
    const auto closed = co_await event.close();
    CHECK(closed);
    CHECK(!event.is_open());
    co_await scope.join();
    CHECK(got->error() == std::errc::operation_canceled);
  });
}

TEST_CASE("without a descriptor there is no event descriptor, and the failure says so") {
  on_core([]() -> lull::task<> {
    lull::io_here();
    const test::few_descriptors none(0);
    const auto made = event_descriptor::make();
    CHECK(made.error() == std::errc::too_many_files_open);
    CHECK_THAT(made.message(), ContainsSubstring("make event descriptor: "));
    co_return;
  });
}
