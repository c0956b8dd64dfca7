// SPDX-License-Identifier: MIT
#include <lull/reclaim/limbo.hpp>
#include <lull/reclaim/release.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <new>
#include <vector>

#include "../allocations.hpp"
#include "helpers.hpp"

using lull::detail::limbo;
using lull::detail::release_budget;
using lull::detail::release_kind;
using lull::detail::release_pace;

namespace {

// What was released, in order; a test has one limbo at a time.
std::vector<std::size_t> order;

void note(void** entries, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) order.push_back(lull::detail::to_number(entries[i]));
}
void note_sized(void** entries, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) order.push_back(lull::detail::to_number(entries[2 * i]));
}

constexpr release_kind plain{&note, 1, 8};
constexpr release_kind another{&note, 1, 16};
constexpr release_kind sized{&note_sized, 2, 0};

void append(limbo& to, const release_kind& kind, std::size_t number, std::size_t bytes = 0) {
  if (!to.fits(kind)) to.begin_run(kind);
  void** entry = to.place(kind);
  entry[0] = lull::detail::to_word(number);
  if (kind.bytes == 0) {
    entry[1] = lull::detail::to_word(bytes);
    to.count_bytes(bytes);
  }
}

limbo::size release(limbo& from, std::size_t most = 1'000'000) {
  release_pace pace;
  const lull::time_source clock;
  release_budget budget(test::at_most(most), from.due(), pace, clock);
  lull::detail::release_sink sink(from, nullptr, nullptr);
  return from.release(budget, sink);
}

struct fresh_order {
  fresh_order() { order.clear(); }
};

}  // namespace

TEST_CASE_METHOD(fresh_order, "what is appended waits for its tag to be passed") {
  limbo waiting;
  CHECK(waiting.empty());
  CHECK(waiting.wanted() == 0);
  append(waiting, plain, 1);
  CHECK(waiting.is_open());
  CHECK_FALSE(waiting.empty());
  const limbo::size closed = waiting.close(7);
  CHECK(closed.objects == 1);
  CHECK(closed.bytes == 8);
  CHECK(waiting.wanted() == 8);
  waiting.mark_due({7, false});
  CHECK(waiting.due() == 0);
  CHECK(release(waiting).objects == 0);
  waiting.mark_due({8, false});
  CHECK(waiting.due() == 1);
  CHECK(waiting.wanted() == 0);
  CHECK(release(waiting).objects == 1);
  CHECK(waiting.empty());
  CHECK(waiting.bytes() == 0);
}

TEST_CASE_METHOD(fresh_order, "release keeps the order of retiring over kinds and blocks") {
  limbo waiting;
  constexpr std::size_t count = 3000;
  for (std::size_t i = 0; i < count; ++i) {
    append(waiting, i % 7 == 0 ? sized : i % 3 == 0 ? another : plain, i, i);
  }
  waiting.close(1);
  waiting.mark_due({2, false});
  std::size_t released = 0;
  while (!waiting.empty()) released += release(waiting, 13).objects;
  REQUIRE(released == count);
  REQUIRE(order.size() == count);
  for (std::size_t i = 0; i < count; ++i) REQUIRE(order[i] == i);
  CHECK(waiting.bytes() == 0);
}

TEST_CASE_METHOD(fresh_order, "two tags wait side by side and become due one by one") {
  limbo waiting;
  append(waiting, plain, 1);
  waiting.close(4);
  append(waiting, plain, 2);
  append(waiting, plain, 3);
  waiting.close(5);
  CHECK(waiting.wanted() == 6);
  waiting.mark_due({5, false});
  CHECK(waiting.due() == 1);
  CHECK(waiting.objects() == 3);
  release(waiting);
  CHECK(order == std::vector<std::size_t>{1});
  waiting.mark_due({6, false});
  CHECK(waiting.due() == 2);
  release(waiting);
  CHECK(order == std::vector<std::size_t>{1, 2, 3});
}

TEST_CASE_METHOD(fresh_order, "batches of one tag become due together") {
  limbo waiting;
  append(waiting, plain, 1);
  waiting.close(4);
  append(waiting, plain, 2);
  waiting.close(4);
  waiting.mark_due({5, false});
  CHECK(waiting.due() == 2);
  release(waiting);
}

