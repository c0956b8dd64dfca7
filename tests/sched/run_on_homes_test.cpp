// SPDX-License-Identifier: MIT

// Where run_on moves and destroys what goes through it.

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/run_on.hpp>
#include <lull/sched/sleep.hpp>

#include "helpers.hpp"

namespace {

// What the objects of a call did, by the core that it happened on.
struct itinerary {
  int made = 0;
  int gone = 0;
  int gone_elsewhere = 0;   // on another core than they were made on
  int moved_elsewhere = 0;  // out of, on another core than they were made on
};

// Remembers the core that it was made on.
class native {
 public:
  explicit native(itinerary& log) : log_(&log), value_(std::make_unique<int>(1)) { note_made(); }
  native(native&& from) noexcept : log_(from.log_), value_(std::move(from.value_)) {
    note_made();
    if (lull::this_core() != from.home_) ++log_->moved_elsewhere;
  }
  ~native() {
    ++log_->gone;
    if (lull::this_core() != home_) ++log_->gone_elsewhere;
  }

  bool has_value() const noexcept { return value_ != nullptr; }

 private:
  void note_made() {
    home_ = lull::this_core();
    ++log_->made;
  }

  itinerary* log_;
  std::unique_ptr<int> value_;
  unsigned home_ = 99;
};

bool takes(native one) { return one.has_value(); }
lull::task<bool> takes_in_a_task(native one) {
  co_await lull::yield();
  co_return one.has_value();
}
native gives(itinerary* log) { return native(*log); }
lull::task<native> gives_in_a_task(itinerary* log) {
  co_await lull::yield();
  co_return native(*log);
}

}  // namespace

TEST_CASE("arguments are moved out of where they go, and what is left goes where they were made") {
  test::driven_cores cores(2);
  itinerary log;
  for (const bool in_a_task : {false, true}) {
    log = {};
    cores.run_on_core(0, [&log, in_a_task]() -> lull::task<> {
      bool came = false;
      if (in_a_task) {
        lull::run_on call(1, &takes_in_a_task, native(log));
        came = co_await call;
      } else {
        lull::run_on call(1, &takes, native(log));
        came = co_await call;
      }
      REQUIRE(came);
    });
    REQUIRE(log.made == log.gone);
    REQUIRE(log.moved_elsewhere == 1);  // once, over there
    REQUIRE(log.gone_elsewhere == 0);
  }
}

TEST_CASE("a callable and what it captures goes where it was made, after the call") {
  test::driven_cores cores(2);
  itinerary log;
  for (const bool in_a_task : {false, true}) {
    log = {};
    cores.run_on_core(0, [&log, in_a_task]() -> lull::task<> {
      bool there = false;
      if (in_a_task) {
        auto callable = [kept = native(log)]() -> lull::task<bool> {
          co_await lull::yield();
          co_return kept.has_value();
        };
        lull::run_on call(1, std::move(callable));
        there = co_await call;
      } else {
        lull::run_on call(1, [kept = native(log)] { return kept.has_value(); });
        there = co_await call;
      }
      REQUIRE(there);
    });
    REQUIRE(log.made == log.gone);
    REQUIRE(log.moved_elsewhere == 0);
    REQUIRE(log.gone_elsewhere == 0);
  }
}

TEST_CASE("a result is moved out where it was awaited, and what is left goes where it was made") {
  test::driven_cores cores(2);
  itinerary log;
  for (const bool in_a_task : {false, true}) {
    log = {};
    cores.run_on_core(0, [&log, in_a_task]() -> lull::task<> {
      if (in_a_task) {
        lull::run_on call(1, &gives_in_a_task, &log);
        const native result = co_await call;
        REQUIRE(result.has_value());
      } else {
        lull::run_on call(1, &gives, &log);
        const native result = co_await call;
        REQUIRE(result.has_value());
      }
    });
    cores.turn();
    REQUIRE(log.made == log.gone);
    REQUIRE(log.moved_elsewhere == 1);  // once, when it is taken
    REQUIRE(log.gone_elsewhere == 0);
  }
}

TEST_CASE("arguments of a call that throws go where they were made") {
  test::driven_cores cores(2);
  itinerary log;
  std::string what;
  cores.run_on_core(0, [&]() -> lull::task<> {
    const auto fails = [](native) -> lull::task<native> {
      co_await lull::yield();
      throw std::runtime_error("no result");
    };
    lull::run_on call(1, fails, native(log));
    try {
      co_await call;
    } catch (const std::runtime_error& error) {
      what = error.what();
    }
  });
  REQUIRE(what == "no result");
  REQUIRE(log.made == log.gone);
  REQUIRE(log.gone_elsewhere == 0);
}
