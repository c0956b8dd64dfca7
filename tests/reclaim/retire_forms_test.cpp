// SPDX-License-Identifier: MIT

// The forms of retire that call something: retire_to and defer.

#include <lull/reclaim/retire.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <lull/reclaim/hold.hpp>

#include "../allocations.hpp"
#include "helpers.hpp"

namespace {

struct pool_of_ints {
  std::vector<int*> back;
  pool_of_ints() { back.reserve(100); }
  void give_back(int* one) noexcept { back.push_back(one); }
};

struct forms_alone {
  lull::domain domain;
  lull::participant me{domain};

  void finish() { REQUIRE(test::drive_to_the_end(me)); }

  // Allocations of one retire, where a block has room and a run is begun.
  template <class Retire>
  std::size_t allocations_of(Retire retire) {
    finish();
    static_cast<void>(me.ticket());
    finish();  // a spare block is there
    const std::size_t before = test::allocations();
    retire();
    return test::allocations() - before;
  }
};

struct calls_counted {
  int* calls;
  explicit calls_counted(int& c) noexcept : calls(&c) {}
  void operator()() const { ++*calls; }
};

}  // namespace

TEST_CASE_METHOD(forms_alone, "an object retired to a pool is given back to it, and not deleted") {
  pool_of_ints pool;
  int numbers[4] = {1, 2, 3, 4};
  for (int i = 0; i < 3; ++i) me.retire_to(pool, &numbers[i]);
  lull::retire_to(pool, &numbers[3]);
  CHECK(pool.back.empty());
  CHECK(me.statistics().limbo_bytes == 0);  // as of the last quiescent state
  finish();
  CHECK(pool.back == std::vector<int*>{&numbers[0], &numbers[1], &numbers[2], &numbers[3]});
}

TEST_CASE_METHOD(forms_alone, "what is retired to a pool counts as its type's bytes") {
  pool_of_ints pool;
  int number = 0;
  lull::participant reader(domain);
  me.retire_to(pool, &number);
  me.quiescent();
  CHECK(me.statistics().limbo_bytes == sizeof(int));
  reader.offline();
  finish();
  CHECK(me.statistics().limbo_bytes == 0);
}

TEST_CASE_METHOD(forms_alone, "a deferred call comes after a grace period, once") {
  int calls = 0;
  lull::participant reader(domain);
  me.defer([&calls] { ++calls; });
  lull::defer([&calls] { ++calls; });
  for (int i = 0; i < 10; ++i) me.quiescent();
  CHECK(calls == 0);
  reader.offline();
  finish();
  CHECK(calls == 2);
  finish();
  CHECK(calls == 2);
}

TEST_CASE_METHOD(forms_alone, "a deferred call has its arguments, by value") {
  std::string result;
  std::string text = "one";
  me.defer([](std::string* into, const std::string& copy,
              int number) { *into = copy + " " + std::to_string(number); },
           &result, text, 7);
  text = "changed";
  finish();
  CHECK(result == "one 7");
}

TEST_CASE_METHOD(forms_alone, "a deferred call may take what can only be moved") {
  int seen = 0;
  me.defer([&seen](std::unique_ptr<int> owned) { seen = *owned; }, std::make_unique<int>(3));
  finish();
  CHECK(seen == 3);
  auto more = std::make_unique<int>(5);
  me.defer([&seen, owned = std::move(more)] { seen = *owned; });
  finish();
  CHECK(seen == 5);
}

TEST_CASE_METHOD(forms_alone, "what a deferred call owns is destroyed after it, large or small") {
  const auto shared = std::make_shared<int>(1);
  long used = 0;
  me.defer([shared, &used] { used += shared.use_count(); });
  me.defer([shared, &used, big = std::array<char, 100>{}] { used += shared.use_count() + big[0]; });
  CHECK(shared.use_count() == 3);
  finish();
  CHECK(used == 3 + 2);
  CHECK(shared.use_count() == 1);
}

TEST_CASE_METHOD(forms_alone, "a function and a callable object can be deferred") {
  static int called = 0;
  called = 0;
  me.defer(+[] { ++called; });
  me.defer(+[](int by) { called += by; }, 10);
  int calls = 0;
  const calls_counted object(calls);
  me.defer(object);
  finish();
  CHECK(called == 11);
  CHECK(calls == 1);
}

TEST_CASE_METHOD(forms_alone, "a deferred call may defer, and retire") {
  std::size_t released = 0;
  bool second = false;
  me.defer([&] {
    lull::retire(new test::counted(released));
    lull::defer([&] { second = true; });
  });
  finish();
  CHECK(released == 1);
  CHECK(second);
}

TEST_CASE_METHOD(forms_alone, "calls large and small and other forms may be mixed freely") {
  std::size_t calls = 0;
  std::size_t released = 0;
  for (int i = 0; i < 300; ++i) {
    me.defer([&calls] { ++calls; });
    me.defer([&calls, big = std::array<char, 64>{}] { calls += big[3] == 0 ? 1u : 0u; });
    me.retire(new test::counted(released));
    if (i % 7 == 0) me.quiescent();
  }
  finish();
  CHECK(calls == 600);
  CHECK(released == 300);
}

TEST_CASE_METHOD(forms_alone,
                 "up to three words are deferred without memory, arguments or captures") {
  test::need_allocations();
  void* a = this;
  void* b = &domain;
  void* c = &me;
  const auto use = [](void*, void*, void*) {};
  CHECK(allocations_of([&] { me.defer([] {}); }) == 0);
  CHECK(allocations_of([&] { me.defer([a, b] { static_cast<void>(a == b); }); }) == 0);
  CHECK(allocations_of([&] { me.defer([a, b, c] { static_cast<void>(a == b || b == c); }); }) == 0);
  CHECK(allocations_of([&] { me.defer(use, a, b, c); }) == 0);
  CHECK(allocations_of([&] { me.defer(+[](void*, void*) {}, a, b); }) == 0);
  CHECK(allocations_of([&] {
          me.defer([a, b, c](void* d) { static_cast<void>(a == b || c == d); }, a);
        }) == 1);
}

TEST_CASE_METHOD(forms_alone, "a deferred call was taken for held while something else was") {
  int calls = 0;
  lull::participant reader(domain);
  auto* object = new int(1);
  lull::hold<int> keep{lull::ref<int>(object)};
  me.retire(object);
  me.defer([&calls] { ++calls; });
  me.defer([&calls, big = std::array<char, 100>{}] { calls += 1 + big[0]; });
  for (int i = 0; i < 20; ++i) test::pass_grace_period(me, reader);
  CHECK(calls == 2);
  CHECK(me.statistics().held_objects == 1);
  keep.drop();
  for (int i = 0; i < 20; ++i) test::pass_grace_period(me, reader);
  CHECK(me.statistics().held_objects == 0);
}
