// SPDX-License-Identifier: MIT
#include <lull/sched/circular_buffer.hpp>

#include <catch2/catch_test_macros.hpp>

namespace {

// Counts those that live, moved from or not.
struct counted_value {
  counted_value(int& count, int n) noexcept : living(&count), number(n) { ++*living; }
  counted_value(counted_value&& other) noexcept : living(other.living), number(other.number) {
    ++*living;
  }
  ~counted_value() { --*living; }

  int* living;
  int number;
};

}  // namespace

TEST_CASE("a circular buffer goes round, grows in order, and destroys each value once") {
  int living = 0;
  {
    lull::detail::circular_buffer<counted_value> buffer(3);
    int next = 0;
    int expected = 0;
    const auto push = [&] { buffer.push(counted_value(living, next++)); };
    for (int round = 0; round < 10; ++round) {
      push();
      push();
      REQUIRE(living == 2);
      REQUIRE(buffer.pop().number == expected++);
      REQUIRE(buffer.pop().number == expected++);
    }
    REQUIRE(living == 0);
    push();
    push();
    push();
    REQUIRE(buffer.full());
    buffer.grow(8);
    REQUIRE(buffer.size() == 3);
    REQUIRE(buffer.capacity() == 8);
    for (int i = 0; i < 5; ++i) push();
    REQUIRE(buffer.full());
    for (int i = 0; i < 6; ++i) REQUIRE(buffer.pop().number == expected++);
    push();
    REQUIRE(living == 3);
  }
  REQUIRE(living == 0);
}
