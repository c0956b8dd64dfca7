// SPDX-License-Identifier: MIT
#include <lull/sched/timer_queue.hpp>

#include <map>
#include <memory>
#include <random>
#include <vector>

#include <catch2/catch_test_macros.hpp>

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
  std::mt19937 random(1);
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
      const auto when = now + lull::nanoseconds(random() % 1000);
      queue.arm(one, when);
      model.emplace(when, &one);
    }
    if (step % 50 == 0) {
      now += lull::nanoseconds(random() % 200);
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
    if (!model.empty()) REQUIRE(queue.earliest() == model.begin()->first);
  }
  for (auto& one : timers) queue.cancel(*one);
  REQUIRE(queue.empty());
}
