// SPDX-License-Identifier: MIT
#include <lull/sched/core_local.hpp>

#include <atomic>
#include <functional>
#include <stdexcept>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/on_every_core.hpp>
#include <lull/sched/sleep.hpp>

#include "threads.hpp"
#include "waits.hpp"

namespace {

// Notes what happens where: each letter with the core it happens on.
struct diary {
  std::string text;
  unsigned fails_to_make = 99;
  unsigned fails_to_start = 99;
  unsigned fails_to_stop = 99;

  void note(char what) { text += what + std::to_string(lull::this_core()) + ' '; }
};

class part {
 public:
  part(diary* d, int value) : number(value), diary_(*d) {
    if (lull::this_core() == diary_.fails_to_make) throw std::runtime_error("not made");
    diary_.note('m');
  }
  ~part() { diary_.note('d'); }
  part(const part&) = delete;
  part& operator=(const part&) = delete;

  lull::task<> start() {
    co_await lull::yield();
    if (lull::this_core() == diary_.fails_to_start) throw std::runtime_error("not started");
    diary_.note('s');
  }
  lull::task<> stop() {
    co_await lull::yield();
    diary_.note('e');
    if (lull::this_core() == diary_.fails_to_stop) throw std::runtime_error("not stopped");
  }

  int number;

 private:
  diary& diary_;
};

// What the start and the stop of parts on three cores ended with.
std::string start_and_stop(diary& d) {
  test::driven_cores cores(3);
  std::string what;
  cores.run_on_core(1, [&]() -> lull::task<> {
    lull::core_local<part> parts;
    try {
      co_await parts.start(&d, 7);
      d.text += "| ";
      co_await parts.stop();
    } catch (const std::runtime_error& error) {
      what = error.what();
    }
    co_await parts.stop();  // there is nothing left
  });
  return what;
}

// The same of parts that are there during a task, which is given the one of its core.
std::string thrown_during(diary& d, const std::function<lull::task<>(part&)>& work) {
  test::driven_cores cores(3);
  std::string what;
  cores.run_on_core(1, [&]() -> lull::task<> {
    lull::core_local<part> parts;
    const auto body = [&] { return work(parts.local()); };
    try {
      auto all = parts.during(body, &d, 7);
      co_await std::move(all);
    } catch (const std::runtime_error& error) {
      what = error.what();
    }
  });
  return what;
}

}  // namespace

TEST_CASE("instances are made on their cores in order, and go in the reverse order") {
  diary d;
  REQUIRE(start_and_stop(d).empty());
  REQUIRE(d.text == "m0 m1 m2 s0 s1 s2 | e2 e1 e0 d2 d1 d0 ");
}

TEST_CASE("an instance that cannot be made takes those before it with it") {
  diary d;
  d.fails_to_make = 2;
  REQUIRE(start_and_stop(d) == "not made");
  REQUIRE(d.text == "m0 m1 d1 d0 ");
}

TEST_CASE("an instance that does not start stops those that have, and all go") {
  diary d;
  d.fails_to_start = 1;
  REQUIRE(start_and_stop(d) == "not started");
  REQUIRE(d.text == "m0 m1 m2 s0 e0 d2 d1 d0 ");
}

TEST_CASE("an exception of a stop is thrown when all are destroyed") {
  diary d;
  d.fails_to_stop = 1;
  REQUIRE(start_and_stop(d) == "not stopped");
  REQUIRE(d.text == "m0 m1 m2 s0 s1 s2 | e2 e1 e0 d2 d1 d0 ");
}

TEST_CASE("instances that are there during a task go when it ends, by an exception too") {
  for (const bool fails : {false, true}) {
    diary d;
    const std::string what = thrown_during(d, [&](part& mine) -> lull::task<> {
      co_await lull::yield();
      d.text += std::to_string(mine.number) + " | ";
      if (fails) throw std::runtime_error("in between");
    });
    CHECK(what == (fails ? "in between" : ""));
    CHECK(d.text == "m0 m1 m2 s0 s1 s2 7 | e2 e1 e0 d2 d1 d0 ");
  }
}

TEST_CASE("what a task ended with is thrown, not what came of stopping its instances") {
  diary d;
  d.fails_to_stop = 0;
  const std::string what = thrown_during(d, [](part&) -> lull::task<> {
    co_await lull::yield();
    throw std::runtime_error("in between");
  });
  CHECK(what == "in between");
  CHECK(d.text == "m0 m1 m2 s0 s1 s2 e2 e1 e0 d2 d1 d0 ");
}

TEST_CASE("instances that do not start begin no task") {
  diary d;
  d.fails_to_start = 1;
  const std::string what = thrown_during(d, [&](part&) -> lull::task<> {
    d.text += "| ";
    co_return;
  });
  CHECK(what == "not started");
  CHECK(d.text == "m0 m1 m2 s0 e0 d2 d1 d0 ");
}

TEST_CASE("each core has its own instance, and they can be started again") {
  lull::core_local<int> counts;
  std::atomic<int> sum{0};
  std::atomic<int> wrong{0};
  REQUIRE(lull::run(test::some_cores(3), [&]() -> lull::task<> {
            if (lull::this_core() != 0) co_return;
            for (int round = 0; round < 2; ++round) {
              co_await counts.start(round * 100);
              co_await lull::broadcast([&]() -> lull::task<> {
                for (unsigned i = 0; i <= lull::this_core(); ++i) {
                  ++counts.local();
                  co_await lull::yield();
                }
              });
              const auto each = co_await lull::on_every_core([&] { return counts.local(); });
              for (unsigned i = 0; i < 3; ++i) {
                if (each[i] != round * 100 + static_cast<int>(i) + 1) ++wrong;
                sum += each[i];
              }
              co_await counts.stop();
            }
          }) == 0);
  REQUIRE(wrong == 0);
  REQUIRE(sum == 312);
}

TEST_CASE("any core may look at the instance of another") {
  test::driven_cores cores(2);
  cores.run_on_core(0, []() -> lull::task<> {
    struct counted {
      std::atomic<unsigned> made_on{lull::this_core()};
    };
    lull::core_local<counted> all;
    co_await all.start();
    CHECK(all.of(0).made_on == 0);
    CHECK(all.of(1).made_on == 1);
    co_await all.stop();
  });
}
