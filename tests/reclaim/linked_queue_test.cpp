// SPDX-License-Identifier: MIT
#include <lull/reclaim/linked_queue.hpp>

#include <catch2/catch_test_macros.hpp>

#include <vector>

#include <lull/reclaim/limbo.hpp>
#include <lull/reclaim/retire.hpp>

#include "helpers.hpp"

namespace {

struct in_queue : lull::retirable<in_queue> {
  explicit in_queue(std::vector<int>& to, int n) noexcept : gone(&to), number(n) {}
  ~in_queue() { gone->push_back(number); }
  std::vector<int>* gone;
  int number;
};

}  // namespace

TEST_CASE("a new queue is empty and nothing of it is open") {
  const lull::detail::linked_queue queue;
  CHECK(queue.empty());
  CHECK(queue.open() == 0);
  CHECK(queue.open_bytes() == 0);
}

TEST_CASE("objects that link themselves are released in the order of their retires") {
  lull::domain domain;
  lull::participant me(domain);
  std::vector<int> gone;
  gone.reserve(8);
  for (int i = 0; i < 5; ++i) me.retire(new in_queue(gone, i));
  CHECK(test::drive_to_the_end(me));
  CHECK(gone == std::vector<int>{0, 1, 2, 3, 4});
  me.retire(new in_queue(gone, 5));  // the queue was emptied, and begins anew
  CHECK(test::drive_to_the_end(me));
  CHECK(gone.back() == 5);
}

TEST_CASE("a limbo counts what links itself as open until it is closed") {
  lull::domain domain;
  lull::participant me(domain);
  lull::participant other(domain);  // so that nothing is released meanwhile
  std::vector<int> gone;
  gone.reserve(8);
  me.retire(new in_queue(gone, 1));
  CHECK(me.statistics().retired == 0);
  CHECK(me.has_limbo());
  me.quiescent();
  CHECK(me.statistics().retired == 1);
  CHECK(me.statistics().limbo_bytes == sizeof(in_queue));
  me.retire(new in_queue(gone, 2));
  me.retire(new in_queue(gone, 3));
  me.quiescent();
  CHECK(me.statistics().retired == 3);
  CHECK(me.statistics().limbo_bytes == 3 * sizeof(in_queue));
  test::pass_grace_period(me, other);
  CHECK(gone == std::vector<int>{1, 2, 3});
  CHECK(me.statistics().limbo_bytes == 0);
}
