// SPDX-License-Identifier: MIT
#include <lull/reclaim/retirable.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <memory>
#include <type_traits>
#include <vector>

#include <lull/reclaim/retire.hpp>

#include "../allocations.hpp"
#include "helpers.hpp"

namespace {

struct linked_alone {
  lull::domain domain;
  lull::participant me{domain};

  void finish() { REQUIRE(test::drive_to_the_end(me)); }
};

// Says when it is released, and in which order.
struct self_linked : lull::retirable<self_linked> {
  self_linked(std::vector<int>& l, int n) noexcept : log(&l), number(n) {}
  ~self_linked() { log->push_back(number); }
  std::vector<int>* log;
  int number;
};

// Comes back instead of being deleted.
struct reused;
struct back_to_shelf {
  void operator()(reused* one) const noexcept;
};
struct reused : lull::retirable<reused, back_to_shelf> {
  int times = 0;
};
void back_to_shelf::operator()(reused* one) const noexcept { ++one->times; }

struct shape : lull::retirable<shape> {
  shape() = default;
  shape(const shape&) = default;
  shape& operator=(const shape&) = default;
  virtual ~shape() = default;
};
struct circle : shape {
  explicit circle(bool& g) noexcept : gone(&g) {}
  circle(const circle&) = default;
  circle& operator=(const circle&) = default;
  ~circle() override { *gone = true; }
  bool* gone;
};

}  // namespace

TEST_CASE_METHOD(linked_alone, "an object that links itself is released after a grace period") {
  std::vector<int> log;
  lull::participant reader(domain);
  lull::retire(new self_linked(log, 1));
  for (int i = 0; i < 5; ++i) me.quiescent();
  CHECK(log.empty());
  CHECK(me.statistics().limbo_objects == 1);
  CHECK(me.statistics().limbo_bytes == sizeof(self_linked));
  reader.quiescent();
  finish();
  CHECK(log == std::vector<int>{1});
  CHECK(me.statistics().released == 1);
  CHECK(me.statistics().limbo_bytes == 0);
}

TEST_CASE_METHOD(linked_alone, "a null pointer to what links itself was read") {
  me.retire(static_cast<self_linked*>(nullptr));
  CHECK_FALSE(me.has_limbo());
}

TEST_CASE_METHOD(linked_alone,
                 "objects that link themselves are released in order, within bounds") {
  std::vector<int> log;
  for (int i = 0; i < 20; ++i) me.retire(new self_linked(log, i));
  std::size_t before = 0;
  while (log.size() < 20) {
    me.quiescent(test::at_most(2));
    CHECK(log.size() <= before + 2 + 20 / lull::limits::release_share + 1);
    before = log.size();
  }
  for (int i = 0; i < 20; ++i) CHECK(log[static_cast<std::size_t>(i)] == i);
}

TEST_CASE_METHOD(linked_alone, "objects that link themselves are retired without memory") {
  test::need_allocations();
  struct bare : lull::retirable<bare> {};
  std::vector<std::unique_ptr<bare>> all;
  for (int i = 0; i < 1000; ++i) all.push_back(std::make_unique<bare>());
  {
    const test::failing_allocations none(0);
    for (auto& one : all) me.retire(std::move(one));
    CHECK_FALSE(none.met());
  }
  for (auto& one : all) CHECK(one == nullptr);
  finish();
  CHECK(me.statistics().released == 1000);
}

TEST_CASE_METHOD(linked_alone,
                 "what links itself and what does not take turns, and all is released") {
  std::vector<int> log;
  std::size_t released = 0;
  for (int i = 0; i < 100; ++i) {
    me.retire(new self_linked(log, i));
    me.retire(new test::counted(released));
  }
  me.quiescent(test::at_most(0));
  bool both = false;  // each has gone on before the other was at its end
  for (int i = 0; i < 200 && !both; ++i) {
    me.quiescent(test::at_most(1));
    both = !log.empty() && released != 0;
  }
  CHECK(both);
  CHECK(log.size() < 100);
  CHECK(released < 100);
  finish();
  CHECK(log.size() == 100);
  CHECK(released == 100);
}

TEST_CASE_METHOD(linked_alone, "a deleter may keep the object, which can then be retired again") {
  reused one;
  for (int round = 1; round <= 5; ++round) {
    me.retire(&one);
    CHECK(one.times == round - 1);
    finish();
    CHECK(one.times == round);
  }
}

TEST_CASE_METHOD(linked_alone, "a derived object goes with the deleter of the base that links it") {
  bool gone = false;
  me.retire(new circle(gone));
  CHECK_FALSE(gone);
  finish();
  CHECK(gone);
}

TEST_CASE_METHOD(linked_alone, "a copy of a retired object is not retired") {
  bool gone = false;
  bool copy_gone = false;
  auto* original = new circle(gone);
  me.retire(original);
  auto* copy = new circle(*original);
  copy->gone = &copy_gone;
  me.retire(copy);
  finish();
  CHECK(gone);
  CHECK(copy_gone);
}

TEST_CASE_METHOD(linked_alone, "assigning to a retired object leaves it retired") {
  bool gone = false;
  bool other_gone = false;
  circle other(other_gone);
  auto* retired = new circle(gone);
  me.retire(retired);
  *retired = other;
  finish();
  CHECK(other_gone);
  CHECK(me.statistics().released == 1);
}

TEST_CASE("the bases cost two words and four") {
  struct with_link : lull::retirable<with_link> {};
  struct with_home : lull::homed<with_home> {};
  STATIC_REQUIRE(sizeof(with_link) == 2 * sizeof(void*));
  STATIC_REQUIRE(sizeof(with_home) <= 5 * sizeof(void*));
}
