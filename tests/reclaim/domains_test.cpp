// SPDX-License-Identifier: MIT

// One thread in several domains, and what a domain is made with.

#include <lull/reclaim/domain.hpp>

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

#include <lull/reclaim/hold.hpp>
#include <lull/reclaim/pin.hpp>
#include <lull/reclaim/retire.hpp>

#include "helpers.hpp"

namespace {

// This thread is in both.
struct two_domains {
  lull::domain first_domain;
  lull::domain second_domain;
  lull::participant first{first_domain};
  lull::participant second{second_domain};
};

}  // namespace

TEST_CASE_METHOD(two_domains,
                 "a thread in two domains retires in each, and each goes its own way") {
  lull::participant reader(first_domain);
  std::size_t in_first = 0;
  std::size_t in_second = 0;
  first.retire(new test::counted(in_first));
  second.retire(new test::counted(in_second));
  for (int i = 0; i < 10; ++i) {
    first.quiescent();
    second.quiescent();
  }
  CHECK(in_first == 0);
  CHECK(in_second == 1);
  CHECK(first_domain.statistics().limbo_objects == 1);
  CHECK(second_domain.statistics().limbo_objects == 0);
  test::pass_grace_period(first, reader);
  CHECK(in_first == 1);
}

TEST_CASE_METHOD(two_domains, "the free functions go to the participant that is current") {
  std::size_t released = 0;
  CHECK(lull::participant::current() == &first);
  lull::retire(new test::counted(released));
  {
    const test::playing as_second(second);
    lull::retire(new test::counted(released));
    lull::retire(new test::counted(released));
  }
  first.quiescent();
  second.quiescent();
  CHECK(first.statistics().retired == 1);
  CHECK(second.statistics().retired == 2);
  CHECK(first.drive());
  CHECK(second.drive());
  CHECK(released == 3);
}

TEST_CASE_METHOD(two_domains, "a pin in one domain holds up nothing in the other") {
  lull::pin walk(first);
  std::size_t released = 0;
  second.retire(new test::counted(released));
  CHECK(second.drive());
  CHECK(released == 1);
  first.retire(new test::counted(released));
  CHECK_FALSE(first.drive());
  CHECK(released == 1);
  walk.drop();
  CHECK(first.drive());
  CHECK(released == 2);
}

TEST_CASE_METHOD(two_domains, "being offline in one domain is not being so in the other") {
  CHECK(first.offline());
  CHECK(second.is_online());
  lull::participant writer(second_domain);
  std::size_t released = 0;
  writer.retire(new test::counted(released));
  for (int i = 0; i < 10; ++i) writer.quiescent();
  CHECK(released == 0);
  second.quiescent();
  CHECK(writer.drive());
  CHECK(released == 1);
  first.online();
}

TEST_CASE_METHOD(two_domains, "a deleter of one domain retires in that domain, not in the other") {
  struct twice {
    std::size_t* released;
    bool again;
    ~twice() {
      ++*released;
      if (again) lull::retire(new twice{released, false});
    }
  };
  std::size_t released = 0;
  second.retire(new twice{&released, true});
  CHECK(second.drive());
  CHECK(released == 2);
  CHECK(second.statistics().retired == 2);
  first.quiescent();
  CHECK(first.statistics().retired == 0);
}

TEST_CASE_METHOD(two_domains, "a grace period of one domain says nothing of the other") {
  lull::participant reader(first_domain);
  const lull::grace_ticket in_first = first.ticket();
  second.synchronize();
  CHECK_FALSE(first.elapsed(in_first));
  test::pass_grace_period(first, reader);
  CHECK(first.elapsed(in_first));
}

TEST_CASE("threads that are each in two domains release everything in both") {
  lull::domain domains[2];
  std::atomic<std::size_t> released{0};
  struct counts_atomically {
    std::atomic<std::size_t>* count;
    ~counts_atomically() { ++*count; }
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      lull::participant one(domains[0]);
      lull::participant other(domains[1]);
      for (int i = 0; i < 500; ++i) {
        one.retire(new counts_atomically{&released});
        other.retire(new counts_atomically{&released});
        one.quiescent();
        if (i % 3 == 0) other.quiescent();
      }
    });
  }
  for (std::thread& one : threads) one.join();
  CHECK(released == 3000);
  CHECK(domains[0].statistics().released == 1500);
  CHECK(domains[1].statistics().released == 1500);
}

TEST_CASE("a domain as a member is told later whom to wake and who describes") {
  static std::vector<std::uint32_t> woken;
  woken.clear();
  lull::domain domain;
  domain.set_wake(
      [](void* into, std::uint32_t label) noexcept {
        static_cast<std::vector<std::uint32_t>*>(into)->push_back(label);
      },
      &woken);
  lull::participant home(domain);
  lull::participant writer(domain);
  home.set_label(3);
  struct domestic : lull::homed<domestic> {};
  auto* object = new domestic;  // made at home: the first to join is current
  CHECK(home.offline());
  writer.retire(object);
  for (int i = 0; i < 5; ++i) writer.quiescent();
  CHECK(woken == std::vector<std::uint32_t>{3});
  home.online();
  CHECK(home.drive());
}
