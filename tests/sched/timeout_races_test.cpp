// SPDX-License-Identifier: MIT
// What ends just as its time is up: in the same iteration, in the kernel, or by a stop.
#include <lull/sched/timeout.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/operation.hpp>

#include "helpers.hpp"
#include "waits.hpp"

using namespace std::chrono_literals;

namespace {

// A connected pair of sockets, and an operation that receives a byte.
struct two_ends {
  two_ends() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0); }
  ~two_ends() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  two_ends(const two_ends&) = delete;
  two_ends& operator=(const two_ends&) = delete;
  int ends[2];
};
class receive_byte : public lull::detail::operation<receive_byte> {
 public:
  static constexpr const char* name = "receive";

  receive_byte(int socket, char* into) noexcept : socket_(socket), into_(into) {}
  void prepare(lull::submission entry) noexcept { entry.receive(socket_, into_, 1, 0); }
  int await_resume() const noexcept { return answer(); }

 private:
  int socket_;
  char* into_;
};

}  // namespace

TEST_CASE("a result that races with the time in one iteration is delivered") {
  test::driven_cores cores(1);
  test::watched tasks(cores);
  test::gate first, second, third;
  test::opening open_first(first), open_second(second), open_third(third);
  int done = 0;
  tasks.spawn([&]() -> lull::task<> {
    const auto owned = [](test::gate& opens) -> lull::task<std::unique_ptr<int>> {
      co_await opens;
      co_return std::make_unique<int>(7);
    };
    const auto number = [](test::gate& opens) -> lull::task<int> {
      co_await opens;
      co_return 8;
    };
    const auto got = co_await lull::timeout(5ms, owned(first));
    REQUIRE_FALSE(got.timed_out());
    REQUIRE(**got == 7);
    ++done;
    const auto late = co_await lull::timeout(5ms, number(second));
    REQUIRE(late.timed_out());  // a number does not say whether it is a success
    REQUIRE(*late == 8);
    ++done;
    const bool in_time = co_await lull::timeout(5ms, third);
    REQUIRE_FALSE(in_time);
    ++done;
  });
  for (test::opening* one : {&open_first, &open_second, &open_third}) {
    cores.turn();
    cores.turn();
    cores.clock.advance(5ms);
    cores.cores[0]->post(*one);
    cores.turn();
  }
  tasks.finish();
  REQUIRE(done == 3);
}

TEST_CASE("a limit that is up while it is being stopped already is not what stopped it") {
  test::driven_cores cores(1);
  test::watched tasks(cores);
  test::gate stops;
  bool ended = false;
  tasks.spawn([&]() -> lull::task<> {
    const auto slow = [&]() -> lull::task<bool> {
      const bool slept = co_await lull::sleep(1h);
      co_await stops;
      co_return slept;
    };
    const auto got = co_await lull::timeout(5ms, slow());
    REQUIRE_FALSE(got.timed_out());
    REQUIRE(*got == false);
    ended = true;
  });
  cores.turn();
  tasks.request_stop();
  cores.turn();
  cores.clock.advance(10ms);
  cores.turn();
  test::opening open(stops);
  cores.cores[0]->post(open);
  tasks.finish();
  REQUIRE(ended);
}

TEST_CASE("a thousand receives with limits are cancelled in the kernel and waited for") {
  test::driven_cores cores(1);
  test::watched tasks(cores);
  two_ends sockets;
  int canceled = 0;
  for (int i = 0; i < 1'000; ++i) {
    tasks.spawn([&]() -> lull::task<> {
      char byte = 0;
      const auto got = co_await lull::timeout(5ms, receive_byte(sockets.ends[0], &byte));
      if (got.timed_out() && *got == -ECANCELED) ++canceled;
    });
  }
  for (int i = 0; i < 200; ++i) cores.turn();
  REQUIRE(canceled == 0);
  cores.clock.advance(5ms);
  tasks.finish();
  REQUIRE(canceled == 1'000);
}

TEST_CASE("bytes that come as the time is up are given, or stay where they were") {
  test::driven_cores cores(1);
  two_ends sockets;
  for (int i = 0; i < 200; ++i) {
    test::watched tasks(cores);
    char byte = 0;
    int answer = 0;
    tasks.spawn([&]() -> lull::task<> {
      const auto got = co_await lull::timeout(5ms, receive_byte(sockets.ends[0], &byte));
      answer = *got;
    });
    cores.turn();
    cores.turn();
    const char sent = 'x';
    REQUIRE(::send(sockets.ends[1], &sent, 1, 0) == 1);
    cores.clock.advance(5ms);
    tasks.finish();
    if (answer != 1) REQUIRE(answer == -ECANCELED);
    char left = 0;
    const auto rest = ::recv(sockets.ends[0], &left, 1, MSG_DONTWAIT);
    REQUIRE((answer == 1 ? byte == 'x' && rest < 0 : rest == 1 && left == 'x'));
  }
}

TEST_CASE("a limited wait that was stopped passed for one that had come true") {
  test::run_alone([]() -> lull::task<> {
    lull::event never;
    lull::scope all;
    bool came = true;
    bool late = true;
    all.spawn([&]() -> lull::task<> {
      const auto waited = co_await lull::timeout(std::chrono::hours(1), never.wait());
      came = static_cast<bool>(waited);
      late = waited.timed_out();
    });
    co_await lull::yield();
    all.request_stop();
    co_await all.join();
    CHECK_FALSE(came);
    CHECK_FALSE(late);
  });
}
