// SPDX-License-Identifier: MIT

// Budgets of limbo, in bytes: what is admitted, who is asked to yield, and how much is released.

#include <lull/reclaim/budget.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <lull/reclaim/pin.hpp>
#include <lull/reclaim/retire.hpp>

#include "helpers.hpp"
#include "on_a_budget.hpp"

using test::bounded;
using test::kib;
using test::on_a_budget;
using test::page;

namespace {

// A waiter that notes its number in a common list, and comes to it at once.
struct queued : lull::detail::admission_waiter {
  queued(lull::participant& p, std::vector<int>& l, int n) noexcept
      : admission_waiter(&queued::let_in), of(p), list(l), number(n) {}
  static void let_in(waiter& self) noexcept {
    auto& me = static_cast<queued&>(self);
    me.list.push_back(me.number);
    me.of.take_up_admission(me.bytes);
  }
  lull::participant& of;
  std::vector<int>& list;
  int number;
};

}  // namespace

TEST_CASE("without budgets everything is admitted, and nothing is charged") {
  lull::domain domain;
  lull::participant me(domain);
  CHECK(me.try_admit(SIZE_MAX / 2));
  me.retire(new page);
  me.quiescent();
  CHECK(domain.statistics().charged_bytes == 0);
  CHECK_FALSE(me.should_yield());
}

TEST_CASE_METHOD(on_a_budget, "as many bytes are admitted as the hard budget has, and no more") {
  std::size_t admitted = 0;
  while (writer.try_admit(kib)) admitted += kib;
  CHECK(admitted == 64 * kib);
  CHECK_FALSE(writer.try_admit(1));
  CHECK_FALSE(reader->try_admit(1));
}

TEST_CASE_METHOD(on_a_budget,
                 "what is admitted and not retired is free again with the next iteration") {
  REQUIRE(writer.try_admit(64 * kib));
  CHECK_FALSE(writer.try_admit(kib));
  writer.quiescent();
  CHECK(writer.try_admit(64 * kib));
  writer.quiescent();
  CHECK(writer.offline());  // gives back what it has in hand
  CHECK(charged() == 0);
  CHECK(reader->try_admit(64 * kib));
  writer.online();
}

TEST_CASE_METHOD(on_a_budget,
                 "what is retired unasked is charged all the same, and never refused") {
  retire_pages(100);
  writer.quiescent();
  CHECK(limbo_bytes() == 100 * kib);
  CHECK(charged() >= 100 * static_cast<std::int64_t>(kib));
  CHECK_FALSE(writer.try_admit(1));
  CHECK_FALSE(reader->try_admit(1));
  settle();
  CHECK(limbo_bytes() == 0);
  CHECK(charged() == 0);
  CHECK(reader->try_admit(64 * kib));
}

TEST_CASE_METHOD(on_a_budget, "an admission of nothing, and one of the whole budget, are granted") {
  CHECK(writer.try_admit(0));
  CHECK(writer.try_admit(64 * kib));
}

TEST_CASE_METHOD(on_a_budget,
                 "admissions wait in the order of asking, a small one behind a large one") {
  retire_pages(60);
  writer.quiescent();
  std::vector<int> order;
  queued first(writer, order, 1);
  queued second(writer, order, 2);
  queued third(writer, order, 3);
  writer.await_admission(first, 40 * kib);
  writer.await_admission(second, 1 * kib);
  writer.await_admission(third, 40 * kib);
  for (int i = 0; i < 20; ++i) writer.quiescent();
  CHECK(order.empty());
  CHECK_FALSE(writer.try_admit(1));  // nobody overtakes
  for (int i = 0; i < 4; ++i) {
    reader->quiescent();
    writer.quiescent(test::at_most(1000));
  }
  CHECK(order.size() >= 2);
  CHECK(order[0] == 1);
  CHECK(order[1] == 2);
  for (int i = 0; i < 20; ++i) {
    reader->quiescent();
    writer.quiescent(test::at_most(1000));
  }
  CHECK(order == std::vector<int>{1, 2, 3});
}

TEST_CASE_METHOD(on_a_budget,
                 "what was promised to who waited is kept until that one comes to it") {
  struct waiting : lull::detail::admission_waiter {
    waiting() noexcept : admission_waiter(&waiting::let_in) {}
    static void let_in(waiter& self) noexcept { static_cast<waiting&>(self).is_in = true; }
    bool is_in = false;
  };
  waiting first;
  waiting second;
  writer.await_admission(first, 40 * kib);
  writer.await_admission(second, 40 * kib);
  for (int i = 0; i < 20; ++i) writer.quiescent();
  CHECK(first.is_in);
  CHECK_FALSE(second.is_in);
  CHECK_FALSE(reader->try_admit(40 * kib));
  writer.take_up_admission(40 * kib);
  retire_pages(40);
  for (int i = 0; i < 20; ++i) writer.quiescent();
  CHECK_FALSE(second.is_in);
  for (int i = 0; i < 20; ++i) {
    reader->quiescent();
    writer.quiescent(test::at_most(1000));
  }
  CHECK(second.is_in);
  writer.take_up_admission(40 * kib);
  settle();
  CHECK(charged() == 0);
}

