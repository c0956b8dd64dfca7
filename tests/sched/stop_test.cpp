// SPDX-License-Identifier: MIT
#include <lull/sched/stop.hpp>

#include <string>

#include <catch2/catch_test_macros.hpp>

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
