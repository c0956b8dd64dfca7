// SPDX-License-Identifier: MIT
#include <lull/reclaim/retire.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <type_traits>

#include "../allocations.hpp"
#include "helpers.hpp"

namespace {

struct alone {
  lull::domain domain;
  lull::participant me{domain};

  // Everything retired so far is released.
  void finish() { REQUIRE(test::drive_to_the_end(me)); }

  // In limbo after one quiescent state, which a reader keeps from releasing anything.
  std::uint64_t waiting_bytes() {
    lull::participant reader(domain);
    me.quiescent();
    const std::uint64_t bytes = me.statistics().limbo_bytes;
    reader.offline();
    return bytes;
  }
};

std::size_t returned = 0;
struct to_pool {
  void operator()(int* object) const noexcept {
    ++returned;
    delete object;
  }
};

}  // namespace

TEST_CASE_METHOD(alone, "a plain pointer is deleted after a grace period, not before") {
  bool gone = false;
  lull::participant reader(domain);
  lull::retire(new test::tracked(gone));
  CHECK_FALSE(gone);
  for (int i = 0; i < 3; ++i) me.quiescent();
  CHECK_FALSE(gone);
  reader.offline();
  finish();
  CHECK(gone);
}

TEST_CASE_METHOD(alone, "a pointer to const is deleted like any other") {
  bool gone = false;
  const test::tracked* object = new test::tracked(gone);
  me.retire(object);
  finish();
  CHECK(gone);
}

TEST_CASE_METHOD(alone, "bytes in limbo are the object's, or what the caller says") {
  me.retire(new std::array<char, 100>);
  CHECK(waiting_bytes() == 100);
  finish();
  me.retire(new int, 5000);
  CHECK(waiting_bytes() == 5000);
  finish();
  me.retire(std::unique_ptr<int[]>(new int[10]), 10);
  CHECK(waiting_bytes() == 40);
  finish();
  int raw = 0;
  me.retire(&raw, 77, +[](void* object) noexcept { *static_cast<int*>(object) = 1; });
  CHECK(waiting_bytes() == 77);
  CHECK(raw == 0);
  finish();
  CHECK(raw == 1);
  CHECK(me.statistics().limbo_bytes == 0);
  CHECK(me.statistics().limbo_bytes_high == 5000);
}

TEST_CASE_METHOD(alone, "a unique pointer is retired with the deleter of its type") {
  bool gone = false;
  auto object = std::make_unique<test::tracked>(gone);
  lull::retire(std::move(object));
  CHECK(object == nullptr);
  CHECK_FALSE(gone);
  finish();
  CHECK(gone);
}

TEST_CASE_METHOD(alone, "a deleter without state is called for each object") {
  returned = 0;
  for (int i = 0; i < 100; ++i) lull::retire(std::unique_ptr<int, to_pool>(new int(i)));
  CHECK(returned == 0);
  finish();
  CHECK(returned == 100);
}

TEST_CASE_METHOD(alone, "a deleter with state goes along and is destroyed afterwards") {
  const auto log = std::make_shared<std::string>();
  const auto deleter = [log](int* object) noexcept {
    *log += static_cast<char>('a' + *object);
    delete object;
  };
  using owner = std::unique_ptr<int, decltype(deleter)>;
  for (int i = 0; i < 5; ++i) me.retire(owner(new int(i), deleter));
  CHECK(log.use_count() == 7);
  finish();
  CHECK(*log == "abcde");
  CHECK(log.use_count() == 2);
}

TEST_CASE_METHOD(alone, "a function and a std::function serve as deleters") {
  returned = 0;
  me.retire(std::unique_ptr<int, void (*)(int*)>(new int, [](int* object) {
    ++returned;
    delete object;
  }));
  me.retire(std::unique_ptr<int, std::function<void(int*)>>(new int, [](int* object) {
    ++returned;
    delete object;
  }));
  finish();
  CHECK(returned == 2);
}

TEST_CASE_METHOD(alone, "retiring nothing retires nothing") {
  me.retire(std::unique_ptr<int>());
  me.retire(std::unique_ptr<int[]>(), 0);
  me.retire(std::unique_ptr<int, to_pool>());
  CHECK_FALSE(me.has_limbo());
}

TEST_CASE_METHOD(alone, "a null pointer was taken for an object that is retired twice") {
  for (int i = 0; i < 2; ++i) me.retire(static_cast<int*>(nullptr));
  CHECK(test::drive_to_the_end(me));
}

