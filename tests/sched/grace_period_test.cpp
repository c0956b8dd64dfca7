// SPDX-License-Identifier: MIT
#include <lull/sched/grace_period.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/reclaim/hold.hpp>
#include <lull/reclaim/pin.hpp>
#include <lull/reclaim/retire.hpp>
#include <lull/sched/sleep.hpp>

#include "helpers.hpp"

using namespace std::chrono_literals;

namespace {

struct noted_release {
  explicit noted_release(int& c) noexcept : count(&c) {}
  ~noted_release() { ++*count; }
  int* count;
};

// Two cores that are driven by hand, and a scope on the first.
struct first_of_two {
  explicit first_of_two(const lull::domain_options& reclamation = {})
      : cores(2, test::driven_cores::small_options(), reclamation) {
    const lull::core::inside here(first());
    tasks.emplace();
  }
  ~first_of_two() {
    cores.turn_until([&] { return tasks->size() == 0; });
    const lull::core::inside here(first());
    tasks.reset();
  }

  lull::core& first() { return *cores.cores[0]; }
  lull::core& second() { return *cores.cores[1]; }

  template <class F>
  void start(F&& f) {
    const lull::core::inside here(first());
    tasks->spawn(std::forward<F>(f));
  }
  void stop() {
    const lull::core::inside here(first());
    tasks->request_stop();
  }
  // Only the first core iterates: the second is in an iteration without end.
  void turn_first(int turns = 50) {
    for (int i = 0; i < turns; ++i) first().iterate(lull::when_idle::come_back);
  }
  void turn_both(int turns = 200) {
    for (int i = 0; i < turns; ++i) cores.turn();
  }

  test::driven_cores cores;
  std::optional<lull::scope> tasks;
};

using kibibyte = std::array<std::byte, 1024>;

lull::domain_options bounded_domain(std::size_t hard) {
  lull::domain_options options;
  options.budget = {hard / 2, hard};
  return options;
}

}  // namespace

TEST_CASE_METHOD(first_of_two, "grace_period resumes once every core has been quiescent since") {
  std::optional<bool> passed;
  start([&]() -> lull::task<> { passed = co_await lull::grace_period(); });
  turn_first();
  REQUIRE_FALSE(passed.has_value());
  turn_both();
  REQUIRE(passed == true);
}

TEST_CASE("grace_period on the only core resumes, again and again, with nothing retired") {
  test::driven_cores cores(1);
  int passed = 0;
  cores.run_on_core(0, [&]() -> lull::task<> {
    for (int i = 0; i < 100; ++i) {
      if (co_await lull::grace_period()) ++passed;
    }
  });
  REQUIRE(passed == 100);
}

TEST_CASE_METHOD(first_of_two, "what was unlinked before a grace period is seen by nobody after") {
  int released = 0;
  bool released_first = false;
  start([&]() -> lull::task<> {
    lull::retire(new noted_release(released));
    (void)co_await lull::grace_period();
    released_first = released == 1;
  });
  turn_both();
  REQUIRE(released == 1);
  REQUIRE(released_first);
}

TEST_CASE_METHOD(first_of_two, "many wait at once, and each is resumed once") {
  int resumed = 0;
  for (int i = 0; i < 50; ++i) {
    start([&]() -> lull::task<> {
      (void)co_await lull::grace_period();
      ++resumed;
    });
  }
  turn_first();
  REQUIRE(resumed == 0);
  turn_both();
  REQUIRE(resumed == 50);
}

TEST_CASE_METHOD(first_of_two, "barrier resumes once all that this core retired is released") {
  int released = 0;
  std::optional<int> at_resume;
  start([&]() -> lull::task<> {
    for (int i = 0; i < 300; ++i) lull::retire(new noted_release(released));
    (void)co_await lull::barrier();
    at_resume = released;
  });
  turn_first();
  REQUIRE_FALSE(at_resume.has_value());
  cores.turn_until([&] { return at_resume.has_value(); });
  REQUIRE(at_resume == 300);
}

TEST_CASE_METHOD(first_of_two, "barrier waits for what another core holds") {
  auto* object = new int(5);
  std::optional<lull::hold<int>> keep;
  {
    const lull::core::inside there(second());
    keep.emplace(lull::ref<int>(object));
  }
  bool over = false;
  start([&]() -> lull::task<> {
    lull::retire(object);
    over = co_await lull::barrier();
  });
  turn_both();
  REQUIRE_FALSE(over);
  {
    const lull::core::inside there(second());
    keep.reset();
  }
  turn_both();
  REQUIRE(over);
}

