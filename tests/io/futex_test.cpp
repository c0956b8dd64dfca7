// SPDX-License-Identifier: MIT
#include <lull/io/futex.hpp>

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <limits>
#include <new>
#include <optional>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/sched/scope.hpp>
#include <lull/sched/timeout.hpp>

#include "on_core.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using lull::futex_among;
using futex_word = std::atomic<std::uint32_t>;

namespace {

// What a foreign thread or process does.
long plain_wake(futex_word& word, bool shared) {
  return ::syscall(SYS_futex, &word, shared ? FUTEX_WAKE : FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1);
}

lull::task<> wait_for_wake(const futex_word& word, std::vector<std::error_code>& into) {
  const auto woken = co_await lull::futex_wait(word, 0);
  if (woken) CHECK(*woken);
  into.push_back(woken.error());
}

bool kernel_has_futexes() { return lull::detected_capabilities().futex; }

}  // namespace

TEST_CASE(
    "who waits for a word is woken by a foreign thread, and not kept by a word that differs") {
  if (!kernel_has_futexes()) SKIP("the kernel has no such operation");
  on_core([]() -> lull::task<> {
    futex_word word{0};
    std::atomic<bool> waiting{false};
    std::thread other([&] {
      waiting.wait(false);
      word.store(1);
      plain_wake(word, false);
    });
    lull::scope scope;
    scope.spawn([&]() -> lull::task<> {  // after an iteration, which has begun the wait
      co_await lull::sleep(std::chrono::milliseconds(1));
      waiting = true;
      waiting.notify_one();
    });
    int waits = 0;
    while (word.load() == 0) {
      const auto woken = co_await lull::futex_wait(word, 0);
      CHECK(woken);
      ++waits;
    }
    other.join();
    co_await scope.join();
    CHECK(waits == 1);
    const auto differs = co_await lull::futex_wait(word, 0);
    REQUIRE(differs);
    CHECK(!*differs);
    CHECK(lull::io_here().futexes == 2);
  });
}

TEST_CASE("so many are woken as asked for, and counted, with and without the operation") {
  if (!kernel_has_futexes()) SKIP("the kernel has no such operation");
  on_core([]() -> lull::task<> {
    const futex_word word{0};
    std::vector<std::error_code> ended;
    lull::scope scope;
    for (int i = 0; i < 5; ++i) scope.spawn(wait_for_wake, std::cref(word), std::ref(ended));
    co_await lull::sleep(std::chrono::milliseconds(1));
    const auto of_others = co_await lull::futex_wake(word, 5, futex_among::processes);
    CHECK(*of_others == 0);
    const auto two = co_await lull::futex_wake(word, 2);
    CHECK(*two == 2);
    co_await lull::sleep(std::chrono::milliseconds(1));
    CHECK(ended.size() == 2);
    const auto rest = co_await lull::futex_wake(word, std::numeric_limits<std::uint32_t>::max());
    CHECK(*rest == 3);
    co_await scope.join();
    CHECK(ended == std::vector<std::error_code>(5));
  });
}

TEST_CASE("a kernel without futexes in its ring refuses to wait, and wakes by a system call") {
  on_core(io_test::without(&lull::capabilities::futex), []() -> lull::task<> {
    futex_word word{0};
    const auto refused = co_await lull::futex_wait(word, 0);
    CHECK(refused.error() == std::errc::operation_not_supported);
    CHECK_THAT(refused.message(),
               ContainsSubstring("futex_wait futex: ") && ContainsSubstring("event_descriptor"));
    std::thread other([&] {
      while (word.load() == 0) ::syscall(SYS_futex, &word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 0, 0);
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const auto nobody = co_await lull::futex_wake(word, 0);
    CHECK(*nobody == 0);
    for (std::uint32_t woken = 0; woken == 0;) {
      const auto got = co_await lull::futex_wake(word, std::numeric_limits<std::uint32_t>::max());
      REQUIRE(got);
      woken = *got;
      co_await lull::sleep(std::chrono::microseconds(100));
    }
    word.store(1);
    const auto last = co_await lull::futex_wake(word);
    CHECK(last);
    other.join();
  });
}

TEST_CASE("a word that processes share is woken by another process") {
  if (!kernel_has_futexes()) SKIP("the kernel has no such operation");
  void* const memory =
      ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(memory != MAP_FAILED);
  auto& word = *new (memory) futex_word(0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::usleep(2000);
    word.store(1);
    for (int i = 0; i < 1000 && plain_wake(word, true) == 0; ++i) ::usleep(1000);
    ::_exit(0);
  }
  on_core([&]() -> lull::task<> {
    // Not by the word alone: the child wakes until somebody was.
    for (bool awake = false; !awake;) {
      const auto woken = co_await lull::futex_wait(word, word.load(), futex_among::processes);
      REQUIRE(woken);
      awake = *woken;  // or the word has changed since it was looked at
    }
  });
  CHECK(word.load() == 1);
  CHECK(::waitpid(child, nullptr, 0) == child);
  ::munmap(memory, 4096);
}

TEST_CASE("a wait for a word is stopped before it began and in the kernel, and timed out") {
  if (!kernel_has_futexes()) SKIP("the kernel has no such operation");
  on_core([]() -> lull::task<> {
    const futex_word word{0};
    std::vector<std::error_code> ended;
    for (const bool before : {true, false}) {
      lull::scope scope;
      if (before) scope.request_stop();
      scope.spawn(wait_for_wake, std::cref(word), std::ref(ended));
      co_await lull::sleep(std::chrono::milliseconds(1));
      scope.request_stop();
      co_await scope.join();
      REQUIRE(ended.size() == 1);
      CHECK(ended[0] == std::errc::operation_canceled);
      ended.clear();
    }
    const auto late =
        co_await lull::timeout(std::chrono::milliseconds(1), lull::futex_wait(word, 0));
    CHECK(late.timed_out());
    // Nobody is left in the kernel.
    const auto woken = co_await lull::futex_wake(word, 10);
    CHECK(*woken == 0);
  });
}

TEST_CASE("a wake that races with a stop is given to who was woken") {
  if (!kernel_has_futexes()) SKIP("the kernel has no such operation");
  on_core([]() -> lull::task<> {
    const futex_word word{0};
    std::uint32_t counted = 0;
    std::uint32_t told = 0;
    for (int i = 0; i < 60; ++i) {
      std::vector<std::error_code> ended;
      lull::scope scope;
      scope.spawn(wait_for_wake, std::cref(word), std::ref(ended));
      for (int turn = 0; turn < i % 4; ++turn) co_await lull::sleep(lull::nanoseconds(1));
      lull::scope waking;
      waking.spawn([&]() -> lull::task<> {
        const auto woken = co_await lull::futex_wake(word);
        counted += *woken;
      });
      if (i % 2 == 0) co_await lull::yield();
      if (i % 3 == 0) co_await lull::sleep(lull::nanoseconds(1));
      scope.request_stop();
      co_await scope.join();
      co_await waking.join();
      REQUIRE(ended.size() == 1);
      if (!ended[0]) ++told;
    }
    CHECK(told == counted);
    CHECK(told > 0);
    CHECK(told < 60);
  });
}
