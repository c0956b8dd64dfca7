// SPDX-License-Identifier: MIT
#include <lull/sched/tasks.hpp>

#include <optional>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/sleep.hpp>
#include <lull/sched/when_any.hpp>

#include "helpers.hpp"

using namespace std::chrono_literals;

namespace {

using listed = std::vector<lull::task_info>;

constexpr unsigned nap_line = __LINE__ + 1;
lull::task<> nap_inside() { co_await lull::sleep(1s); }

lull::task<> nap_of_a_listed_task() {
  auto inner = nap_inside();
  co_await std::move(inner);
}

lull::task<> yield_while(const bool& going) {
  while (going) co_await lull::yield();
}

lull::task<> list_now(listed& into) {
  into = lull::tasks();
  co_return;
}

// A core with a scope in which tasks are listed.
struct listing {
  test::driven_cores cores{1};
  std::optional<lull::scope> scope;

  listing() {
    const lull::core::inside here(*cores.cores[0]);
    scope.emplace();
  }
  ~listing() {
    cores.clock.advance(10s);
    cores.turn_until([&] { return scope->size() == 0; });
    const lull::core::inside here(*cores.cores[0]);
    scope.reset();
  }
  listed list() {
    const lull::core::inside here(*cores.cores[0]);
    return lull::tasks();
  }
  template <class... What>
  void spawn(What&&... what) {
    const lull::core::inside here(*cores.cores[0]);
    scope->spawn(std::forward<What>(what)...);
  }
};

bool ends_with(const char* text, std::string_view end) {
  return std::string_view(text).ends_with(end);
}

}  // namespace

TEST_CASE_METHOD(listing, "a task that waits is listed with what it awaits, where, and its age") {
  spawn(nap_of_a_listed_task);
  cores.turn();
  cores.clock.advance(200ms);
  cores.turn();
  const listed all = list();
  REQUIRE(all.size() == 1);
  CHECK(all[0].state == lull::task_state::waiting);
  CHECK(all[0].name.find("nap_of_a_listed_task") != std::string_view::npos);
  CHECK(all[0].age == 200ms);
  CHECK(all[0].awaits == "sleep");
  REQUIRE(all[0].at.size() == 2);
  CHECK(all[0].at[0].line() == nap_line + 4);
  CHECK(all[0].at[1].line() == nap_line);
  CHECK(ends_with(all[0].at[1].file_name(), "tasks_test.cpp"));
  const std::string line = lull::describe(all[0]);
  CHECK(line.find("waits for sleep, 200.000 ms old, at ") != std::string::npos);
  CHECK(line.find("tasks_test.cpp:" + std::to_string(nap_line) + ") in ") != std::string::npos);
  cores.clock.advance(1s);
  cores.turn();
  CHECK(list().size() == 1);  // ready, and runs in the next iteration
  cores.turn();
  CHECK(list().empty());
}

TEST_CASE_METHOD(listing, "of what a task awaits side by side the first is listed") {
  spawn([]() -> lull::task<> {
    (void)co_await lull::when_all(nap_of_a_listed_task(), lull::sleep(3s), lull::sleep(2s));
  });
  cores.turn();
  listed all = list();
  REQUIRE(all.size() == 1);
  CHECK(all[0].awaits == "sleep");
  REQUIRE(all[0].at.size() == 3);
  CHECK(all[0].at[2].line() == nap_line);
  for (int i = 0; i < 2; ++i) {  // the last that has not ended, then
    cores.clock.advance(1s);
    cores.turn();
    cores.turn();
    all = list();
    REQUIRE(all.size() == 1);
    CHECK(all[0].awaits == "sleep");
    CHECK(all[0].at.size() == 2);
  }
}

TEST_CASE_METHOD(listing, "it stays listed while others end") {
  spawn([]() -> lull::task<> {
    (void)co_await lull::when_all(nap_of_a_listed_task(), lull::sleep(500ms), lull::sleep(3s));
  });
  cores.turn();
  cores.clock.advance(500ms);
  cores.turn();
  cores.turn();
  const listed all = list();
  REQUIRE(all.size() == 1);
  REQUIRE(all[0].at.size() == 3);
  CHECK(all[0].at[2].line() == nap_line);
}

TEST_CASE_METHOD(listing, "what a task has awaited to its end is not listed any more") {
  listed during;
  listed after;
  spawn([&]() -> lull::task<> {
    auto inner = list_now(during);
    co_await std::move(inner);
    after = lull::tasks();
  });
  cores.turn();
  REQUIRE(during.size() == 1);
  CHECK(during[0].at.size() == 2);
  REQUIRE(after.size() == 1);
  CHECK(after[0].at.size() == 1);
}

TEST_CASE_METHOD(listing, "the frame that keeps a callable and its arguments is not listed") {
  const lull::nanoseconds time = 1s;
  spawn([&time]() -> lull::task<> { co_await lull::sleep(time); });
  cores.turn();
  const listed all = list();
  REQUIRE(all.size() == 1);
  CHECK(all[0].name.find("operator()") != std::string_view::npos);
  REQUIRE(all[0].at.size() == 1);
  CHECK(ends_with(all[0].at[0].file_name(), "tasks_test.cpp"));
}

TEST_CASE_METHOD(listing, "who runs and who can run are told apart, and a name given is the name") {
  bool going = true;
  listed seen;
  spawn(lull::task_options{.name = "yielder"}, yield_while, std::cref(going));
  cores.turn();
  spawn(lull::task_options{.name = "lister"}, list_now, std::ref(seen));
  const listed before = list();
  REQUIRE(before.size() == 2);
  CHECK(before[0].name == "yielder");
  CHECK(before[0].state == lull::task_state::ready);
  CHECK(before[1].state == lull::task_state::ready);
  CHECK(before[1].awaits.empty());
  cores.turn();
  REQUIRE(seen.size() == 2);
  CHECK(seen[1].name == "lister");
  CHECK(seen[1].state == lull::task_state::running);
  CHECK(seen[0].state == lull::task_state::ready);
  going = false;
  cores.turn();
  CHECK(list().empty());
}

TEST_CASE_METHOD(listing, "a task is listed from spawning to its end, by whichever scope") {
  CHECK(list().empty());
  std::optional<lull::scope> other;
  {
    const lull::core::inside here(*cores.cores[0]);
    other.emplace();
    other->spawn(nap_inside);
  }
  spawn(nap_inside);
  CHECK(list().size() == 2);
  cores.turn();
  CHECK(list().size() == 2);
  {
    const lull::core::inside here(*cores.cores[0]);
    other->request_stop();
  }
  cores.turn_until([&] { return other->size() == 0; });
  CHECK(list().size() == 1);
  const lull::core::inside here(*cores.cores[0]);
  other.reset();
}
