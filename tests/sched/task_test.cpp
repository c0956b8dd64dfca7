// SPDX-License-Identifier: MIT
#include <lull/sched/task.hpp>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "helpers.hpp"

namespace {

lull::task<int> number(int n) { co_return n; }
lull::task<int&> reference(int& to) { co_return to; }
lull::task<std::unique_ptr<int>> owned(int n) { co_return std::make_unique<int>(n); }
lull::task<int> failing() {
  throw std::runtime_error("no");
  co_return 0;
}
lull::task<int> depth(int n) {
  if (n == 0) co_return 0;
  co_return 1 + co_await depth(n - 1);
}

lull::task<std::pair<int, std::string>> braced() { co_return {4, "four"}; }
lull::task<std::vector<int>> none() { co_return {}; }
lull::task<std::string> converted() { co_return "text"; }

template <class T, class From>
constexpr bool may_return =
    requires(lull::detail::task_promise<T> promise, From what) { promise.return_value(what); };

struct alignas(64) aligned_local {
  char bytes[64] = {};
};

lull::task<bool> aligned() {
  aligned_local local;
  aligned_local* volatile where = &local;
  co_await number(1);
  co_return reinterpret_cast<std::uintptr_t>(where) % 64 == 0;
}

}  // namespace

TEST_CASE("awaiting a task gives its value, reference or move-only result") {
  test::run_alone([]() -> lull::task<> {
    REQUIRE(co_await number(3) == 3);
    int place = 1;
    int& same = co_await reference(place);
    REQUIRE(&same == &place);
    const auto got = co_await owned(7);
    REQUIRE(*got == 7);
  });
}

TEST_CASE("co_return converts as return does: a number made a vector, a bare pointer an owner") {
  static_assert(!may_return<std::vector<int>, int>);
  static_assert(!may_return<std::unique_ptr<int>, int*>);
  static_assert(may_return<std::string, const char*>);
  static_assert(may_return<double, int>);
  test::run_alone([]() -> lull::task<> {
    const std::pair<int, std::string> pair = co_await braced();
    REQUIRE(pair.first == 4);
    REQUIRE(pair.second == "four");
    const std::vector<int> empty = co_await none();
    REQUIRE(empty.empty());
    const std::string text = co_await converted();
    REQUIRE(text == "text");
  });
}

TEST_CASE("a task starts only when it is awaited") {
  test::run_alone([]() -> lull::task<> {
    bool started = false;
    auto make = [&started]() -> lull::task<> {
      started = true;
      co_return;
    };
    auto later = make();
    REQUIRE_FALSE(started);
    co_await std::move(later);
    REQUIRE(started);
  });
}

TEST_CASE("a task that was never started may be dropped") {
  test::run_alone([]() -> lull::task<> {
    auto dropped = number(1);
    auto other = number(2);
    dropped = std::move(other);
    const int result = co_await std::move(dropped);  // not in REQUIRE: gcc would await it twice
    REQUIRE(result == 2);
  });
}

TEST_CASE("an exception arrives where the task is awaited") {
  test::run_alone([]() -> lull::task<> {
    std::string what;
    try {
      co_await failing();
    } catch (const std::runtime_error& error) {
      what = error.what();
    }
    REQUIRE(what == "no");
  });
}

TEST_CASE("a million ready awaits take no stack") {
  test::run_alone([]() -> lull::task<> {
    std::int64_t sum = 0;
    for (int i = 0; i < 1'000'000; ++i) sum += co_await number(1);
    REQUIRE(sum == 1'000'000);
  });
}

TEST_CASE("recursion 100,000 deep takes no stack") {
  test::run_alone([]() -> lull::task<> { REQUIRE(co_await depth(100'000) == 100'000); });
}

TEST_CASE("a frame keeps the alignment of a cache line") {
  test::run_alone([]() -> lull::task<> { REQUIRE(co_await aligned()); });
}
