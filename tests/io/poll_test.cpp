// SPDX-License-Identifier: MIT
#include <lull/io/poll.hpp>

#include <chrono>
#include <utility>
#include <variant>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/io/connect.hpp>
#include <lull/io/event_descriptor.hpp>
#include <lull/io/tcp_listener.hpp>
#include <lull/io/tcp_stream.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>
#include <lull/sched/timeout.hpp>
#include <lull/sched/when_any.hpp>

#include "descriptor_pair.hpp"
#include "noted_poll.hpp"
#include "on_core.hpp"
#include "temporary_folder.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::descriptor_pair;
using io_test::on_core;
using io_test::poll_and_note;
using lull::readiness;

namespace {

constexpr readiness both_ways = readiness::readable | readiness::writable;

}  // namespace

TEST_CASE("a poll gives what has come of what it asked for") {
  on_core([]() -> lull::task<> {
    const descriptor_pair pair;
    auto ready = co_await lull::poll(pair.near(), both_ways);
    CHECK(*ready == readiness::writable);
    pair.send("abc");
    ready = co_await lull::poll(pair.near(), both_ways);
    CHECK(*ready == both_ways);
    CHECK(has_any(*ready, readiness::readable));
    pair.fill();
    ready = co_await lull::poll(pair.near(), both_ways);
    CHECK(*ready == readiness::readable);
    pair.take(3);
    CHECK(lull::io_here().polls == 3);
  });
}

TEST_CASE("a long answer ends when the peer has left") {
  on_core([]() -> lull::task<> {
    auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
    auto caller = (co_await lull::connect(listener.local())).value();
    auto served = (co_await listener.accept()).value();
    (co_await caller.send_all("a question")).value();
    const auto question = co_await served.receive();  // and goes on receiving
    CHECK(question->size() == 10);
    lull::scope scope;
    bool ended = false;
    scope.spawn([&]() -> lull::task<> {
      auto answering = [](bool& stopped) -> lull::task<int> {
        stopped = !co_await lull::sleep(std::chrono::hours(1));
        co_return 42;
      };
      const auto first = co_await lull::when_any(
          answering(ended), lull::poll(served.descriptor(), readiness::peer_ended));
      CHECK(first.index == 1);
      CHECK(has_any(*std::get<1>(first.value), readiness::peer_ended));
    });
    co_await lull::sleep(std::chrono::milliseconds(1));
    CHECK(scope.size() == 1);
    co_await caller.close();
    co_await scope.join();
    CHECK(ended);
  });
}

TEST_CASE("a peer that only ends its sending half looks as if it had left, and still reads") {
  on_core([]() -> lull::task<> {
    auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
    auto caller = (co_await lull::connect(listener.local())).value();
    auto served = (co_await listener.accept()).value();
    (co_await caller.shutdown()).value();
    const auto ready = co_await lull::poll(served.descriptor(), readiness::peer_ended);
    CHECK(*ready == readiness::peer_ended);
    (co_await served.send_all("answer")).value();
    const auto answer = co_await caller.receive();
    CHECK(answer->size() == 6);
  });
}

TEST_CASE("a poll waits until something comes, and is told again while it is there") {
  on_core([]() -> lull::task<> {
    descriptor_pair pair;
    lull::scope scope;
    int readable = 0;
    scope.spawn([&]() -> lull::task<> {
      for (int i = 0; i < 3; ++i) {
        const auto ready = co_await lull::poll(pair.near(), readiness::readable);
        CHECK(*ready == readiness::readable);
        ++readable;
        if (i == 1) pair.take(1);
      }
    });
    co_await lull::sleep(std::chrono::milliseconds(2));
    CHECK(readable == 0);
    pair.send("a");
    while (readable < 2) co_await lull::yield();
    co_await lull::sleep(std::chrono::milliseconds(2));
    CHECK(readable == 2);
    pair.send("b");
    co_await scope.join();
  });
}

TEST_CASE("a poll is told of the peer's end, of errors and of room") {
  on_core([]() -> lull::task<> {
    descriptor_pair pair;
    pair.fill();
    lull::scope scope;
    bool writable = false;
    scope.spawn([&]() -> lull::task<> {
      const auto ready = co_await lull::poll(pair.near(), readiness::writable);
      writable = *ready == readiness::writable;
    });
    for (int i = 0; i < 3; ++i) co_await lull::yield();
    pair.drain();
    co_await scope.join();
    CHECK(writable);

    ::shutdown(pair.far(), SHUT_WR);
    auto ready = co_await lull::poll(pair.near(), readiness::peer_ended);
    CHECK(*ready == readiness::peer_ended);
    pair.close_far();
    ready = co_await lull::poll(pair.near(), readiness::none);
    CHECK(has_any(*ready, readiness::hung_up));
  });
}

