// SPDX-License-Identifier: MIT
#include <lull/sched/scope.hpp>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/sleep.hpp>

#include "../allocations.hpp"
#include "helpers.hpp"

using namespace std::chrono_literals;

namespace {

lull::task<> append(std::vector<int>& to, int n) {
  to.push_back(n);
  co_return;
}

lull::task<> append_value(int) { co_return; }

lull::task<> append_much(std::array<char, 4000> much, std::vector<int>* to) {
  co_await lull::yield();
  to->push_back(static_cast<int>(much.size()));
}

lull::task<> note_text(std::string_view text, std::string* into) {
  co_await lull::yield();
  *into += text;
}

lull::task<> note_reference(const std::string& text, std::string* into) {
  co_await lull::yield();
  *into += text;
}

struct only_once {
  explicit only_once(const char* text) : text_(text) {}
  lull::task<> operator()(std::string* into) {
    co_await lull::yield();
    *into += std::exchange(text_, "gone");
  }
  std::string text_;
};

lull::task<> sleep_and_note(std::vector<bool>& slept) { slept.push_back(co_await lull::sleep(1h)); }

}  // namespace

TEST_CASE("spawned tasks run in the order of spawning, and join waits for all") {
  test::run_alone([]() -> lull::task<> {
    std::vector<int> order;
    lull::scope all;
    for (int i = 0; i < 4; ++i) all.spawn(append, std::ref(order), i);
    REQUIRE(all.size() == 4);
    REQUIRE(order.empty());
    co_await all.join();
    REQUIRE(order == std::vector<int>{0, 1, 2, 3});
    REQUIRE(all.size() == 0);
    co_await all.join();
  });
}

TEST_CASE("a spawned lambda keeps its captures and arguments") {
  test::run_alone([]() -> lull::task<> {
    int seen = 0;
    lull::scope all;
    {
      auto captured = std::make_shared<int>(40);
      all.spawn(
          [captured, &seen](std::unique_ptr<int> argument) -> lull::task<> {
            co_await lull::yield();
            seen = *captured + *argument;
          },
          std::make_unique<int>(2));
    }
    co_await all.join();
    REQUIRE(seen == 42);
  });
}

TEST_CASE("what a spawned function refers to lives as long as its task") {
  test::run_alone([]() -> lull::task<> {
    std::string seen;
    lull::scope all;
    // Long enough to lie on the heap.
    all.spawn(note_text, std::string("a text that a view refers to, "), &seen);
    all.spawn(note_reference, std::string("a text that a reference refers to, "), &seen);
    all.spawn([](const auto& text, std::string* into) { return note_text(*text, into); },
              std::make_shared<std::string>("what a function that is no coroutine hands on, "),
              &seen);
    all.spawn(only_once("what a callable keeps"), &seen);
    co_await all.join();
    REQUIRE(seen ==
            "a text that a view refers to, a text that a reference refers to, "
            "what a function that is no coroutine hands on, what a callable keeps");
  });
}

TEST_CASE("a function that takes values, or a lambda without captures, is spawned in one frame") {
  test::run_alone([]() -> lull::task<> {
    std::unique_ptr<int> seen;
    lull::scope all;
    all.spawn(
        [](std::unique_ptr<int> number, std::unique_ptr<int>* into) -> lull::task<> {
          co_await lull::yield();
          *into = std::move(number);
        },
        std::make_unique<int>(3), &seen);
    all.spawn(append_value, 1);
    co_await all.join();
    REQUIRE(*seen == 3);
#ifdef LULL_CHECKED
    for (const lull::frame_size& one : lull::frame_sizes()) {
      if (one.coroutine.find("int") == std::string_view::npos) continue;
      INFO(one.coroutine);
      CHECK(one.coroutine.find("run_spawned") == std::string_view::npos);
    }
#endif
  });
}

TEST_CASE("without memory for it nothing is spawned, and the scope goes on") {
  test::need_allocations();
  test::run_alone([]() -> lull::task<> {
    std::vector<int> order;
    lull::scope all;
    int failed = 0;
    for (int passes = 0;; ++passes) {
      // Larger than what the pool keeps, so each frame is an allocation.
      const test::failing_allocations fails(static_cast<std::size_t>(passes));
      try {
        all.spawn(append_much, std::array<char, 4000>{}, &order);
        break;
      } catch (const std::bad_alloc&) {
        ++failed;
        CHECK(all.size() == 0);
      }
    }
    CHECK(failed > 0);
    CHECK(all.size() == 1);
    co_await all.join();
    CHECK(order == std::vector<int>{4000});
    CHECK(all.started() == 1);
  });
}

