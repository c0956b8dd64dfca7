// SPDX-License-Identifier: MIT
#include <lull/reclaim/rcu.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <mutex>

#include "helpers.hpp"

namespace {

struct rcu_deleter_that_counts {
  std::size_t* count = nullptr;
  template <class T>
  void operator()(T* object) const noexcept {
    ++*count;
    delete object;
  }
};

struct standard_object : lull::rcu_obj_base<standard_object, rcu_deleter_that_counts> {
  int value = 7;
};

struct plain_object : lull::rcu_obj_base<plain_object> {
  explicit plain_object(bool& gone) : mark(gone) {}
  test::tracked mark;
};

}  // namespace

TEST_CASE("an rcu_obj_base goes with its deleter after a grace period") {
  lull::domain domain;
  lull::participant me(domain);
  lull::participant reader(domain);
  lull::rcu_domain rcu(domain);
  std::size_t deleted = 0;
  bool gone = false;
  {
    const std::scoped_lock region(rcu);
    (new standard_object)->retire(rcu_deleter_that_counts{&deleted}, rcu);
    (new plain_object(gone))->retire(rcu);
  }
  test::pass_grace_period(me);
  CHECK(deleted == 0);
  CHECK_FALSE(gone);
  test::pass_grace_period(me, reader);
  CHECK(deleted == 1);
  CHECK(gone);
}

TEST_CASE("rcu_retire takes any object, and rcu_barrier waits for its release") {
  lull::domain domain;
  lull::participant me(domain);
  lull::rcu_domain rcu(domain);
  std::size_t deleted = 0;
  bool gone = false;
  lull::rcu_retire(new int(5), rcu_deleter_that_counts{&deleted}, rcu);
  lull::rcu_retire(new test::tracked(gone), rcu);
  lull::rcu_synchronize(rcu);
  lull::rcu_barrier(rcu);
  CHECK(deleted == 1);
  CHECK(gone);
}