TEST_CASE("what was kept for one who gave up, and left, was kept for ever") {
  struct waiting : lull::detail::admission_waiter {
    waiting() noexcept : admission_waiter([](waiter&) noexcept {}) {}
  };
  lull::domain domain(bounded(0, 64 * kib));
  {
    lull::participant one(domain);
    waiting first;
    one.await_admission(first, 40 * kib);
    one.quiescent();
  }
  lull::participant other(domain);
  CHECK(other.try_admit(64 * kib));
}

TEST_CASE_METHOD(on_a_budget, "who stops waiting for an admission lets the next one through") {
  retire_pages(60);
  writer.quiescent();
  std::vector<int> order;
  queued large(writer, order, 1);
  queued small(writer, order, 2);
  writer.await_admission(large, 64 * kib);
  writer.await_admission(small, 1 * kib);
  writer.quiescent();
  CHECK(order.empty());
  large.unlink();
  writer.quiescent();
  CHECK(order == std::vector<int>{2});
}

TEST_CASE_METHOD(on_a_budget,
                 "the laggard is asked to yield past the soft budget, and not before") {
  retire_pages(8);
  for (int i = 0; i < 10; ++i) writer.quiescent();
  CHECK_FALSE(reader->should_yield());
  retire_pages(16);
  for (int i = 0; i < 10; ++i) writer.quiescent();
  CHECK(reader->should_yield());
  CHECK_FALSE(writer.should_yield());
  reader->quiescent();
  CHECK_FALSE(reader->should_yield());
}

TEST_CASE_METHOD(on_a_budget,
                 "one who came back from offline was still asked to yield, by nobody") {
  retire_pages(24);
  for (int i = 0; i < 10; ++i) writer.quiescent();
  REQUIRE(reader->should_yield());
  CHECK(reader->offline());
  CHECK(writer.drive());
  reader->online();
  CHECK_FALSE(reader->should_yield());
}

TEST_CASE_METHOD(on_a_budget, "a newcomer inherited the request to yield of whoever had its slot") {
  retire_pages(24);
  for (int i = 0; i < 10; ++i) writer.quiescent();
  REQUIRE(reader->should_yield());
  reader.reset();
  reader.emplace(domain);
  CHECK(domain.statistics().slots == 2);
  CHECK_FALSE(reader->should_yield());
}

TEST_CASE("more is released per quiescent state the more pressure there is") {
  // The same forty pages: far from the soft budget, past it, and near the hard one.
  const auto released_at_once = [](std::size_t soft, std::size_t hard) {
    lull::domain domain(bounded(soft, hard));
    lull::participant writer(domain);
    lull::participant reader(domain);
    for (int i = 0; i < 40; ++i) writer.retire(new page);
    writer.quiescent(test::at_most(1));
    while (writer.statistics().released == 0) {
      reader.quiescent();
      writer.quiescent(test::at_most(1));
    }
    return writer.statistics().released;
  };
  const auto calm = released_at_once(1000 * kib, 2000 * kib);
  const auto pressed = released_at_once(30 * kib, 130 * kib);
  const auto hard_pressed = released_at_once(10 * kib, 41 * kib);
  CHECK(pressed > calm);
  CHECK(hard_pressed > pressed);
  CHECK(hard_pressed <= calm + 16);  // the bound times sixteen, at most
}

TEST_CASE("a domain's budgets may be one of the two, and equal") {
  const lull::domain soft(bounded(kib, 0));
  const lull::domain hard(bounded(0, kib));
  const lull::domain equal(bounded(kib, kib));
  CHECK(soft.statistics().charged_bytes == 0);
}

TEST_CASE_METHOD(on_a_budget, "a reader that stalls stops the writers who ask at the hard budget") {
  constexpr std::size_t pages_an_iteration = 16;
  std::size_t written = 0;
  std::uint64_t most = 0;
  const auto iterate = [&] {
    for (std::size_t i = 0; i < pages_an_iteration && writer.try_admit(kib); ++i) {
      writer.retire(new page);
      ++written;
    }
    writer.quiescent();
    most = std::max(most, limbo_bytes());
  };
  for (int i = 0; i < 10'000; ++i) iterate();  // would be 160 MiB
  CHECK(written == 64);
  CHECK(most == 64 * kib);
  CHECK(reader->should_yield());
  reader->quiescent();
  for (int i = 0; i < 10'000; ++i) {
    iterate();
    if (i % 4 == 0) reader->quiescent();
  }
  CHECK(written > 10'000);
  CHECK(most <= (64 + pages_an_iteration) * kib);
  settle();
  CHECK(writer.statistics().released == written);
  CHECK(limbo_bytes() == 0);
}

TEST_CASE_METHOD(on_a_budget, "a pin stops the writers like a reader that stalls, until it goes") {
  std::optional<lull::pin> walk(std::in_place, *reader);
  std::size_t written = 0;
  for (int i = 0; i < 1000; ++i) {
    if (writer.try_admit(kib)) {
      writer.retire(new page);
      ++written;
    }
    writer.quiescent();
    reader->quiescent();
  }
  CHECK(written <= 64);
  walk.reset();
  for (int i = 0; i < 10; ++i) test::pass_grace_period(writer, *reader);
  CHECK(limbo_bytes() == 0);
  CHECK(writer.try_admit(60 * kib));
}
