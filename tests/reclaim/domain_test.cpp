// SPDX-License-Identifier: MIT
#include <lull/reclaim/domain.hpp>

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <thread>

#include "helpers.hpp"

TEST_CASE("a domain counts its epochs, participants and slots") {
  lull::domain domain;
  CHECK(domain.statistics().participants == 0);
  {
    lull::participant first(domain);
    std::optional<lull::participant> second(std::in_place, domain);
    CHECK(domain.statistics().participants == 2);
    second.reset();
    CHECK(domain.statistics().participants == 1);
    CHECK(domain.statistics().slots == 2);
    const auto before = domain.statistics();
    bool gone = false;
    first.retire(new test::tracked(gone));
    first.drive();
    CHECK(gone);
    const auto after = domain.statistics();
    CHECK(after.epoch > before.epoch);
    CHECK(after.complete > before.complete);
    CHECK(after.epoch <= after.complete + 1);
  }
  CHECK(domain.statistics().participants == 0);
  CHECK(domain.statistics().orphans == 0);
}

TEST_CASE("an idle domain moves no epoch") {
  lull::domain domain;
  lull::participant me(domain);
  const auto before = domain.statistics();
  for (int i = 0; i < 100; ++i) me.quiescent();
  CHECK(domain.statistics().epoch == before.epoch);
}

TEST_CASE("a destroyed domain has released everything, what deleters retire included") {
  std::size_t released = 0;
  struct chain {
    std::size_t* released;
    int left;
    ~chain() {
      ++*released;
      if (left > 0) lull::participant::current()->retire(new chain{released, left - 1});
    }
  };
  {
    lull::domain domain;
    std::thread thread([&] {
      lull::participant me(domain);
      for (int i = 0; i < 100; ++i) me.retire(new chain{&released, i % 5});
      me.quiescent();
      for (int i = 0; i < 100; ++i) me.retire(new chain{&released, 0});
    });
    thread.join();
  }
  CHECK(released == 100 + 20 * (1 + 2 + 3 + 4 + 5));
}

TEST_CASE("domains do not know of each other") {
  lull::domain first;
  lull::domain second;
  lull::participant reader(first);
  lull::participant writer(second);
  bool gone = false;
  writer.retire(new test::tracked(gone));
  CHECK(writer.drive());
  CHECK(gone);
  CHECK(first.statistics().epoch == lull::detail::epoch_state::first_epoch);
}
