// SPDX-License-Identifier: MIT
#include <lull/sched/when_all.hpp>

#include <memory>
#include <ranges>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/tasks.hpp>

#include "helpers.hpp"
#include "waits.hpp"

using namespace std::chrono_literals;

namespace {

lull::task<int> after_a_turn(int n) {
  co_await lull::yield();
  co_return n;
}
lull::task<int> at_once(int n) { co_return n; }
lull::task<> note(std::string& to, char name) {
  to += name;
  co_await lull::yield();
  to += name;
}
lull::task<> sleep_then_note(std::string& to, char name) {
  const bool slept = co_await lull::sleep(1h);  // in an `if` of its own gcc 12 goes astray
  if (!slept) to += name;
}
lull::task<> fail(std::string what) {
  co_await lull::yield();
  throw std::runtime_error(what);
}
lull::task<> fail_at_once(std::string what) {
  throw std::runtime_error(what);
  co_return;
}

// Says when a frame that holds it goes.
class in_frame {
 public:
  in_frame(std::string& to, char name) : to_(to), name_(name) {}
  ~in_frame() { to_ += name_; }
  in_frame(const in_frame&) = delete;
  in_frame& operator=(const in_frame&) = delete;

 private:
  std::string& to_;
  char name_;
};

}  // namespace

TEST_CASE("when_all gives a tuple: values, owners, references, and monostate for void") {
  test::run_alone([]() -> lull::task<> {
    int place = 5;
    std::string order;
    const auto reference = [&place]() -> lull::task<int&> { co_return place; };
    const auto owner = []() -> lull::task<std::unique_ptr<int>> {
      co_return std::make_unique<int>(6);
    };
    auto [number, nothing, same, owned, slept] = co_await lull::when_all(
        after_a_turn(4), note(order, 'a'), reference(), owner(), lull::sleep(0ns));
    static_assert(std::is_same_v<decltype(nothing), std::monostate>);
    REQUIRE(number == 4);
    REQUIRE(&same.get() == &place);
    REQUIRE(*owned == 6);
    REQUIRE(slept);
    REQUIRE(order == "aa");
    const std::tuple<> none = co_await lull::when_all();
    REQUIRE(none == std::tuple<>());
    const auto [alone] = co_await lull::when_all(at_once(1));
    REQUIRE(alone == 1);
  });
}

TEST_CASE("when_all starts all in their order before any goes on") {
  test::run_alone([]() -> lull::task<> {
    std::string order;
    co_await lull::when_all(note(order, 'a'), note(order, 'b'), note(order, 'c'));
    REQUIRE(order == "abcabc");
  });
}

TEST_CASE("when_all of a range gives a vector in the order of the range") {
  test::run_alone([]() -> lull::task<> {
    std::vector<lull::task<int>> tasks;
    for (int i = 0; i < 100; ++i) tasks.push_back(i % 2 == 0 ? after_a_turn(i) : at_once(i));
    const std::vector<int> results = co_await lull::when_all(std::move(tasks));
    REQUIRE(results.size() == 100);
    for (int i = 0; i < 100; ++i) REQUIRE(results[static_cast<std::size_t>(i)] == i);
    const auto made =
        co_await lull::when_all(std::views::iota(0, 3) | std::views::transform(after_a_turn));
    REQUIRE(made == std::vector<int>{0, 1, 2});
    const auto none = co_await lull::when_all(std::vector<lull::task<>>());
    REQUIRE(none.empty());
  });
}

TEST_CASE(
    "the first exception of when_all is thrown after all have ended, and the rest is stopped") {
  test::run_alone([]() -> lull::task<> {
    std::string seen;
    try {
      co_await lull::when_all(sleep_then_note(seen, 'a'), fail("first"), fail("second"),
                              sleep_then_note(seen, 'b'));
    } catch (const std::runtime_error& error) {
      seen += error.what();
    }
    REQUIRE(seen == "abfirst");
    try {  // the first fails before the others have begun: they never do
      co_await lull::when_all(fail_at_once("at once"), sleep_then_note(seen, 'c'));
    } catch (const std::runtime_error& error) {
      seen += error.what();
    }
    REQUIRE(seen == "abfirstat once");
    std::vector<lull::task<>> tasks;
    tasks.push_back(sleep_then_note(seen, 'd'));
    tasks.push_back(fail("range"));
    try {
      co_await lull::when_all(std::move(tasks));
    } catch (const std::runtime_error& error) {
      seen += error.what();
    }
    REQUIRE(seen == "abfirstat oncedrange");
  });
}

