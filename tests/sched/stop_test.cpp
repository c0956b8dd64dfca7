// SPDX-License-Identifier: MIT
#include <lull/sched/stop.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/grace_period.hpp>
#include <lull/sched/sleep.hpp>

#include "helpers.hpp"

using lull::detail::stop_below;
using lull::detail::stop_hook;
using lull::detail::stop_state;

namespace {

struct noting : stop_hook {
  noting(std::string& t, char n) noexcept : stop_hook(&noting::asked), to(&t), name(n) {}
  static void asked(stop_hook& self) noexcept {
    auto& me = static_cast<noting&>(self);
    *me.to += me.name;
    if (me.takes_along != nullptr) me.takes_along->unlink();
  }
  std::string* to;
  char name;
  stop_hook* takes_along = nullptr;
};

}  // namespace

TEST_CASE("hooks hear of a stop once, in the order of linking") {
  std::string heard;
  stop_state state;
  noting a(heard, 'a'), b(heard, 'b'), c(heard, 'c');
  a.link(&state);
  b.link(&state);
  c.link(&state);
  b.unlink();
  b.unlink();
  REQUIRE_FALSE(state.requested());
  state.request();
  state.request();
  REQUIRE(state.requested());
  REQUIRE(heard == "ac");
}

TEST_CASE("a hook may unlink another while the stop is being told") {
  std::string heard;
  stop_state state;
  noting a(heard, 'a'), b(heard, 'b'), c(heard, 'c');
  a.takes_along = &b;
  a.link(&state);
  b.link(&state);
  c.link(&state);
  state.request();
  REQUIRE(heard == "ac");
}

TEST_CASE("a hook without a state hears nothing, and a destroyed one is forgotten") {
  std::string heard;
  stop_state state;
  {
    noting gone(heard, 'g');
    gone.link(&state);
    noting alone(heard, 'n');
    alone.link(nullptr);
  }
  state.request();
  REQUIRE(heard.empty());
}

TEST_CASE("hooks below another request hear of it in their place, and once") {
  std::string heard;
  stop_state top;
  stop_below below, alone;
  noting a(heard, 'a'), b(heard, 'b'), c(heard, 'c'), d(heard, 'd'), e(heard, 'e');
  a.link(&top);
  below.begin(&top);
  alone.begin(&top);  // nobody waits there
  b.link(&below);
  c.link(&below);
  d.link(&below);
  e.link(&top);
  b.takes_along = &c;
  d.takes_along = &e;
  top.request();
  REQUIRE(heard == "abd");
  REQUIRE(below.requested());
  REQUIRE(alone.requested());
  below.request();
  REQUIRE(heard == "abd");
}

TEST_CASE("what was asked to stop before the request above is not told again") {
  std::string heard;
  stop_state top;
  stop_below below;
  noting a(heard, 'a'), b(heard, 'b');
  below.begin(&top);
  a.link(&below);
  below.request();
  b.link(&top);
  top.request();
  REQUIRE(heard == "ab");
}

TEST_CASE("a stop took stack for each request that it was passed on to") {
  struct noting_stack : stop_hook {
    noting_stack() noexcept : stop_hook(&noting_stack::asked) {}
    static void asked(stop_hook& self) noexcept {
      static_cast<noting_stack&>(self).at =
          reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    }
    std::uintptr_t at = 0;
  };
  stop_state top;
  noting_stack first;
  first.link(&top);
  std::vector<stop_below> nested(10'000);
  stop_state* above = &top;
  for (stop_below& one : nested) {
    one.begin(above);
    above = &one;
  }
  noting_stack deepest;
  deepest.link(above);
  top.request();
  REQUIRE(first.at != 0);
  REQUIRE(deepest.at == first.at);
  REQUIRE(nested.back().requested());
}

TEST_CASE("a stop in the iteration in which a wait is over resumes the task once") {
  // Taken from the inbox: after the task has begun to wait, before the quiescent state that ends
  // it.
  struct stop_message : lull::detail::message {
    explicit stop_message(lull::scope& s) noexcept : message(&stop_message::arrived), tasks(&s) {}
    static void arrived(message& self) noexcept {
      static_cast<stop_message&>(self).tasks->request_stop();
    }
    lull::scope* tasks;
  };
  test::driven_cores cores(1);
  std::optional<lull::scope> tasks;
  std::vector<bool> passed;
  {
    const lull::core::inside here(*cores.cores[0]);
    tasks.emplace();
    tasks->spawn([&passed]() -> lull::task<> {
      passed.push_back(co_await lull::grace_period());
      co_await lull::yield();
    });
    tasks->spawn([&passed]() -> lull::task<> {
      passed.push_back(co_await lull::barrier());
      co_await lull::yield();
    });
  }
  stop_message stop(*tasks);
  cores.cores[0]->post(stop);
  cores.turn_until([&] { return tasks->size() == 0; });
  REQUIRE(passed == std::vector<bool>{false, false});
  const lull::core::inside here(*cores.cores[0]);
  tasks.reset();
}
