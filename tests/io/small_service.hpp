// SPDX-License-Identifier: MIT
#pragma once

// Two cores that each serve echo and ask for it, call each other, sleep, and give up a receive: all
// that a service asks of a ring. It counts what went well, so that a test can run it where the ring
// has a hard time.

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include <lull/io/connect.hpp>
#include <lull/io/tcp_listener.hpp>
#include <lull/io/tcp_stream.hpp>
#include <lull/sched/run_on.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>
#include <lull/sched/timeout.hpp>

#include "echo_service.hpp"

namespace io_test {

struct service_result {
  int echoed = 0;
  int called = 0;
  int timed_out = 0;
  std::uint64_t refusals = 0;
  std::uint64_t overflows = 0;

  // What a run counts in which nothing was lost.
  bool is_whole() const noexcept { return echoed == 80 && called == 40 && timed_out == 2; }
};

inline lull::task<> echo_once(lull::address where, std::size_t bytes, int* echoed) {
  const std::string text(bytes, 'x');
  auto stream = co_await lull::connect(where);
  if (!stream) co_return;
  auto sent = co_await stream->send_all(text);
  std::string back;
  while (sent && back.size() < text.size()) {
    auto got = co_await stream->receive();
    if (!got || got->empty()) break;
    back += got->text();
  }
  co_await stream->close();
  if (back == text) ++*echoed;
}

inline lull::task<> ask_of(lull::address where, service_result* mine) {
  lull::scope at_once;
  for (std::size_t i = 0; i < 20; ++i) at_once.spawn(echo_once, where, i + 1, &mine->echoed);
  co_await at_once.join();
  for (std::size_t i = 0; i < 20; ++i) {
    auto once = echo_once(where, 1 + i * 500, &mine->echoed);
    co_await std::move(once);
    const unsigned other = 1 - lull::this_core();
    if (co_await lull::run_on(other, [] { return lull::this_core(); }) == other) ++mine->called;
    co_await lull::sleep(std::chrono::microseconds(10));
  }
  auto silent = co_await lull::connect(where);
  if (!silent) co_return;
  auto got = co_await lull::timeout(std::chrono::milliseconds(1), silent->receive());
  if (!got) ++mine->timed_out;
  co_await silent->close();
}

inline service_result run_small_service(const lull::core_options& core) {
  lull::run_options options{.cores = {0, 0}, .handle_signals = false};
  options.core = core;
  service_result of[2];
  lull::runtime cores(options);
  cores.run([&]() -> lull::task<> {
    service_result& mine = of[lull::this_core()];
    auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
    lull::scope all;
    all.spawn(serve_echo, std::ref(listener), std::ref(all));
    auto work = ask_of(listener.local(), &mine);
    co_await std::move(work);
    co_await listener.close();
    co_await all.join();
    const auto& counts = lull::core::current().submissions().statistics();
    mine.refusals = counts.refusals;
    mine.overflows = counts.overflows;
  });
  return {of[0].echoed + of[1].echoed, of[0].called + of[1].called,
          of[0].timed_out + of[1].timed_out, of[0].refusals + of[1].refusals,
          of[0].overflows + of[1].overflows};
}

}  // namespace io_test