TEST_CASE_METHOD(alone, "an array is deleted as an array") {
  std::size_t released = 0;
  struct element {
    std::size_t* released = nullptr;
    ~element() {
      if (released != nullptr) ++*released;
    }
  };
  std::unique_ptr<element[]> array(new element[3]);
  for (std::size_t i = 0; i < 3; ++i) array[i].released = &released;
  lull::retire(std::move(array), 3);
  CHECK(array == nullptr);
  finish();
  CHECK(released == 3);
}

TEST_CASE_METHOD(alone, "kinds may be mixed freely") {
  std::size_t released = 0;
  returned = 0;
  for (int i = 0; i < 1000; ++i) {
    lull::retire(new test::counted(released));
    lull::retire(std::unique_ptr<int, to_pool>(new int));
    lull::retire(&released, 1, +[](void* count) noexcept { ++*static_cast<std::size_t*>(count); });
    if (i % 10 == 0) me.quiescent();
  }
  finish();
  CHECK(released == 2000);
  CHECK(returned == 1000);
}

TEST_CASE_METHOD(alone, "a deleter may retire again, chain after chain") {
  std::size_t released = 0;
  struct chain {
    std::size_t* released;
    int left;
    ~chain() {
      ++*released;
      if (left > 0) lull::retire(new chain{released, left - 1});
    }
  };
  me.retire(new chain{&released, 50});
  finish();
  CHECK(released == 51);
}

TEST_CASE_METHOD(alone,
                 "a deleter retires into the participant that runs it, not the current one") {
  lull::domain elsewhere;
  lull::participant other(elsewhere);
  const test::playing as_other(other);
  bool gone = false;
  struct outer {
    bool* gone;
    ~outer() { lull::retire(new test::tracked(*gone)); }
  };
  me.retire(new outer{&gone});
  finish();
  CHECK(gone);
  CHECK_FALSE(other.has_limbo());
  CHECK(lull::participant::current() == &other);
}

TEST_CASE_METHOD(alone, "a retire without memory throws and the object still is the caller's") {
  test::need_allocations();
  std::size_t released = 0;
  auto object = std::make_unique<test::counted>(released);
  std::size_t retired = 0;
  {
    const test::failing_allocations none(0);
    const auto fill = [&] {
      for (;; ++retired) me.retire(&released, 1, +[](void*) noexcept {});
    };
    CHECK_THROWS_AS(fill(), std::bad_alloc);
    CHECK_THROWS_AS(me.retire(std::move(object)), std::bad_alloc);
  }
  CHECK(object != nullptr);
  CHECK(released == 0);
  finish();
  CHECK(me.statistics().retired == retired);
}

TEST_CASE_METHOD(alone,
                 "after reserve the next retires need no memory, and a failed one is whole") {
  test::need_allocations();
  std::size_t released = 0;
  for (std::size_t passes = 0;; ++passes) {
    const test::failing_allocations some(passes);
    try {
      lull::reserve(500);
      break;
    } catch (const std::bad_alloc&) {}
  }
  const test::failing_allocations none(0);
  for (int i = 0; i < 250; ++i) {
    me.retire(&released, 1, +[](void* count) noexcept { ++*static_cast<std::size_t*>(count); });
    me.retire(&released, 1, +[](void* count) noexcept { ++*static_cast<std::size_t*>(count); });
  }
  CHECK_FALSE(none.met());
  finish();
  CHECK(released == 500);
}

TEST_CASE_METHOD(alone, "a quiescent state tops up memory for the retires after it") {
  test::need_allocations();
  std::size_t released = 0;
  const auto fill_a_block = [&] {
    for (std::size_t i = 0; i < lull::limits::limbo_block_words / 5; ++i) {
      me.retire(&released, 1, +[](void* count) noexcept { ++*static_cast<std::size_t*>(count); });
    }
  };
  for (int round = 0; round < 50; ++round) {
    me.quiescent(test::at_most(0));
    const test::failing_allocations none(0);
    fill_a_block();
    REQUIRE_FALSE(none.met());
  }
  finish();
}

TEST_CASE_METHOD(alone, "a retire allocates nothing per object") {
  test::need_allocations();
  std::size_t released = 0;
  me.retire(&released, 1, +[](void*) noexcept {});
  finish();
  const std::size_t before = test::allocations();
  const std::size_t count = lull::limits::limbo_block_words / 3 - 1;
  for (std::size_t i = 0; i < count; ++i) me.retire(&released, 1, +[](void*) noexcept {});
  CHECK(test::allocations() == before);
  finish();
}
