// SPDX-License-Identifier: MIT

// Every form of retire, reserve and joining, with each allocation in turn failing: it succeeds, or
// throws with nothing changed.

#include <lull/reclaim/retire.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "../allocations.hpp"
#include "helpers.hpp"

namespace {

// Counts those that live.
struct living {
  explicit living(int& c) noexcept : count(&c) { ++*count; }
  living(living&& other) noexcept : count(std::exchange(other.count, nullptr)) {}
  ~living() {
    if (count != nullptr) --*count;
  }
  int* count;
};

struct living_pool {
  void give_back(living* one) noexcept { delete one; }
};

// Retires `make()`'s object by `retire(participant, object)` again and again with the allocation
// after 0, 1, 2... others failing. Where it throws, the object is the caller's still.
template <class Make, class Retire>
void fails_whole(Make make, Retire retire) {
  test::need_allocations();
  int alive = 0;
  std::size_t failures = 0;
  {
    lull::domain domain;
    lull::participant me(domain);
    for (std::size_t passes = 0; passes < 4; ++passes) {
      for (int i = 0; i < 600; ++i) {  // blocks fill
        auto object = make(alive);
        const int before = alive;
        bool threw = false;
        try {
          const test::failing_allocations some(passes);
          retire(me, object);
        } catch (const std::bad_alloc&) {
          threw = true;
        }
        REQUIRE(alive == before);
        if (threw) {
          ++failures;
          REQUIRE(object != nullptr);
          continue;
        }
        static_cast<void>(object.release());
      }
      CHECK(test::drive_to_the_end(me));
      CHECK(me.statistics().limbo_objects == 0);
      CHECK(me.statistics().limbo_bytes == 0);
    }
    CHECK(me.statistics().released + failures == 4 * 600);
  }
  CHECK(alive == 0);
  CHECK(failures != 0);
}

std::unique_ptr<living> one_living(int& alive) { return std::make_unique<living>(alive); }

}  // namespace

TEST_CASE("retire(object) succeeds or changes nothing, whatever allocation fails") {
  fails_whole(one_living, [](lull::participant& me, auto& object) { me.retire(object.get()); });
  fails_whole(one_living,
              [](lull::participant& me, auto& object) { me.retire(object.get(), 100); });
}

TEST_CASE(
    "retire(object, bytes, function) succeeds or changes nothing, whatever allocation fails") {
  fails_whole(one_living, [](lull::participant& me, auto& object) {
    me.retire(object.get(), 8, +[](void* one) noexcept { delete static_cast<living*>(one); });
  });
}

TEST_CASE("retire(unique_ptr) succeeds or changes nothing, whatever allocation fails") {
  fails_whole(one_living,
              [](lull::participant& me, auto& object) { me.retire(std::move(object)); });
  struct stateful {
    void* state[3];
    void operator()(living* one) const noexcept { delete one; }
  };
  fails_whole([](int& alive) { return std::unique_ptr<living, stateful>(new living(alive)); },
              [](lull::participant& me, auto& object) { me.retire(std::move(object)); });
}

TEST_CASE("retire_to succeeds or changes nothing, whatever allocation fails") {
  living_pool pool;
  fails_whole(one_living,
              [&pool](lull::participant& me, auto& object) { me.retire_to(pool, object.get()); });
}

TEST_CASE("a small deferred call that cannot be had leaves its arguments alone") {
  fails_whole(one_living, [](lull::participant& me, auto& object) {
    me.defer([](std::unique_ptr<living> one) { one.reset(); }, std::move(object));
  });
}

TEST_CASE("a large deferred call that cannot be had leaves its arguments alone") {
  fails_whole(one_living, [](lull::participant& me, auto& object) {
    me.defer([](std::unique_ptr<living> one, std::array<char, 100>) { one.reset(); },
             std::move(object), std::array<char, 100>{});
  });
}

TEST_CASE("a deferred call whose copy throws is not deferred, and the rest goes on") {
  struct throwing {
    throwing() = default;
    throwing(const throwing&) { throw 7; }
    void operator()() const { *called = true; }
    bool* called = nullptr;
  };
  lull::domain domain;
  lull::participant me(domain);
  std::size_t released = 0;
  bool called = false;
  throwing call;
  call.called = &called;
  me.retire(new test::counted(released));
  CHECK_THROWS_AS(me.defer(call), int);
  me.retire(new test::counted(released));
  CHECK(test::drive_to_the_end(me));
  CHECK(released == 2);
  CHECK_FALSE(called);
}

TEST_CASE("joining succeeds or changes nothing, whatever allocation fails") {
  test::need_allocations();
  lull::domain domain;
  lull::participant first(domain);
  std::size_t failures = 0;
  for (std::size_t passes = 0;; ++passes) {
    std::optional<lull::participant> second;
    {
      const test::failing_allocations some(passes);
      try {
        second.emplace(domain);
      } catch (const std::bad_alloc&) {
        ++failures;
      }
    }
    CHECK(domain.statistics().participants == (second ? 2 : 1));
    CHECK(lull::participant::current() == &first);
    if (second) break;
    CHECK(domain.statistics().slots == 1);
  }
  CHECK(failures >= 2);
  CHECK(test::drive_to_the_end(first));
}

TEST_CASE("quiescent states do without memory, and release what they can") {
  test::need_allocations();
  lull::domain domain;
  lull::participant me(domain);
  std::size_t released = 0;
  for (int i = 0; i < 500; ++i) me.retire(new test::counted(released));
  bool done = false;
  {
    const test::failing_allocations none(0);
    done = test::drive_to_the_end(me);
  }
  CHECK(done);
  CHECK(released == 500);
}
