// SPDX-License-Identifier: MIT
#include <lull/tables/array_chain_steps.hpp>
#include <lull/tables/hash.hpp>
#include <lull/tables/scan_cursor.hpp>
#include <lull/tables/search.hpp>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "tracked.hpp"

namespace {

using lull::detail::array_chain;
using lull::detail::hash_range;
using lull::detail::scan_cursor;
using lull::detail::slot_array;
using lull::detail::slot_place;

struct numbered : lull::detail::entry_head {
  explicit numbered(std::size_t of) : entry_head{lull::seeded_hash<std::size_t>()(of)}, key(of) {}

  const std::size_t key;
};

// A table that counts the slots that its owner's searches look at. It does not own its entries.
class counted_table {
 public:
  explicit counted_table(lull::participant& owner) : owner_(owner) {}
  ~counted_table() { chain_.drop(nullptr, lull::detail::release_empty_array, 0); }

  void insert(const numbered& entry) {
    chain_.step(owner_);
    look_for(entry);
    chain_.add(locate(entry), &entry);
    after_write();
  }
  void erase(const numbered& entry) {
    chain_.step(owner_);
    look_for(entry);
    chain_.remove(locate(entry));
    after_write();
  }
  template <class Visit>
  std::uint64_t scan(std::uint64_t cursor, std::size_t steps, Visit visit) {
    return lull::detail::scan_places<numbered>(chain_, cursor, steps, visit);
  }

  std::size_t size() const { return chain_.size(); }
  std::size_t capacity() const { return chain_.statistics().capacity; }
  std::size_t looks() const { return looks_; }
  // The most slots in a row, of those seen every hundred writes, that keep a search going.
  std::size_t longest_run() const { return longest_run_; }

 private:
  slot_place locate(const numbered& entry) const {
    return lull::detail::locate<numbered>(chain_, entry.hash, entry.key, std::equal_to<>());
  }
  // The slots that locate() looks at in each array.
  void look_for(const numbered& entry) {
    for (const slot_array* array = chain_.first(); array != nullptr;
         array = lull::detail::next_array(*array)) {
      std::size_t index = array->home(entry.hash);
      for (std::size_t seen = 0; seen < array->capacity(); ++seen, index = array->after(index)) {
        ++looks_;
        const auto word = lull::detail::read_slot(*array, index);
        if (word == lull::detail::pack(&entry)) return;
        if (word == lull::detail::empty_slot) break;
      }
    }
  }
  void after_write() {
    if (++writes_ % 16 == 0) owner_.quiescent();
    if (writes_ % 2000 != 0) return;
    const slot_array& array = chain_.destination();
    std::size_t run = 0;
    for (std::size_t index = 0; index < array.capacity(); ++index) {
      run = lull::detail::read_slot(array, index) == lull::detail::empty_slot ? 0 : run + 1;
      longest_run_ = std::max(longest_run_, run);
    }
  }

  lull::participant& owner_;
  array_chain chain_{0};
  std::size_t looks_ = 0;
  std::size_t longest_run_ = 0;
  std::size_t writes_ = 0;
};

std::vector<std::unique_ptr<numbered>> make_entries(std::size_t count) {
  std::vector<std::unique_ptr<numbered>> entries;
  for (std::size_t i = 0; i < count; ++i) entries.push_back(std::make_unique<numbered>(i));
  return entries;
}

}  // namespace

TEST_CASE(
    "a table that was erased in the order of its scan became one heap, and each search long") {
  lull::domain domain;
  lull::participant core(domain);
  // From nearly the most to nearly the least that an array of 65536 slots holds.
  for (const std::size_t count : {40000u, 30000u, 23000u}) {
    CAPTURE(count);
    const auto entries = make_entries(count);
    counted_table table(core);
    for (const auto& entry : entries) table.insert(*entry);
    REQUIRE(table.capacity() == 65536);
    const std::size_t before = table.looks();
    std::uint64_t cursor = 0;
    do {
      cursor = table.scan(cursor, 100, [&](const numbered& entry) { table.erase(entry); });
    } while (cursor != 0);
    CHECK(table.size() == 0);
    CHECK(table.capacity() <= 64);
    CHECK(table.looks() - before < 10 * count);
    CHECK(table.longest_run() < 500);
  }
}

TEST_CASE("a table that was filled in the order of another one's scan became one heap") {
  lull::domain domain;
  lull::participant core(domain);
  for (const std::size_t count : {40000u, 30000u, 23000u}) {
    CAPTURE(count);
    const auto entries = make_entries(count);
    counted_table table(core);
    counted_table copy(core);
    counted_table third(core);
    for (const auto& entry : entries) table.insert(*entry);
    table.scan(0, ~std::size_t{0}, [&](const numbered& entry) { copy.insert(entry); });
    copy.scan(0, ~std::size_t{0}, [&](const numbered& entry) { third.insert(entry); });
    for (const counted_table* one : {&copy, &third}) {
      CHECK(one->size() == count);
      CHECK(one->looks() < 12 * count);
      CHECK(one->longest_run() < 500);
    }
  }
}

TEST_CASE("what a scan has visited, and what it has not, lies evenly in arrays of any size") {
  const unsigned bits = 14;
  std::uint64_t cursor = 0;
  std::vector<std::size_t> visited(64);  // places, for each 64th of the array
  std::size_t blocks = 0;
  do {
    scan_cursor at(cursor, bits);
    std::size_t steps = 32;
    const hash_range range = at.take(bits, steps);
    REQUIRE(steps == 0);
    CHECK((range.high - range.low) >> (64 - bits) == 31);
    visited[range.low >> 58] += 1;
    ++blocks;
    const auto [least, most] = std::minmax_element(visited.begin(), visited.end());
    REQUIRE(*most - *least <= 1);
    cursor = at.number();
  } while (cursor != 0);
  CHECK(blocks == 512);
}

TEST_CASE("ranges cover all hashes once, though the array has another size each time") {
  for (const unsigned first_bits : {4u, 9u, 12u}) {
    std::vector<hash_range> ranges;
    std::uint64_t cursor = 0;
    for (std::size_t i = 0; i == 0 || cursor != 0; ++i) {
      const unsigned bits = i == 0 ? first_bits : 4 + static_cast<unsigned>(i * i % 11);
      scan_cursor at(cursor, bits);
      std::size_t steps = i % 4;
      ranges.push_back(at.take(bits, steps));
      CHECK(at.at_end() == (at.number() == 0));
      CHECK((at.number() & 0xffff) == 0);
      cursor = at.number() | (at.at_end() ? 0 : i & 0xffff);  // what the caller puts there
    }
    std::sort(ranges.begin(), ranges.end(),
              [](const hash_range& one, const hash_range& two) { return one.low < two.low; });
    std::uint64_t next = 0;
    for (const hash_range& range : ranges) {
      REQUIRE(range.low == next);
      REQUIRE(range.high >= range.low);
      next = range.high + 1;
    }
    CHECK(next == 0);
  }
}

TEST_CASE("a word's bits are read backwards") {
  CHECK(lull::detail::bits_backwards(1) == std::uint64_t{1} << 63);
  CHECK(lull::detail::bits_backwards(0x123456789abcdef0) == 0x0f7b3d591e6a2c48);
}
