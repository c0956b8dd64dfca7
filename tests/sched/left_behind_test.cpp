// SPDX-License-Identifier: MIT
#include <lull/sched/left_behind.hpp>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

#include <lull/sched/run_on.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/sleep.hpp>

#include "helpers.hpp"
#include "threads.hpp"

using namespace std::chrono_literals;

namespace {

// How many on each core were destroyed full, and empty: what a move left.
struct tally_of_ends {
  std::array<int, 2> full{};
  std::array<int, 2> empty{};
};

class counted_result {
 public:
  explicit counted_result(tally_of_ends* in) : in_(in) {}
  counted_result(counted_result&& other) : in_(other.in_), full_(other.full_) {
    if (other.refuses_ != 0 && --other.refuses_ == 0) throw std::runtime_error("not moved");
    other.full_ = false;
    refuses_ = other.refuses_;
  }
  ~counted_result() { ++(full_ ? in_->full : in_->empty)[lull::this_core()]; }

  bool full() const { return full_; }
  void refuse_move(int which) { refuses_ = which; }

 private:
  tally_of_ends* in_;
  bool full_ = true;
  int refuses_ = 0;
};

}  // namespace

TEST_CASE("a result that cannot be moved to its caller is destroyed on the core that made it") {
  test::driven_cores cores(2);
  tally_of_ends ends;
  cores.run_on_core(0, [&]() -> lull::task<> {
    const auto plain = [&ends] {
      counted_result made(&ends);
      made.refuse_move(1);
      return made;
    };
    std::string what;
    try {
      co_await lull::run_on(1, plain);
    } catch (const std::runtime_error& error) {
      what = error.what();
    }
    CHECK(what == "not moved");
  });
  cores.turn();
  CHECK(ends.full == std::array<int, 2>{0, 1});
  CHECK(ends.empty[0] == 0);
}

TEST_CASE("what goes home wakes nobody") {
  lull::run_options options = test::some_cores(2);
  options.core.poll = 0ns;  // the other core sleeps as soon as it has answered
  constexpr unsigned calls = 50;
  std::uint64_t wakeups = 0;
  REQUIRE(lull::run(options, [&]() -> lull::task<> {
            if (lull::this_core() != 0) co_return;
            const lull::core& here = lull::core::current();
            const std::uint64_t before = here.statistics().wakeups_sent;
            for (unsigned i = 0; i < calls; ++i) {
              co_await lull::run_on(1, [] { return std::string("not trivially destructible"); });
              co_await lull::sleep(1ms);
            }
            wakeups = here.statistics().wakeups_sent - before;
          }) == 0);
  CHECK(wakeups > 0);
  CHECK(wakeups <= calls);
}

TEST_CASE("results that are on their way home when the cores end are destroyed") {
  tally_of_ends ends;
  {
    test::driven_cores cores(2);
    cores.run_on_core(1, [&]() -> lull::task<> {
      const counted_result got =
          co_await lull::run_on(0, [&ends] { return counted_result(&ends); });
      REQUIRE(got.full());
    });
    CHECK(ends.empty == std::array<int, 2>{0, 0});
  }
  CHECK(ends.empty == std::array<int, 2>{1, 0});
}
