// SPDX-License-Identifier: MIT
#include <lull/sched/timer_queue.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace std::chrono_literals;

namespace {

struct noting_timer : lull::detail::timer_node {
  explicit noting_timer(std::vector<lull::time_point>& o)
      : timer_node(&noting_timer::noted), order(&o) {}
  static void noted(timer_node& self) noexcept {
    auto& me = static_cast<noting_timer&>(self);
    me.order->push_back(me.when);
  }
  std::vector<lull::time_point>* order;
};

}  // namespace

TEST_CASE("timers expire in order, each once, against a multimap") {
  const unsigned range_bits = GENERATE(10u, 16u, 21u, 27u, 34u, 48u);
  const auto within = [range_bits](std::mt19937_64& random) {
    return lull::nanoseconds(random() % (std::uint64_t{1} << (1 + random() % range_bits)));
  };
  std::mt19937_64 random(range_bits);
  std::vector<lull::time_point> order;
  lull::detail::timer_queue queue;
  std::vector<std::unique_ptr<noting_timer>> timers;
  std::multimap<lull::time_point, noting_timer*> model;
  for (int i = 0; i < 2000; ++i) timers.push_back(std::make_unique<noting_timer>(order));
  lull::time_point now{};
  for (int step = 0; step < 50'000; ++step) {
    noting_timer& one = *timers[random() % timers.size()];
    if (one.armed) {
      queue.cancel(one);
      for (auto [at, end] = model.equal_range(one.when); at != end; ++at) {
        if (at->second == &one) {
          model.erase(at);
          break;
        }
      }
    } else {
      const auto when = now + within(random);
      queue.arm(one, when);
      model.emplace(when, &one);
    }
    if (step % 50 == 0) {
      now += within(random) / 5;
      order.clear();
      queue.expire(now);
      std::vector<lull::time_point> wanted;
      while (!model.empty() && model.begin()->first <= now) {
        wanted.push_back(model.begin()->first);
        model.erase(model.begin());
      }
      REQUIRE(order == wanted);
    }
    REQUIRE(queue.empty() == model.empty());
    if (!model.empty()) REQUIRE(queue.earliest() <= model.begin()->first);
  }
  for (auto& one : timers) queue.cancel(*one);
  REQUIRE(queue.empty());
}

TEST_CASE("who sleeps until the earliest time and asks again is there in a few turns") {
  std::vector<lull::time_point> order;
  lull::detail::timer_queue queue;
  lull::time_point now{10h};
  queue.expire(now);
  for (const lull::nanoseconds far : {1ns, 20'000ns, 5'000'000ns, 9'000'000'000ns, 500h + 3ns}) {
    order.clear();
    noting_timer one(order);
    noting_timer later(order);
    queue.arm(one, now + far);
    queue.arm(later, now + far + 1ns);
    int turns = 0;
    for (; order.empty(); ++turns) {
      REQUIRE(turns < 10);
      REQUIRE(queue.earliest() > now);
      now = queue.earliest();
      queue.expire(now);
    }
    REQUIRE(order == std::vector{one.when});
    REQUIRE(now == one.when);
    REQUIRE(queue.earliest() == later.when);
    queue.cancel(later);
  }
}

TEST_CASE("a timer that is alone is the earliest, wherever it lies") {
  std::vector<lull::time_point> order;
  lull::detail::timer_queue queue;
  noting_timer one(order);
  for (const lull::time_point when :
       {lull::time_point(3s), lull::time_point(900h), lull::time_point::max()}) {
    queue.arm(one, when);
    REQUIRE(queue.earliest() == when);
    queue.cancel(one);
    REQUIRE(queue.empty());
  }
}

TEST_CASE("a timer may be armed for the end of time or for what is long past") {
  std::vector<lull::time_point> order;
  lull::detail::timer_queue queue;
  noting_timer never(order);
  noting_timer at_once(order);
  queue.expire(lull::time_point(5h));
  queue.arm(never, lull::time_point::max());
  queue.arm(at_once, lull::time_point(-1h));
  queue.expire(lull::time_point(5h));
  REQUIRE(order == std::vector{lull::time_point(-1h)});
  queue.expire(lull::time_point::max() - 1ns);
  REQUIRE(never.armed);
  queue.expire(lull::time_point::max());
  REQUIRE_FALSE(never.armed);
}

namespace {

// Arms itself again, a moment earlier, a few times.
struct restarting_timer : lull::detail::timer_node {
  explicit restarting_timer(lull::detail::timer_queue& q)
      : timer_node(&restarting_timer::again), queue(q) {}
  static void again(timer_node& self) noexcept {
    auto& me = static_cast<restarting_timer&>(self);
    if (++me.times < 3) me.queue.arm(me, me.when - 1ns);
  }
  lull::detail::timer_queue& queue;
  int times = 0;
};

}  // namespace

TEST_CASE("a timer that is armed anew for a time that is due expires in the same turn") {
  lull::detail::timer_queue queue;
  restarting_timer one(queue);
  queue.arm(one, lull::time_point(1h));
  queue.expire(lull::time_point(1h));
  REQUIRE(one.times == 3);
  REQUIRE(queue.empty());
}