TEST_CASE("a poll of nothing that is open fails, and of a file gives all at once") {
  const io_test::temporary_folder folder;
  folder.put("a", "text");
  on_core([&]() -> lull::task<> {
    const auto none = co_await lull::poll(12345, readiness::readable);
    CHECK(none.error() == std::errc::bad_file_descriptor);
    CHECK_THAT(none.message(),
               ContainsSubstring("poll descriptor 12345: ") && ContainsSubstring("it is not open"));
    const int file = ::open(folder.path("a").c_str(), O_RDWR | O_CLOEXEC);
    const auto ready = co_await lull::poll(file, both_ways);
    CHECK(*ready == both_ways);
    ::close(file);
  });
}

TEST_CASE("a poll ends by a stop before it began and in the kernel, and by its time") {
  on_core([]() -> lull::task<> {
    const descriptor_pair pair;
    std::vector<std::error_code> errors;
    for (const bool before : {true, false}) {
      lull::scope scope;
      if (before) scope.request_stop();
      scope.spawn(poll_and_note, pair.near(), readiness::readable, std::ref(errors));
      co_await lull::sleep(std::chrono::milliseconds(1));
      CHECK(errors.size() == (before ? 1 : 0));
      scope.request_stop();
      co_await scope.join();
      REQUIRE(errors.size() == 1);
      CHECK(errors[0] == std::errc::operation_canceled);
      errors.clear();
    }
    const auto late = co_await lull::timeout(std::chrono::milliseconds(1),
                                             lull::poll(pair.near(), readiness::readable));
    CHECK(late.timed_out());
    CHECK_THAT(late->message(), ContainsSubstring("its scope was asked to stop"));
    CHECK(pair.near_is_open());
  });
}

TEST_CASE("polls that wait for an entry of the ring are stopped too") {
  on_core(io_test::small_ring(4, 16), []() -> lull::task<> {
    const descriptor_pair pair;
    std::vector<std::error_code> errors;
    lull::scope scope;
    for (int i = 0; i < 64; ++i) {
      scope.spawn(poll_and_note, pair.near(), readiness::readable, std::ref(errors));
    }
    co_await lull::yield();
    scope.request_stop();
    co_await scope.join();
    CHECK(errors.size() == 64);
    for (const auto& error : errors) CHECK(error == std::errc::operation_canceled);
  });
}

TEST_CASE("a poll that races with its stop is told or stopped, and the bytes stay") {
  on_core([]() -> lull::task<> {
    const descriptor_pair pair;
    int told = 0;
    for (int i = 0; i < 60; ++i) {
      std::vector<std::error_code> errors;
      lull::scope scope;
      scope.spawn(poll_and_note, pair.near(), readiness::readable, std::ref(errors));
      for (int turn = 0; turn < i % 3; ++turn) co_await lull::yield();
      pair.send("a");
      if (i % 2 == 0) co_await lull::yield();
      scope.request_stop();
      co_await scope.join();
      REQUIRE(errors.size() == 1);
      if (!errors[0]) ++told;
      CHECK((!errors[0] || errors[0] == std::errc::operation_canceled));
      pair.take(1);
    }
    CHECK(told > 0);
    CHECK(told < 60);
  });
}

TEST_CASE("a poll that the close of one of lull's ended said that the kernel had no thread") {
  on_core([]() -> lull::task<> {
    auto event = lull::event_descriptor::make().value();
    std::vector<std::error_code> errors;
    lull::scope scope;
    scope.spawn(poll_and_note, event.descriptor(), readiness::readable, std::ref(errors));
    scope.spawn([&]() -> lull::task<> {
      const auto got = co_await event.read();
      CHECK(got.error() == std::errc::operation_canceled);
    });
    co_await lull::sleep(std::chrono::milliseconds(1));
    const auto closed = co_await event.close();
    CHECK(closed);
    co_await scope.join();
    REQUIRE(errors.size() == 1);
    CHECK(errors[0] == std::errc::operation_canceled);
  });
}
