// SPDX-License-Identifier: MIT
// What is chosen for the ring changes nothing of what a service does.
#include <catch2/catch_test_macros.hpp>
#include <lull/io/connect.hpp>
#include <lull/io/tcp_listener.hpp>
#include <lull/io/tcp_stream.hpp>
#include <lull/sched/run_on.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/timeout.hpp>
#include <string>

#include "echo_service.hpp"

namespace {

// Whether the listener's service sends `text` back.
lull::task<bool> echoes(lull::address where, std::string text) {
  auto stream = co_await lull::connect(where);
  if (!stream) co_return false;
  auto sent = co_await stream->send_all(text);
  std::string back;
  while (sent && back.size() < text.size()) {
    auto got = co_await stream->receive();
    if (!got || got->empty()) break;
    back += got->text();
  }
  co_await stream->close();
  co_return back == text;
}

struct answers {
  int echoed = 0;
  int called = 0;
  int timed_out = 0;
};

// Two cores on one processor: they sleep, wake each other, receive, send, cancel.
answers serve_with(const lull::ring_options& ring) {
  lull::run_options options{.cores = {0, 0}, .handle_signals = false};
  options.core.ring = ring;
  answers of[2];
  lull::runtime cores(options);
  cores.run([&]() -> lull::task<> {
    answers& mine = of[lull::this_core()];
    auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
    lull::scope all;
    all.spawn(io_test::serve_echo, std::ref(listener), std::ref(all));
    const lull::address where = listener.local();
    for (int i = 0; i < 20; ++i) {
      auto once = echoes(where, std::string(static_cast<std::size_t>(1 + i * 500), 'x'));
      if (co_await std::move(once)) ++mine.echoed;
      const unsigned other = 1 - lull::this_core();
      if (co_await lull::run_on(other, [] { return lull::this_core(); }) == other) ++mine.called;
    }
    auto silent = co_await lull::connect(where);
    if (silent) {
      auto got = co_await lull::timeout(std::chrono::milliseconds(1), silent->receive());
      if (!got) ++mine.timed_out;
      co_await silent->close();
    }
    co_await listener.close();
    co_await all.join();
  });
  return {of[0].echoed + of[1].echoed, of[0].called + of[1].called,
          of[0].timed_out + of[1].timed_out};
}

void check(const answers& got) {
  CHECK(got.echoed == 40);
  CHECK(got.called == 40);
  CHECK(got.timed_out == 2);
}

}  // namespace

TEST_CASE("a service runs on restricted rings") { check(serve_with({.restricted = true})); }
