// SPDX-License-Identifier: MIT
// A server that all cores share.
#include <array>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include <lull/io/tcp_listener.hpp>
#include <lull/sched/phase_barrier.hpp>
#include <lull/sched/run_on.hpp>
#include <lull/sched/runtime.hpp>

#include "tls_pair.hpp"

namespace {

// Answers every connection with one byte, until it is stopped.
lull::task<> answer(lull::tcp_listener& listener, lull::tls_server server) {
  for (;;) {
    auto connection = co_await listener.accept();
    if (!connection) co_return;
    auto accepting = lull::tls_accept(std::move(*connection), server);
    auto stream = co_await std::move(accepting);
    if (!stream) continue;
    auto sending = stream->send_all("x");
    (void)co_await std::move(sending);
    co_await stream->close();
  }
}

lull::task<bool> ask(lull::address where, lull::tls_client client, bool& resumed) {
  auto connection = co_await lull::connect(where);
  if (!connection) co_return false;
  auto securing = lull::tls_connect(std::move(*connection), client, "a.test");
  auto stream = co_await std::move(securing);
  if (!stream) co_return false;
  resumed = stream->is_resumed();
  auto hearing = tls_test::hear(*stream, 2);
  const std::string got = co_await std::move(hearing);
  co_return got == "x";
}

}  // namespace

TEST_CASE("a ticket that one core gave is taken by another that shares the server") {
  const lull::tls_server server = tls_test::common_server();
  std::array<lull::address, 2> where;
  std::array<int, 2> answered{}, resumed_by{};
  lull::runtime cores(lull::run_options{.cores = {0, 0}, .handle_signals = false});
  cores.run([&]() -> lull::task<> {
    const unsigned here = lull::this_core(), other = 1 - here;
    auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
    where[here] = listener.local();
    lull::scope serving;
    serving.spawn(answer, std::ref(listener), server);
    // The other has bound when it can be asked where.
    lull::address there;
    while (!there) {
      there = co_await lull::run_on(other, [&where, other] { return where[other]; });
    }
    const lull::tls_client client = tls_test::common_client();
    for (int i = 0; i < 20; ++i) {
      bool resumed = false;
      auto asking = ask(i % 2 == 0 ? there : where[here], client, resumed);
      const bool good = co_await std::move(asking);
      answered[here] += good ? 1 : 0;
      resumed_by[here] += resumed ? 1 : 0;
    }
    // Nobody goes while the other still asks.
    while (co_await lull::run_on(other, [&answered, other] { return answered[other]; }) < 20) {
      co_await lull::sleep(std::chrono::milliseconds(1));
    }
    co_await listener.close();
    co_await serving.join();
  });
  for (const unsigned core : {0U, 1U}) {
    CHECK(answered[core] == 20);
    CHECK(resumed_by[core] == 19);
  }
}
