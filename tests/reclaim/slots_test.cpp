// SPDX-License-Identifier: MIT
#include <lull/reclaim/slots.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <new>
#include <set>
#include <thread>
#include <vector>

#include "../allocations.hpp"

using lull::detail::slot;
using lull::detail::slot_list;

TEST_CASE("a slot shares no cache line, walks read its first, and it starts offline") {
  slot_list slots;
  slot& mine = slots.join();
  const auto begin = reinterpret_cast<std::uintptr_t>(&mine);
  CHECK(sizeof(slot) % lull::cache_line == 0);
  CHECK(begin % lull::cache_line == 0);
  CHECK(reinterpret_cast<std::uintptr_t>(&mine.next) - begin < lull::cache_line);
  CHECK(reinterpret_cast<std::uintptr_t>(&mine.cells.in_use()) - begin < lull::cache_line);
  CHECK(reinterpret_cast<std::uintptr_t>(&mine.homecoming) - begin >= lull::cache_line);
  CHECK(mine.announced.load() == 0);
  CHECK(slots.owned() == 1);
}

TEST_CASE("a slot that was given back is taken again before another is made") {
  slot_list slots;
  slot& first = slots.join();
  slot& second = slots.join();
  CHECK(&first != &second);
  slot_list::leave(first);
  CHECK(slots.owned() == 1);
  CHECK(&slots.join() == &first);
  CHECK(slots.size() == 2);
}

TEST_CASE("a slot list without memory for one more throws and stays as it was") {
  test::need_allocations();
  slot_list slots;
  slots.join();
  {
    const test::failing_allocations none(0);
    CHECK_THROWS_AS(slots.join(), std::bad_alloc);
  }
  CHECK(slots.size() == 1);
  CHECK(slots.owned() == 1);
  slots.join();
  CHECK(slots.size() == 2);
}

TEST_CASE("threads that join at once get a slot each, and none is lost from the list") {
  slot_list slots;
  constexpr std::size_t count = 8;
  std::vector<slot*> got(count);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 200; ++round) {
        slot& mine = slots.join();
        mine.announced.store(i + 1, std::memory_order_relaxed);
        std::this_thread::yield();
        if (mine.announced.load(std::memory_order_relaxed) != i + 1) std::abort();
        mine.announced.store(0, std::memory_order_relaxed);
        slot_list::leave(mine);
      }
      got[i] = &slots.join();
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(std::set<slot*>(got.begin(), got.end()).size() == count);
  CHECK(slots.owned() == count);
  CHECK(slots.size() == count);
}
