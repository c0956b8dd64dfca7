// SPDX-License-Identifier: MIT
#include <lull/tables/slot_array.hpp>

#include <catch2/catch_test_macros.hpp>
#include <vector>

#include "../allocations.hpp"

namespace {

using lull::detail::entry_head;
using lull::detail::slot_array;

std::size_t count_entry(entry_head*) noexcept { return 0; }

void release_all(slot_array* array) {
  while (!array->release_part(1000, count_entry)) continue;
}

}  // namespace

TEST_CASE("a slot's word gives back the entry, and only its own hash matches the tag") {
  entry_head one{0x123456789abcdef0};
  const auto word = lull::detail::pack(&one);
  CHECK(lull::detail::holds_entry(word));
  CHECK(lull::detail::entry_in(word) == &one);
  CHECK(((word ^ lull::detail::tag_of(one.hash)) >> lull::detail::address_bits) == 0);
  CHECK(((word ^ lull::detail::tag_of(one.hash + 1)) >> lull::detail::address_bits) != 0);
  for (const auto other : {lull::detail::empty_slot, lull::detail::tombstone}) {
    CHECK_FALSE(lull::detail::holds_entry(other));
    CHECK(((other ^ lull::detail::tag_of(0)) >> lull::detail::address_bits) != 0);
  }
}

TEST_CASE("an array is prepared in as many slots as asked for, over segments") {
  const unsigned bits = slot_array::segment_bits + 2;
  slot_array* array = slot_array::make(bits);
  REQUIRE(array != nullptr);
  const std::size_t portion = slot_array::segment_slots / 2 + 1;
  std::size_t expected = 0;
  while (!array->is_prepared()) {
    REQUIRE(array->prepare(portion));
    expected = std::min(expected + portion, array->capacity());
    REQUIRE(array->prepared() == expected);
  }
  CHECK(array->capacity() == std::size_t{1} << bits);
  bool all_empty = true;
  for (std::size_t i = 0; i < array->capacity(); ++i) {
    all_empty &= array->slot(i).load(lull::detail::relaxed) == lull::detail::empty_slot;
  }
  CHECK(all_empty);
  CHECK(array->prepare(1));
  release_all(array);
}

TEST_CASE("homes follow the order of the hashes, and probing goes around the end") {
  slot_array* array = slot_array::make(6);
  REQUIRE(array->prepare(64));
  CHECK(array->home(0) == 0);
  CHECK(array->home(~std::uint64_t{0}) == 63);
  CHECK(array->home(std::uint64_t{5} << 58) == 5);
  CHECK(array->after(63) == 0);
  CHECK(array->before(0) == 63);
  release_all(array);
}

TEST_CASE("no memory for a segment puts preparing off, and nothing is lost") {
  test::need_allocations();
  slot_array* array = slot_array::make(slot_array::segment_bits + 1);
  REQUIRE(array->prepare(slot_array::segment_slots));
  {
    const test::failing_allocations none(0);
    CHECK_FALSE(array->prepare(1));
    CHECK(array->prepared() == slot_array::segment_slots);
  }
  CHECK(array->prepare(1));
  CHECK(array->prepared() == slot_array::segment_slots + 1);
  release_all(array);
  const test::failing_allocations none(0);
  CHECK(slot_array::make(10) == nullptr);
}

TEST_CASE("an array is released in parts: so many entries, one segment, then itself") {
  static int destroyed = 0;
  destroyed = 0;
  const auto destroy = [](entry_head* entry) noexcept -> std::size_t {
    ++destroyed;
    delete entry;
    return sizeof *entry;
  };
  slot_array* array = slot_array::make(slot_array::segment_bits + 1);
  REQUIRE(array->prepare(array->capacity()));
  for (std::size_t i = 0; i < array->capacity(); i += slot_array::segment_slots / 8) {
    array->slot(i).store(lull::detail::pack(new entry_head{i}), lull::detail::relaxed);
  }
  array->slot(1).store(lull::detail::tombstone, lull::detail::relaxed);
  array->limbo_bytes = array->bytes();
  CHECK_FALSE(array->release_part(5, destroy));
  CHECK(destroyed == 5);
  CHECK_FALSE(array->release_part(5, destroy));
  CHECK(destroyed == 8);  // the first segment is gone
  CHECK(array->limbo_bytes < array->bytes() / 2 + 100);
  CHECK_FALSE(array->release_part(5, destroy));
  CHECK(array->release_part(5, destroy));
  CHECK(destroyed == 16);
}

TEST_CASE("an array that was never or half prepared is released as well") {
  CHECK(slot_array::make(20)->release_part(1, count_entry));
  slot_array* array = slot_array::make(slot_array::segment_bits + 3);
  REQUIRE(array->prepare(slot_array::segment_slots + 3));
  CHECK_FALSE(array->release_part(1, count_entry));
  CHECK(array->release_part(1, count_entry));
}
