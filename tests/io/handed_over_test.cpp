// SPDX-License-Identifier: MIT
// Connections that other cores hand to a listener whose own accept the kernel has not taken yet.
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include <catch2/catch_test_macros.hpp>

#include <lull/io/accept.hpp>
#include <lull/io/listener_state.hpp>
#include <lull/io/poll.hpp>
#include <lull/sched/scope.hpp>

#include "../ring/observer.hpp"
#include "on_core.hpp"

namespace {

// Takes no submission for as long as it is busy.
class busy_kernel : public test::passing_kernel {
 public:
  int enter(int descriptor, unsigned submit, unsigned wait_for, unsigned flags,
            const void* argument, std::size_t bytes) noexcept override {
    if (busy) return -EAGAIN;
    return passing_kernel::enter(descriptor, submit, wait_for, flags, argument, bytes);
  }

  bool busy = false;
};

struct accept_by_hand : lull::detail::accept_connection {
  using accept_connection::accept_connection;
  bool await_resume() {
    auto taken = take();
    if (taken) (*taken)->abandon();
    return static_cast<bool>(taken);
  }
};

}  // namespace

TEST_CASE("connections handed over while an accept waited for room ended the program") {
  busy_kernel kernel;
  lull::core_options options = io_test::small_ring(2, 4);
  io_test::on_core(
      options,
      [&]() -> lull::task<> {
        const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        REQUIRE(::listen(socket, 5) == 0);
        auto& here = lull::detail::io_core::of(lull::core::current());
        auto* const listener = new lull::detail::listener_state(here, socket, lull::address());
        kernel.busy = true;
        bool accepted = false;
        lull::scope waiting;
        for (int i = 0; i < 2; ++i) {  // all the room that there is
          waiting.spawn([socket]() -> lull::task<> {
            (void)co_await lull::poll(socket, lull::readiness::priority);
          });
        }
        waiting.spawn([&]() -> lull::task<> { accepted = co_await accept_by_hand(*listener); });
        co_await lull::yield();
        for (std::size_t i = 0; i < lull::limits::untaken_connections + 2; ++i) {
          listener->take_over(::dup(socket));
        }
        co_await lull::yield();
        CHECK(accepted);
        kernel.busy = false;
        listener->abandon();
        waiting.request_stop();
        co_await waiting.join();
      },
      kernel);
}
