// SPDX-License-Identifier: MIT
#include <lull/sched/with_scope.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/shield.hpp>
#include <lull/sched/sleep.hpp>

#include "../allocations.hpp"
#include "helpers.hpp"

using namespace std::chrono_literals;

namespace {

// Until it is asked to stop.
lull::task<> wait_for_a_stop(std::string& to) {
  const bool slept = co_await lull::sleep(1h);
  if (!slept) to += "stopped ";
  co_await lull::shield(lull::yield());
  to += "ended ";
}

lull::task<> fail_after_a_turn(std::string what) {
  co_await lull::yield();
  throw std::runtime_error(what);
}

// What is thrown by the whole, with a task that waits beside it.
lull::task<> beside_one_that_waits(std::string& to, bool code_fails) {
  std::string what;
  try {
    co_await lull::with_scope([&](lull::scope& all) -> lull::task<> {
      all.spawn(wait_for_a_stop, std::ref(to));
      if (code_fails) throw std::runtime_error("the code");
      all.spawn(fail_after_a_turn, "a task");
      const bool slept = co_await lull::sleep(1h);
      if (!slept) to += "code ";
    });
  } catch (const std::runtime_error& error) {
    what = error.what();
  }
  to += what;
}

}  // namespace

TEST_CASE("an exception between spawn and join left tasks running, which stopped the program") {
  std::string text;
  test::driven_cores(1).run_on_core(0, [&] { return beside_one_that_waits(text, true); });
  CHECK(text == "stopped ended the code");
}

TEST_CASE("a task that fails stops the code and the others") {
  std::string text;
  test::driven_cores(1).run_on_core(0, [&] { return beside_one_that_waits(text, false); });
  CHECK((text == "code stopped ended a task" || text == "stopped code ended a task"));
}

TEST_CASE("what the code gives is given once all has ended") {
  std::string text;
  test::driven_cores(1).run_on_core(0, [&]() -> lull::task<> {
    auto working = lull::with_scope([&](lull::scope& all) -> lull::task<std::unique_ptr<int>> {
      all.spawn([&]() -> lull::task<> {
        co_await lull::yield();
        co_await lull::yield();
        text += "task ";
      });
      text += "code ";
      co_return std::make_unique<int>(7);
    });
    const std::unique_ptr<int> given = co_await std::move(working);
    CHECK(*given == 7);
  });
  CHECK(text == "code task ");
}

TEST_CASE("a scope around code gives references, too") {
  int number = 7;
  test::driven_cores(1).run_on_core(0, [&]() -> lull::task<> {
    auto working = lull::with_scope([&](lull::scope&) -> lull::task<int&> { co_return number; });
    int& given = co_await std::move(working);
    CHECK(&given == &number);
  });
}

TEST_CASE("without memory for a scope around code nothing of it begins") {
  test::need_allocations();
  test::driven_cores(1).run_on_core(0, []() -> lull::task<> {
    int begun = 0;
    int failed = 0;
    // Larger than what the pool keeps, so each frame is an allocation.
    const auto code = [&begun, large = std::array<char, 4000>{}](lull::scope&) -> lull::task<> {
      begun += large[0] == 0 ? 1 : 0;
      co_return;
    };
    for (int passes = 0;; ++passes) {
      const test::failing_allocations fails(static_cast<std::size_t>(passes));
      try {
        auto working = lull::with_scope(code);
        co_await std::move(working);
        break;
      } catch (const std::bad_alloc&) {
        ++failed;
        CHECK(begun == 0);
      }
    }
    CHECK(failed > 0);
    CHECK(begun == 1);
  });
}

TEST_CASE("a stop asked of the caller reaches the code and the tasks") {
  std::string text;
  test::driven_cores(1).run_on_core(0, [&]() -> lull::task<> {
    lull::scope above;
    above.spawn([&]() -> lull::task<> {
      co_await lull::with_scope([&](lull::scope& all) -> lull::task<> {
        all.spawn(wait_for_a_stop, std::ref(text));
        const bool slept = co_await lull::sleep(1h);
        text += slept ? "slept " : "code ";
      });
    });
    co_await lull::yield();
    co_await lull::yield();
    above.request_stop();
    co_await above.join();
  });
  CHECK(text.find("code ") != std::string::npos);
  CHECK(text.find("stopped ") != std::string::npos);
}
