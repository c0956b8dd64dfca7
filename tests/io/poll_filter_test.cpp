// SPDX-License-Identifier: MIT
// Polls of streams whose peer has ended its half, where that was not asked for.
#include <sys/socket.h>

#include <chrono>
#include <functional>
#include <system_error>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/io/connect.hpp>
#include <lull/io/poll.hpp>
#include <lull/io/tcp_listener.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>
#include <lull/sched/timeout.hpp>

#include "../few_descriptors.hpp"
#include "descriptor_pair.hpp"
#include "noted_poll.hpp"
#include "on_core.hpp"

using io_test::descriptor_pair;
using io_test::on_core;
using io_test::poll_and_note;
using lull::readiness;

TEST_CASE(
    "a poll was told at once, and again and again, that its peer had ended, and had not asked") {
  on_core([]() -> lull::task<> {
    for (const auto wanted : {readiness::writable, readiness::hung_up, readiness::none}) {
      descriptor_pair pair;
      pair.fill();
      REQUIRE(::shutdown(pair.far(), SHUT_WR) == 0);
      const auto in_vain =
          co_await lull::timeout(std::chrono::milliseconds(3), lull::poll(pair.near(), wanted));
      CHECK(in_vain.timed_out());
      CHECK(in_vain->error() == std::errc::operation_canceled);
      lull::scope scope;
      readiness came = readiness::none;
      scope.spawn([&]() -> lull::task<> {
        const auto ready = co_await lull::poll(pair.near(), wanted);
        came = ready.value();
      });
      co_await lull::sleep(std::chrono::milliseconds(1));
      CHECK(came == readiness::none);
      pair.drain();
      if (wanted != readiness::writable) pair.close_far();
      co_await scope.join();
      CHECK(came == (wanted == readiness::writable ? wanted : readiness::hung_up));
    }
  });
}

TEST_CASE("a poll that has no descriptor to hear through says so") {
  on_core([]() -> lull::task<> {
    const descriptor_pair pair;
    pair.fill();
    REQUIRE(::shutdown(pair.far(), SHUT_WR) == 0);
    auto polling = [&]() -> lull::task<lull::result<readiness>> {
      co_return co_await lull::poll(pair.near(), readiness::writable);
    };
    std::error_code error;
    {
      const test::few_descriptors none(3);
      auto trying = polling();
      error = (co_await std::move(trying)).error();
    }
    CHECK(error == std::errc::too_many_files_open);
    auto trying = polling();
    const auto later = co_await lull::timeout(std::chrono::milliseconds(1), std::move(trying));
    CHECK(later.timed_out());
  });
}

TEST_CASE(
    "a close of one of lull's ended no poll of it, which went on with who had its number next") {
  on_core([]() -> lull::task<> {
    auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
    for (const int ended : {0, 1, 2}) {  // the peer's half: not, long before, and just now
      auto near = (co_await lull::connect(listener.local())).value();
      auto far = (co_await listener.accept()).value();
      if (ended == 1) (co_await far.shutdown()).value();
      std::vector<std::error_code> errors;
      lull::scope scope;
      scope.spawn(poll_and_note, near.descriptor(), readiness::priority, std::ref(errors));
      co_await lull::sleep(std::chrono::milliseconds(2));
      CHECK(errors.empty());
      if (ended == 2) REQUIRE(::shutdown(far.descriptor(), SHUT_WR) == 0);
      co_await near.close();
      co_await scope.join();
      REQUIRE(errors.size() == 1);
      CHECK(errors[0] == std::errc::operation_canceled);
    }
  });
}

TEST_CASE("a poll that began while its stream was being closed kept it open") {
  on_core([]() -> lull::task<> {
    auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
    auto near = (co_await lull::connect(listener.local())).value();
    auto far = (co_await listener.accept()).value();
    const int number = near.descriptor();
    lull::scope scope;
    bool ended = false;
    scope.spawn([&]() -> lull::task<> {  // in flight, so that the close waits for its cancel
      const auto got = co_await near.receive();
      ended = got.error() == std::errc::operation_canceled;
    });
    co_await lull::sleep(std::chrono::milliseconds(1));
    std::vector<std::error_code> errors;
    lull::scope closing;
    closing.spawn([&near]() -> lull::task<> { (void)co_await near.close(); });
    closing.spawn(poll_and_note, number, readiness::priority, std::ref(errors));
    co_await closing.join();
    co_await scope.join();
    CHECK(ended);
    REQUIRE(errors.size() == 1);
    CHECK(errors[0] == std::errc::operation_canceled);
    const auto end = co_await far.receive();
    CHECK(end->empty());
  });
}