TEST_CASE("a stop asked of the caller reaches all of when_all, also before they begin") {
  test::driven_cores cores(1);
  test::watched tasks(cores);
  std::string stopped;
  const auto waits = [&stopped]() -> lull::task<> {
    co_await lull::when_all(sleep_then_note(stopped, 'a'), lull::sleep(1h),
                            sleep_then_note(stopped, 'b'));
    stopped += '.';
  };
  tasks.spawn(waits);
  cores.turn();
  tasks.request_stop();
  tasks.finish();
  REQUIRE(stopped == "ab.");
  tasks.spawn(waits);
  tasks.finish();
  REQUIRE(stopped == "ab.ab.");
}

TEST_CASE("when_all neither grows the stack nor leaks over a million times") {
  test::run_alone([]() -> lull::task<> {
    std::int64_t sum = 0;
    for (int i = 0; i < 1'000'000; ++i) {
      const auto [one, two] = co_await lull::when_all(at_once(1), at_once(2));
      sum += one + two;
    }
    REQUIRE(sum == 3'000'000);
  });
}

TEST_CASE("when_all nested 100,000 deep takes no stack") {
  struct nest {
    static lull::task<int> down(int depth) {
      if (depth == 0) co_return 0;
      const auto [below, one] = co_await lull::when_all(down(depth - 1), at_once(1));
      co_return below + one;
    }
  };
  test::run_alone([]() -> lull::task<> {
    const int depth = co_await nest::down(100'000);
    REQUIRE(depth == 100'000);
  });
}

TEST_CASE("the tasks of when_all go in the reverse of their order, after all have ended") {
  test::run_alone([]() -> lull::task<> {
    std::string gone;
    const auto holds = [](std::string& to, char name, bool turn) -> lull::task<> {
      const in_frame here(to, name);
      if (turn) co_await lull::yield();
    };
    struct argument {
      static lull::task<> keep(std::shared_ptr<in_frame> kept) {
        co_await lull::yield();
        (void)kept;
      }
    };
    co_await lull::when_all(holds(gone, 'a', true), holds(gone, 'b', false));
    REQUIRE(gone == "ba");  // locals go when each ends
    gone.clear();
    auto one = argument::keep(std::make_shared<in_frame>(gone, 'a'));
    auto two = argument::keep(std::make_shared<in_frame>(gone, 'b'));
    co_await lull::when_all(std::move(one), std::move(two));
    REQUIRE(gone.size() == 2);
  });
}

TEST_CASE("when_all that is never awaited starts nothing") {
  test::run_alone([]() -> lull::task<> {
    std::string order;
    { auto dropped = lull::when_all(note(order, 'a'), note(order, 'b')); }
    REQUIRE(order.empty());
    co_return;
  });
}

TEST_CASE("a list of tasks shows what one of those that run within when_all awaits") {
  test::driven_cores cores(1);
  test::watched tasks(cores);
  std::string order;
  tasks.spawn([&]() -> lull::task<> {
    co_await lull::when_all(after_a_turn(1), sleep_then_note(order, 'a'));
  });
  tasks.spawn([&]() -> lull::task<> {
    co_await lull::when_all(sleep_then_note(order, 'b'), after_a_turn(1));
  });
  for (int i = 0; i < 3; ++i) cores.turn();
  {
    const lull::core::inside here(*cores.cores[0]);
    const auto all = lull::tasks();
    REQUIRE(all.size() == 2);
    CHECK(all[0].awaits == "sleep");
    CHECK(all[1].awaits == "sleep");
  }
  tasks.request_stop();
  tasks.finish();
  REQUIRE(order == "ab");
}
