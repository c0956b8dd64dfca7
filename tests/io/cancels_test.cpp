// SPDX-License-Identifier: MIT
// How often the kernel is asked to end what is in flight, and by what it finds that.
#include <array>
#include <chrono>
#include <functional>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>

#include "../ring/watching_kernel.hpp"
#include "connected.hpp"
#include "on_core.hpp"

using io_test::connection;
using io_test::on_core;

namespace {

constexpr int connections = 40;

class counting_cancels : public test::watching_kernel {
 public:
  int one = 0;            // of one, by its address
  int by_descriptor = 0;  // of all that have it: the kernel looks at everything in flight

 private:
  void handed_over(io_uring_sqe& entry) noexcept override {
    if (entry.opcode != IORING_OP_ASYNC_CANCEL) return;
    ++((entry.cancel_flags & IORING_ASYNC_CANCEL_FD) != 0 ? by_descriptor : one);
  }
};

lull::task<> receive_once(lull::tcp_stream& stream, bool into_own_buffer) {
  if (into_own_buffer) {
    std::array<std::byte, 8> room;
    const auto got = co_await stream.receive(room);
    CHECK(got.error() == std::errc::operation_canceled);
  } else {
    const auto got = co_await stream.receive();
    CHECK(got.error() == std::errc::operation_canceled);
  }
}

// As a core that has more to do in a turn than the first pause before a cancel is repeated.
void be_busy() {
  const auto end = std::chrono::steady_clock::now() + 3 * lull::limits::first_repeat;
  while (std::chrono::steady_clock::now() < end) {}
}

lull::task<> keep_busy(const bool& over) {
  while (!over) {
    be_busy();
    co_await lull::yield();
  }
}

}  // namespace

TEST_CASE("a stop or a close on a busy core was told to the kernel again and again") {
  for (const bool by_close : {false, true}) {
    for (const bool into_own_buffer : {false, true}) {
      if (!by_close && !into_own_buffer) continue;  // cancels nothing
      counting_cancels kernel;
      on_core(
          {},
          [&]() -> lull::task<> {
            std::vector<connection> all;
            for (int i = 0; i < connections; ++i) all.push_back(co_await io_test::connected());
            lull::scope receiving;
            for (connection& each : all) {
              receiving.spawn(receive_once, std::ref(each.stream), into_own_buffer);
            }
            co_await lull::sleep(std::chrono::milliseconds(1));
            bool over = false;
            lull::scope others;
            for (int i = 0; i < 3; ++i) others.spawn(keep_busy, std::cref(over));
            co_await lull::yield();
            kernel.one = kernel.by_descriptor = 0;
            lull::scope closing;
            if (by_close) {
              for (connection& each : all) {
                closing.spawn([&each]() -> lull::task<> { co_await each.stream.close(); });
              }
            } else {
              receiving.request_stop();
            }
            be_busy();
            co_await receiving.join();
            co_await closing.join();
            CHECK(kernel.one == connections);
            CHECK(kernel.by_descriptor == 0);
            over = true;
            co_await others.join();
          },
          kernel);
    }
  }
}
