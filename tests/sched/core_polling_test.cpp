// SPDX-License-Identifier: MIT
// Whether a core polls, by what comes to it, from the kernel or as messages; the policy itself is
// poll_policy_test.cpp's.

#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <utility>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/core.hpp>

#include "../ring/observer.hpp"
#include "helpers.hpp"

using namespace std::chrono_literals;

namespace {

// A core that has nothing to do but what comes to it: of ten polls to the first so many, while it
// polls, and otherwise when it is about to sleep. Every reading of its clock is a microsecond
// later.
class idle_core : test::passing_kernel {
 public:
  explicit idle_core(int polls_that_pay)
      : pays_(polls_that_pay), core(0, shared, options(*this), *this) {}

  // `brings` makes something come to the core. The share of idle moments that it polls from.
  double share_polled(std::function<void()> brings) {
    brings_ = std::move(brings);
    const lull::core_statistics begun = run(500);
    const lull::core_statistics ended = run(10'000);
    brings_ = nullptr;
    core.wind_up();
    return static_cast<double>(ended.polls - begun.polls) / 10'000;
  }

 private:
  static lull::core_options options(const idle_core& self) {
    lull::core_options options = test::driven_cores::small_options();
    options.clock = {&idle_core::read_clock, &self};
    return options;
  }
  static lull::time_point read_clock(const void* self) noexcept {
    auto& here = *static_cast<idle_core*>(const_cast<void*>(self));
    if (here.brings_ && here.polls_ != here.core.statistics().polls) {  // one has begun
      here.polls_ = here.core.statistics().polls;
      if (here.polls_ % 10 < static_cast<unsigned>(here.pays_)) here.bring();
    }
    return here.now_ += 1us;
  }
  int enter(int descriptor, unsigned submit, unsigned wait_for, unsigned flags,
            const void* argument, std::size_t bytes) noexcept override {
    if (wait_for != 0 && brings_) bring();
    return passing_kernel::enter(descriptor, submit, wait_for, flags, argument, bytes);
  }

  void bring() {
    ++moments_;
    brings_();
  }
  // For so many more idle moments.
  lull::core_statistics run(int moments) {
    for (const int end = moments_ + moments; moments_ < end;) {
      core.iterate(lull::when_idle::sleep);
    }
    return core.statistics();
  }

  const int pays_;
  lull::time_point now_{1h};
  std::function<void()> brings_;
  std::uint64_t polls_ = 0;  // that have begun
  int moments_ = 0;

 public:
  lull::domain shared;
  lull::core core;
};

// Takes a byte from a socket, and asks for the next.
class byte_receiver : lull::completion_target {
 public:
  byte_receiver(lull::core& on, int socket) noexcept
      : completion_target(&byte_receiver::received), core_(on), socket_(socket) {
    ask();
  }

 private:
  static void received(completion_target& self, lull::completion what) noexcept {
    if (what.result == 1) static_cast<byte_receiver&>(self).ask();
  }
  void ask() noexcept { core_.submissions().try_submission(this).receive(socket_, &byte_, 1, 0); }

  lull::core& core_;
  const int socket_;
  char byte_ = 0;
};

struct nothing : lull::detail::message {
  nothing() noexcept : message([](message&) noexcept {}) {}
};

double polled_for_messages(int pays) {
  nothing said;
  idle_core one(pays);
  return one.share_polled([&] { one.core.post(said); });
}

// With a message that another core leaves beside each, which wakes nobody.
enum class left { nothing, message };
double polled_for_bytes(int pays, left beside = left::nothing) {
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  double share = 0;
  {
    idle_core one(pays);
    lull::core other(1, one.shared, test::driven_cores::small_options());
    one.core.connect({&one.core, &other});
    other.connect({&one.core, &other});
    nothing said;
    byte_receiver bytes(one.core, ends[0]);
    share = one.share_polled([&] {
      if (beside == left::message) {
        const lull::core::inside there(other);
        other.leave_with(one.core, said);
        other.iterate(lull::when_idle::come_back);
      }
      static_cast<void>(::send(ends[1], "x", 1, MSG_NOSIGNAL));
    });
    other.wind_up();
    ::close(ends[1]);
    one.core.submissions().wait(1s);
    one.core.submissions().reap();
  }
  ::close(ends[0]);
  return share;
}

}  // namespace

TEST_CASE("a core tries to poll of 32 sleeps that messages end, and of 128 that the kernel ends") {
  const double for_messages = polled_for_messages(0);
  CHECK(for_messages > 0.9 / 32);
  CHECK(for_messages < 1.1 / 32);
  const double for_bytes = polled_for_bytes(0);
  CHECK(for_bytes > 0.8 / 128);
  CHECK(for_bytes < 1.2 / 128);
}

TEST_CASE("a core polls on where five of ten polls find a message, and not where six find bytes") {
  CHECK(polled_for_messages(5) > 0.9);
  CHECK(polled_for_bytes(6) < 0.1);
  CHECK(polled_for_bytes(10) > 0.9);
}

TEST_CASE(
    "messages that lay in the inbox when the kernel woke a core were taken for what woke it") {
  const double share = polled_for_bytes(0, left::message);
  CHECK(share > 0.8 / 128);
  CHECK(share < 1.2 / 128);
}