TEST_CASE("the first error of a scope surfaces at join, after all have ended") {
  test::run_alone([]() -> lull::task<> {
    bool other_ended = false;
    lull::scope all;
    all.spawn([]() -> lull::task<> {
      throw std::runtime_error("first");
      co_return;
    });
    all.spawn([&]() -> lull::task<> {
      co_await lull::yield();
      other_ended = true;
      throw std::runtime_error("second");
    });
    std::string what;
    try {
      co_await all.join();
    } catch (const std::runtime_error& error) {
      what = error.what();
    }
    REQUIRE(what == "first");
    REQUIRE(other_ended);
  });
}

TEST_CASE("a stop request ends what the tasks await, and what those await") {
  test::run_alone([]() -> lull::task<> {
    std::vector<bool> slept;
    lull::scope all;
    all.spawn(sleep_and_note, std::ref(slept));
    all.spawn([&]() -> lull::task<> {
      auto inner = sleep_and_note(slept);
      co_await std::move(inner);
    });
    co_await lull::yield();
    all.request_stop();
    all.request_stop();
    co_await all.join();
    REQUIRE(slept == std::vector<bool>{false, false});
    REQUIRE(all.stop_requested());
  });
}

TEST_CASE("a stop of the joining task is passed on to the tasks of the scope") {
  test::run_alone([]() -> lull::task<> {
    std::vector<bool> slept;
    lull::scope outer;
    outer.spawn([&]() -> lull::task<> {
      lull::scope inner;
      inner.spawn(sleep_and_note, std::ref(slept));
      co_await inner.join();
    });
    co_await lull::yield();
    co_await lull::yield();
    outer.request_stop();
    co_await outer.join();
    REQUIRE(slept == std::vector<bool>{false});
  });
}

TEST_CASE("a timed join says when tasks are left, and they go on") {
  test::driven_cores cores(1);
  bool in_time = true;
  bool ended = false;
  std::vector<bool> slept;
  cores.run_on_core(0, [&]() -> lull::task<> {
    lull::scope all;
    all.spawn(sleep_and_note, std::ref(slept));
    lull::scope mover;
    mover.spawn([&]() -> lull::task<> {
      co_await lull::yield();
      cores.clock.advance(10ms);
    });
    in_time = co_await all.join_for(10ms);
    REQUIRE(all.size() == 1);
    all.request_stop();
    ended = co_await all.join_for(10ms);
    co_await mover.join();
  });
  REQUIRE_FALSE(in_time);
  REQUIRE(ended);
}

TEST_CASE("10,000 sleeping tasks are stopped at once") {
  test::run_alone([]() -> lull::task<> {
    std::vector<bool> slept;
    lull::scope all;
    for (int i = 0; i < 10'000; ++i) all.spawn(sleep_and_note, std::ref(slept));
    co_await lull::yield();
    all.request_stop();
    co_await all.join();
    REQUIRE(slept.size() == 10'000);
  });
}

TEST_CASE("with cancel_on_error the first error stops the rest, and surfaces at join") {
  test::run_alone([]() -> lull::task<> {
    std::vector<bool> slept;
    lull::scope all(lull::cancel_on_error);
    all.spawn(sleep_and_note, std::ref(slept));
    all.spawn([]() -> lull::task<> {
      co_await lull::yield();
      throw std::runtime_error("first");
    });
    all.spawn(sleep_and_note, std::ref(slept));
    std::string what;
    try {
      co_await all.join();
    } catch (const std::runtime_error& error) {
      what = error.what();
    }
    REQUIRE(what == "first");
    REQUIRE(slept == std::vector<bool>{false, false});
    REQUIRE(all.stop_requested());
    all.spawn(sleep_and_note, std::ref(slept));  // asked before it begins
    co_await all.join();
    REQUIRE(slept.size() == 3);
  });
}

TEST_CASE("without cancel_on_error the others go on") {
  test::driven_cores cores(1);
  cores.run_on_core(0, [&]() -> lull::task<> {
    std::vector<bool> slept;
    lull::scope all;
    all.spawn(sleep_and_note, std::ref(slept));
    all.spawn([&cores]() -> lull::task<> {
      co_await lull::yield();
      cores.clock.advance(1h);
      throw std::runtime_error("first");
    });
    bool thrown = false;
    try {
      co_await all.join();
    } catch (const std::runtime_error&) {
      thrown = true;
    }
    REQUIRE(thrown);
    REQUIRE(slept == std::vector<bool>{true});
    REQUIRE_FALSE(all.stop_requested());
  });
}
