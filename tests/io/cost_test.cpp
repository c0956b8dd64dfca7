// SPDX-License-Identifier: MIT
// What a request and an idle connection cost, in counts.
#include <array>
#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <lull/io/connect.hpp>
#include <lull/io/event_descriptor.hpp>
#include <lull/io/futex.hpp>
#include <lull/io/pipe.hpp>
#include <lull/io/poll.hpp>
#include <lull/io/tcp_listener.hpp>
#include <lull/sched/scope.hpp>

#include "../allocations.hpp"
#include "echo_service.hpp"
#include "on_core.hpp"

TEST_CASE("a connection without traffic takes little memory") {
  CHECK(sizeof(lull::tcp_stream) == sizeof(void*));
  CHECK(sizeof(lull::detail::stream_state) <= 300);
  CHECK(sizeof(lull::received) <= 24);
}

TEST_CASE("a request allocates nothing in the long run") {
  test::need_allocations();
  io_test::on_core([]() -> lull::task<> {
    auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
    lull::scope served;
    served.spawn(io_test::serve_echo, std::ref(listener), std::ref(served));
    auto stream = co_await lull::connect(listener.local());
    REQUIRE(stream);
    bool good = true;
    std::size_t before = 0;
    for (int i = 0; i < 2000 && good; ++i) {
      if (i == 1000) before = test::allocations();
      auto sent = co_await stream->send_all("a request");
      std::size_t bytes = 0;
      while (good && bytes < 9) {
        auto got = co_await stream->receive();
        good = sent && got && !got->empty();
        if (good) bytes += got->size();
      }
    }
    const std::size_t after = test::allocations();  // a CHECK allocates itself
    CHECK(good);
    CHECK(before > 0);
    CHECK(after - before == 0);
    co_await listener.close();
    co_await stream->close();
    co_await served.join();
  });
}

TEST_CASE("pipes, counters, polls and wakes allocate nothing in the long run") {
  test::need_allocations();
  io_test::on_core([]() -> lull::task<> {
    auto pipe = lull::pipe().value();
    auto event = lull::event_descriptor::make().value();
    const std::atomic<std::uint32_t> word{0};
    std::array<std::byte, 8> into;
    bool good = true;
    std::size_t before = 0;
    for (int i = 0; i < 200 && good; ++i) {
      if (i == 100) before = test::allocations();
      const auto written = co_await pipe.writer.write_all("8 bytes.");
      const auto ready = co_await lull::poll(pipe.reader.descriptor(), lull::readiness::readable);
      const auto read = co_await pipe.reader.read_exactly(into);
      const auto added = co_await event.add(1);
      const auto counted = co_await event.read();
      const auto woken = co_await lull::futex_wake(word);
      good = written && ready && read && added && counted && woken;
    }
    const std::size_t after = test::allocations();
    CHECK(good);
    CHECK(before > 0);
    CHECK(after - before == 0);
  });
}