TEST_CASE_METHOD(fresh_order, "a third tag makes the older ones wait longer, never shorter") {
  limbo waiting;
  for (std::size_t tag = 1; tag <= 4; ++tag) {
    append(waiting, plain, tag);
    waiting.close(tag);
  }
  CHECK(waiting.objects() == 4);
  waiting.mark_due({3, false});  // 1 and 2 might go, but wait with 3
  CHECK(waiting.due() == 0);
  waiting.mark_due({4, false});
  CHECK(waiting.due() == 3);
  waiting.mark_due({5, false});
  CHECK(waiting.due() == 4);
  release(waiting);
}

TEST_CASE_METHOD(fresh_order, "a release stops at its bound and goes on in the middle of a run") {
  limbo waiting;
  for (std::size_t i = 0; i < 10; ++i) append(waiting, plain, i);
  waiting.close(1);
  waiting.mark_due({2, false});
  CHECK(release(waiting, 4).objects == 4);
  CHECK(waiting.due() == 6);
  CHECK(waiting.bytes() == 6 * 8);
  append(waiting, plain, 10);  // the open batch is not touched by releases
  CHECK(release(waiting, 100).objects == 6);
  CHECK(waiting.is_open());
  waiting.close(2);
  waiting.mark_due({3, false});
  CHECK(release(waiting).objects == 1);
  CHECK(order.back() == 10);
}

TEST_CASE_METHOD(fresh_order, "a limbo in steady use allocates nothing") {
  test::need_allocations();
  limbo waiting;
  order.reserve(1'000'000);
  std::size_t before = 0;
  for (std::size_t tag = 1; tag < 1000; ++tag) {
    if (tag == 100) before = test::allocations();
    for (std::size_t i = 0; i < 16; ++i) append(waiting, plain, i);
    waiting.mark_due({tag - 1, false});
    waiting.close(tag);
    release(waiting);
    waiting.top_up();
  }
  CHECK(test::allocations() == before);
  waiting.mark_due({1000, false});
  release(waiting);
}

TEST_CASE_METHOD(fresh_order, "an append without memory throws and leaves the limbo as it was") {
  test::need_allocations();
  limbo waiting;
  std::size_t appended = 0;
  {
    const test::failing_allocations none(0);
    try {
      for (;; ++appended) append(waiting, plain, appended);
    } catch (const std::bad_alloc&) {}
  }
  REQUIRE(appended >= lull::limits::limbo_block_words - lull::detail::run_header_words);
  append(waiting, plain, appended);
  CHECK(waiting.close(1).objects == appended + 1);
  waiting.mark_due({2, false});
  release(waiting);
  REQUIRE(order.size() == appended + 1);
  for (std::size_t i = 0; i <= appended; ++i) REQUIRE(order[i] == i);
}

TEST_CASE_METHOD(fresh_order,
                 "what was reserved can be appended without memory, whatever its kind") {
  test::need_allocations();
  for (const std::size_t count : {1u, 5u, 100u, 1000u}) {
    limbo waiting;
    waiting.reserve(count);
    {
      const test::failing_allocations none(0);
      for (std::size_t i = 0; i < count; ++i) append(waiting, i % 2 == 0 ? sized : plain, i, 1);
      CHECK_FALSE(none.met());
    }
    waiting.close(1);
    waiting.mark_due({2, false});
    CHECK(release(waiting).objects == count);
  }
}

TEST_CASE_METHOD(fresh_order, "a reservation outlasts releases that give blocks back") {
  test::need_allocations();
  limbo waiting;
  for (std::size_t i = 0; i < 5000; ++i) append(waiting, plain, i);
  waiting.close(1);
  waiting.reserve(2000);
  waiting.mark_due({2, false});
  release(waiting);
  const test::failing_allocations none(0);
  for (std::size_t i = 0; i < 2000; ++i) append(waiting, i % 2 == 0 ? sized : plain, i, 1);
  CHECK_FALSE(none.met());
  waiting.close(2);
  waiting.mark_due({3, false});
  release(waiting);
}

TEST_CASE_METHOD(fresh_order, "a reservation that fails leaves nothing behind") {
  test::need_allocations();
  limbo waiting;
  for (std::size_t passes = 0;; ++passes) {
    const test::failing_allocations some(passes);
    try {
      waiting.reserve(300);
      break;
    } catch (const std::bad_alloc&) {
      REQUIRE(waiting.empty());
    }
  }
  const test::failing_allocations none(0);
  for (std::size_t i = 0; i < 300; ++i) append(waiting, plain, i);
  waiting.close(1);
  waiting.mark_due({2, false});
  CHECK(release(waiting).objects == 300);
}
