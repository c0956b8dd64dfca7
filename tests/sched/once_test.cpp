// SPDX-License-Identifier: MIT
#include <lull/sched/once.hpp>

#include <memory>
#include <stdexcept>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/event.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>

#include "helpers.hpp"

TEST_CASE("the first that comes runs it; when it is done nobody suspends any more") {
  test::run_alone([]() -> lull::task<> {
    lull::once o;
    int ran = 0;
    const auto run = [&ran] { ++ran; };
    REQUIRE_FALSE(o.is_done());
    REQUIRE(co_await o.run(run));
    REQUIRE(o.is_done());
    bool other_ran = false;
    lull::scope all;
    all.spawn([&]() -> lull::task<> {
      other_ran = true;
      co_return;
    });
    REQUIRE(co_await o.run(run));
    REQUIRE(o.run(run).await_ready());  // not even a frame
    REQUIRE(ran == 1);
    REQUIRE_FALSE(other_ran);
    co_await all.join();
  });
}

TEST_CASE("others wait until the task that the first started is done, and go on in order") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::once o;
    lull::event go;
    lull::scope all;
    for (char name = 'a'; name <= 'c'; ++name) {
      all.spawn([&, name]() -> lull::task<> {
        const auto work = [&]() -> lull::task<> {
          order += "run ";
          co_await go.wait();
        };
        REQUIRE(co_await o.run(work));
        order += name;
      });
    }
    co_await lull::yield();
    REQUIRE(order == "run ");
    REQUIRE_FALSE(o.is_done());
    go.set();
    co_await all.join();
  });
  REQUIRE(order == "run abc");
}

TEST_CASE("an exception goes to who ran it, and the next in order tries") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::once o;
    lull::scope all;
    for (char name = 'a'; name <= 'd'; ++name) {
      all.spawn([&, name]() -> lull::task<> {
        const auto work = [&]() -> lull::task<> {
          co_await lull::yield();
          if (name < 'c') throw std::runtime_error("not yet");
        };
        bool done = false;
        try {
          done = co_await o.run(work);
        } catch (const std::runtime_error&) {
          order += '!';
        }
        REQUIRE(done == (name >= 'c'));
        order += name;
      });
    }
    co_await all.join();
    REQUIRE(o.is_done());
  });
  REQUIRE(order == "!a!bcd");
}

TEST_CASE("who is stopped while another is at it does not wait; who came after does") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::once o;
    lull::event go;
    lull::scope stopped;
    lull::scope others;
    const auto run = [&](char name) -> lull::task<> {
      const auto work = [&]() -> lull::task<> { co_await go.wait(); };
      const bool done = co_await o.run(work);
      if (!done) order += '-';
      order += name;
    };
    others.spawn(run, 'a');
    stopped.spawn(run, 'b');
    others.spawn(run, 'c');
    co_await lull::yield();
    stopped.request_stop();
    co_await stopped.join();
    REQUIRE(order == "-b");
    go.set();
    co_await others.join();
  });
  REQUIRE(order == "-bac");
}

TEST_CASE("what is run may own something that only moves") {
  test::run_alone([]() -> lull::task<> {
    lull::once o;
    int seen = 0;
    auto work = [owned = std::make_unique<int>(42), &seen] { seen = *owned; };
    auto run = o.run(std::move(work));
    REQUIRE(co_await run);
    REQUIRE(seen == 42);
  });
}
