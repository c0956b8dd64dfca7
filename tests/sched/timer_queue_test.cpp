// SPDX-License-Identifier: MIT
#include <lull/base/limits.hpp>
#include <lull/sched/timer_queue.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace std::chrono_literals;

namespace {

struct noting_timer : lull::detail::timer_node {
  explicit noting_timer(std::vector<const noting_timer*>& o)
      : timer_node(&noting_timer::noted), order(&o) {}
  static void noted(timer_node& self) noexcept {
    auto& me = static_cast<noting_timer&>(self);
    me.order->push_back(&me);
  }
  std::vector<const noting_timer*>* order;
};

using noted = std::vector<const noting_timer*>;

// Timers and what is known of them.
class modelled_timers {
 public:
  modelled_timers(std::size_t count, lull::time_point begin) : now(begin) {
    for (std::size_t i = 0; i < count; ++i)
      timers_.push_back(std::make_unique<noting_timer>(order_));
    expire();
  }
  ~modelled_timers() {
    for (auto& one : timers_) queue.cancel(*one);
  }

  noting_timer& at(std::size_t i) { return *timers_[i % timers_.size()]; }
  void arm(noting_timer& one, lull::time_point when) {
    queue.arm(one, when);
    model_.emplace(one.when, &one);
  }
  void cancel(noting_timer& one) {
    queue.cancel(one);
    forget(one);
  }
  // One call: what expires is the earliest of all; all that is due, or as much as a call does.
  std::size_t expire() {
    order_.clear();
    queue.expire(now);
    for (const noting_timer* one : order_) {
      REQUIRE(one->when == model_.begin()->first);
      REQUIRE(one->when <= now);
      forget(*one);
    }
    REQUIRE(order_.size() <= lull::limits::timers_at_a_time);
    REQUIRE(queue.empty() == model_.empty());
    if (queue.behind()) return order_.size();
    if (!model_.empty()) {
      REQUIRE(model_.begin()->first > now);
      REQUIRE(queue.earliest() <= model_.begin()->first);
    }
    return order_.size();
  }
  std::size_t expire_all() {
    std::size_t calls = 0;
    do {
      expire();
      ++calls;
    } while (queue.behind());
    return calls;
  }

  lull::detail::timer_queue queue;
  lull::time_point now;

 private:
  void forget(const noting_timer& one) {
    if (model_.erase({one.when, &one}) == 0) FAIL("a timer expired that was not armed");
  }

  noted order_;
  std::vector<std::unique_ptr<noting_timer>> timers_;
  std::set<std::pair<lull::time_point, const noting_timer*>> model_;
};

}  // namespace

TEST_CASE("timers expire in order, each once, against a set") {
  const unsigned range_bits = GENERATE(10u, 16u, 21u, 27u, 34u, 48u);
  const auto within = [range_bits](std::mt19937_64& random) {
    return lull::nanoseconds(random() % (std::uint64_t{1} << (1 + random() % range_bits)));
  };
  std::mt19937_64 random(range_bits);
  modelled_timers all(2000, lull::time_point{});
  for (int step = 0; step < 50'000; ++step) {
    noting_timer& one = all.at(random());
    if (one.armed) {
      all.cancel(one);
    } else {
      all.arm(one, all.now + within(random));
    }
    if (step % 50 == 0) {
      all.now += within(random) / 5;
      all.expire();
    }
  }
}

TEST_CASE("however many timers are near or due, a call does a bounded part of it, in order") {
  constexpr std::size_t most = lull::limits::timers_at_a_time;
  const lull::nanoseconds apart = GENERATE(0ns, 3ns, 900ns, 70'000ns);
  std::mt19937_64 random(7);
  modelled_timers all(6 * most + 5, lull::time_point(10h));
  const auto some_time = [&] {
    return lull::time_point(10h) + 20s + apart * static_cast<std::int64_t>(random() % (6 * most));
  };
  for (std::size_t i = 0; i < 6 * most + 5; ++i) all.arm(all.at(i), some_time());
  // Others come and go while a part is done.
  const auto change = [&] {
    for (std::size_t i = 0; i < most / 2; ++i) {
      noting_timer& one = all.at(random());
      if (!one.armed) continue;
      all.cancel(one);
      if (i % 4 != 0) all.arm(one, random() % 2 == 0 ? some_time() : all.now - 1ns);
    }
  };
  all.now += 20s - 1ns;
  std::size_t calls = 0;
  for (; all.queue.behind() || calls == 0; ++calls) {
    REQUIRE(calls < 1000);
    all.expire();
    change();
  }
  all.now += 6 * most * apart + 1ns;
  std::size_t expired = 0;
  for (calls = 0; all.queue.behind() || calls == 0; ++calls) {
    REQUIRE(calls < 1000);
    expired += all.expire();
    change();
  }
  CHECK(calls > 2);
  CHECK(expired > 2 * most);
}

TEST_CASE("a queue is not behind with timers that were cancelled") {
  noted order;
  lull::detail::timer_queue queue;
  const lull::time_point now{10h};
  queue.expire(now);
  std::vector<std::unique_ptr<noting_timer>> all;
  for (std::size_t i = 0; i < 3 * lull::limits::timers_at_a_time; ++i) {
    all.push_back(std::make_unique<noting_timer>(order));
    queue.arm(*all.back(), now);
  }
  queue.expire(now);
  CHECK(queue.behind());
  for (auto& one : all) queue.cancel(*one);
  queue.expire(now);
  CHECK(!queue.behind());
  CHECK(order.size() == lull::limits::timers_at_a_time);
}

TEST_CASE("who sleeps until the earliest time and asks again is there in a few turns") {
  noted order;
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
    REQUIRE(order == noted{&one});
    REQUIRE(now == one.when);
    REQUIRE(queue.earliest() == later.when);
    queue.cancel(later);
  }
}

TEST_CASE("a timer that is alone is the earliest, wherever it lies") {
  noted order;
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
  noted order;
  lull::detail::timer_queue queue;
  noting_timer never(order);
  noting_timer at_once(order);
  queue.expire(lull::time_point(5h));
  queue.arm(never, lull::time_point::max());
  queue.arm(at_once, lull::time_point(-1h));
  queue.expire(lull::time_point(5h));
  REQUIRE(order == noted{&at_once});
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

TEST_CASE("timers armed again and again for the past kept all others from expiring") {
  struct insisting_timer : lull::detail::timer_node {
    explicit insisting_timer(lull::detail::timer_queue& q)
        : timer_node(&insisting_timer::again), queue(&q) {}
    static void again(timer_node& self) noexcept {
      auto& me = static_cast<insisting_timer&>(self);
      me.queue->arm(me, lull::time_point(1s));
    }
    lull::detail::timer_queue* queue;
  };
  lull::detail::timer_queue queue;
  lull::time_point now{1h};
  queue.expire(now);
  std::deque<insisting_timer> insisting;
  for (std::size_t i = 0; i < 2 * lull::limits::timers_at_a_time; ++i) {
    queue.arm(insisting.emplace_back(queue), lull::time_point(1s));
  }
  noted order;
  noting_timer one(order);
  queue.arm(one, now + 1ms);
  now += 1ms;
  int calls = 0;
  for (; order.empty(); ++calls, now += 1us) {
    REQUIRE(calls < 10);
    queue.expire(now);
  }
  for (auto& other : insisting) queue.cancel(other);
}
