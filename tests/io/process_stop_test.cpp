// SPDX-License-Identifier: MIT
// Child processes and stops: nothing is left running, no zombie, and no end lost.
#include <signal.h>

#include <new>
#include <optional>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/sched/scope.hpp>
#include <lull/sched/timeout.hpp>

#include "../allocations.hpp"
#include "children.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::has_children;
using io_test::in_both_ways;
using io_test::in_runtime;
using io_test::start_shell;
using io_test::start_with;
using lull::exit_status;

namespace {

lull::task<> wait_into(lull::process& child, std::optional<lull::result<exit_status>>& into) {
  auto status = co_await child.wait();
  into.emplace(std::move(status));
}

lull::task<> start_into(std::error_code& error) {
  auto child = co_await start_shell("exec sleep 100");
  error = child.error();
}

}  // namespace

TEST_CASE("waiting is stopped and timed out, and the child goes on") {
  in_both_ways([]() -> lull::task<> {
    auto child = co_await start_shell("exec sleep 100");
    REQUIRE(child);
    std::optional<lull::result<exit_status>> status;
    for (const bool before : {true, false}) {
      lull::scope scope;
      if (before) scope.request_stop();
      scope.spawn(wait_into, std::ref(*child), std::ref(status));
      co_await lull::sleep(std::chrono::milliseconds(1));
      scope.request_stop();
      co_await scope.join();
      CHECK(status->error() == std::errc::operation_canceled);
      CHECK_THAT(status->message(), ContainsSubstring("wait /bin/sh: "));
    }
    const auto late = co_await lull::timeout(std::chrono::milliseconds(1), child->wait());
    CHECK(late.timed_out());
    CHECK(child->is_running());
    // Several may wait.
    std::optional<lull::result<exit_status>> of_second;
    lull::scope scope;
    scope.spawn(wait_into, std::ref(*child), std::ref(status));
    scope.spawn(wait_into, std::ref(*child), std::ref(of_second));
    co_await lull::yield();
    static_cast<void>(child->send_signal(SIGKILL));
    co_await scope.join();
    CHECK(**status == exit_status{.signal = SIGKILL});
    CHECK(**of_second == exit_status{.signal = SIGKILL});
  });
}

TEST_CASE("a child whose process is dropped is killed and its end taken") {
  in_both_ways([]() -> lull::task<> {
    {
      auto child = co_await start_shell("exec sleep 100");
      REQUIRE(child);
    }
    while (lull::io_here().processes != 0) co_await lull::sleep(std::chrono::milliseconds(1));
    CHECK(!has_children());
    // And one that the core itself has to wait for.
    auto last = co_await start_shell("exec sleep 100");
    REQUIRE(last);
  });
}

TEST_CASE("a child that nobody waits for is no zombie") {
  in_both_ways([]() -> lull::task<> {
    auto child = co_await start_shell("exit 3");
    REQUIRE(child);
    while (child->is_running()) co_await lull::sleep(std::chrono::milliseconds(1));
    CHECK(!has_children());
    const auto status = co_await child->wait();
    CHECK(status->code == 3);
  });
}

TEST_CASE("a start that is stopped leaves no child, whenever the stop comes") {
  in_both_ways([]() -> lull::task<> {
    int started = 0;
    for (int i = 0; i < 20; ++i) {
      lull::scope scope;
      if (i == 0) scope.request_stop();
      std::error_code error = std::make_error_code(std::errc::interrupted);
      scope.spawn(start_into, std::ref(error));
      co_await lull::sleep(std::chrono::microseconds(100 * i));
      scope.request_stop();
      co_await scope.join();
      if (!error) ++started;
      CHECK((!error || error == std::errc::operation_canceled));
    }
    CHECK(started < 20);
    while (lull::io_here().processes != 0) co_await lull::sleep(std::chrono::milliseconds(1));
    CHECK(!has_children());
  });
}

TEST_CASE("an end that somebody else has taken is an error, and no hang") {
  in_both_ways([]() -> lull::task<> {
    struct sigaction before;
    struct sigaction ignore{};
    ignore.sa_handler = SIG_IGN;
    REQUIRE(::sigaction(SIGCHLD, &ignore, &before) == 0);
    auto child = co_await start_shell("sleep 0.01");
    REQUIRE(child);
    const auto status = co_await child->wait();
    REQUIRE(::sigaction(SIGCHLD, &before, nullptr) == 0);
    CHECK(status.error() == std::errc::no_child_process);
    CHECK_THAT(status.message(), ContainsSubstring("SIGCHLD is ignored"));
  });
}

TEST_CASE("a start that finds no memory leaves nothing, whichever allocation fails") {
  test::need_allocations();
  lull::run_options one_thread;
  one_thread.offload.threads = 1;  // more are started where memory allows
  in_runtime(one_thread, []() -> lull::task<> {
    lull::process_options options = shell("exec sleep 100");
    options.input = options.output = lull::child_stream::pipe;
    {
      const auto first = co_await start_with(options);  // the thread of the pool is there then
      CHECK(first);
    }
    std::size_t refused = 0;
    for (bool met = true; met; ++refused) {
      REQUIRE(refused < 100);
      bool failed = false;
      {
        const test::failing_allocations one(refused, test::failing::once);
        try {
          auto starting = start_with(options);
          const auto child = co_await std::move(starting);
          failed = child.error() == std::errc::not_enough_memory;
        } catch (const std::bad_alloc&) {
          failed = true;
        }
        met = one.met();
      }
      CHECK(failed == met);
      while (lull::io_here().processes != 0 || lull::io_here().files != 0) {
        co_await lull::sleep(std::chrono::milliseconds(1));
      }
      CHECK(!has_children());
    }
    CHECK(refused > 3);
  });
}