TEST_CASE_METHOD(first_of_two, "barrier does not wait for what deleters retire meanwhile") {
  struct again {
    const bool* stop;
    ~again() {
      if (!*stop) lull::retire(new again{stop});
    }
  };
  bool stopped = false;
  bool over = false;
  start([&]() -> lull::task<> {
    lull::retire(new again{&stopped});
    over = co_await lull::barrier();
  });
  turn_both();
  CHECK(over);
  stopped = true;
  turn_both();
  REQUIRE(over);
}

TEST_CASE("a stop request ends each wait with false") {
  first_of_two on(bounded_domain(4096));
  std::vector<std::string> ended;
  on.start([&]() -> lull::task<> {
    lull::retire(new int, 4096);
    if (!co_await lull::grace_period()) ended.push_back("grace_period");
  });
  on.start([&]() -> lull::task<> {
    lull::retire(new int);
    if (!co_await lull::barrier()) ended.push_back("barrier");
  });
  on.turn_first();  // all of it is in limbo
  on.start([&]() -> lull::task<> {
    if (!co_await lull::admit(1024)) ended.push_back("admit");
  });
  on.turn_first();
  REQUIRE(ended.empty());
  on.stop();
  on.turn_first();
  std::sort(ended.begin(), ended.end());
  REQUIRE(ended == std::vector<std::string>{"admit", "barrier", "grace_period"});
}

TEST_CASE_METHOD(first_of_two,
                 "a wait that begins after the stop request ends at once, with false") {
  std::vector<bool> passed;
  start([&]() -> lull::task<> {
    co_await lull::sleep(1h);  // until the stop
    passed.push_back(co_await lull::grace_period());
    passed.push_back(co_await lull::barrier());
  });
  turn_first();
  stop();
  turn_first(2);
  REQUIRE(passed == std::vector<bool>{false, false});
}

TEST_CASE_METHOD(first_of_two, "a stop request after the wait is over changes nothing") {
  std::optional<bool> passed;
  start([&]() -> lull::task<> {
    passed = co_await lull::grace_period();
    co_await lull::sleep(1h);
  });
  turn_both();
  stop();
  turn_both();
  REQUIRE(passed == true);
}

TEST_CASE("admit resumes at once under the budget, and without a budget") {
  for (const std::size_t hard : {std::size_t{0}, std::size_t{4096}}) {
    first_of_two on(bounded_domain(hard));
    bool admitted = false;
    on.start([&]() -> lull::task<> { admitted = co_await lull::admit(4096); });
    on.turn_first(1);
    REQUIRE(admitted);
  }
}

TEST_CASE("admit waits at the hard budget, and lets in by the order of asking") {
  first_of_two on(bounded_domain(8 * 1024));
  std::vector<int> order;
  for (int number = 0; number < 32; ++number) {
    on.start([&order, number]() -> lull::task<> {
      if (!co_await lull::admit(sizeof(kibibyte))) co_return;
      order.push_back(number);
      lull::retire(new kibibyte);
    });
  }
  on.turn_first();
  REQUIRE(order.size() == 8);  // the second core has not been quiescent
  REQUIRE(on.cores.shared.statistics().limbo_bytes == 8 * 1024);
  REQUIRE(on.second().reclamation().should_yield());
  std::uint64_t most = 0;
  for (int i = 0; i < 2000 && order.size() < 32; ++i) {
    on.cores.turn();
    most = std::max(most, on.cores.shared.statistics().limbo_bytes);
  }
  REQUIRE(order.size() == 32);
  REQUIRE(std::is_sorted(order.begin(), order.end()));
  REQUIRE(most <= 8 * 1024);
}

TEST_CASE("a reader that stalls holds the writers at the budget, and they go on after") {
  constexpr std::size_t hard = 64 * 1024;
  first_of_two on(bounded_domain(hard));
  int written = 0;
  on.start([&]() -> lull::task<> {
    for (; written < 2000; ++written) {
      if (!co_await lull::admit(sizeof(kibibyte))) co_return;
      lull::retire(new kibibyte);
    }
  });
  std::optional<lull::pin> walk;
  {
    const lull::core::inside there(on.second());
    walk.emplace();
  }
  std::uint64_t most = 0;
  for (int i = 0; i < 500; ++i) {
    on.cores.turn();
    most = std::max(most, on.cores.shared.statistics().limbo_bytes);
  }
  REQUIRE(written == static_cast<int>(hard / sizeof(kibibyte)));
  REQUIRE(most <= hard);
  {
    const lull::core::inside there(on.second());
    walk.reset();
  }
  for (int i = 0; i < 20'000 && written < 2000; ++i) {
    on.cores.turn();
    most = std::max(most, on.cores.shared.statistics().limbo_bytes);
  }
  REQUIRE(written == 2000);
  REQUIRE(most <= hard);
  on.turn_both(2000);
  REQUIRE(on.cores.shared.statistics().limbo_bytes == 0);
}
