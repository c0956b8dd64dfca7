// SPDX-License-Identifier: MIT
#include <lull/sched/inbox.hpp>

#include <deque>
#include <thread>
#include <vector>

#include "helpers.hpp"

namespace {

struct numbered : lull::detail::message {
  numbered() noexcept : message([](message&) noexcept {}) {}
  int sender = 0;
  int number = 0;
};

lull::detail::message_chain chain_of(std::vector<numbered>& all, std::size_t from,
                                     std::size_t count) {
  lull::detail::message_chain chain;
  for (std::size_t i = 0; i < count; ++i) chain.add(all[from + i]);
  return chain;
}

}  // namespace

TEST_CASE("messages are taken in the order of their pushes, chains included") {
  lull::detail::inbox inbox;
  std::vector<numbered> all(5);
  for (int i = 0; i < 5; ++i) all[static_cast<std::size_t>(i)].number = i;
  REQUIRE(inbox.empty());
  inbox.push(chain_of(all, 0, 2));
  inbox.push(chain_of(all, 2, 1));
  inbox.push(chain_of(all, 3, 2));
  REQUIRE_FALSE(inbox.empty());
  int expected = 0;
  for (auto* one = inbox.take(); one != nullptr; one = one->next) {
    REQUIRE(static_cast<numbered*>(one)->number == expected++);
  }
  REQUIRE(expected == 5);
  REQUIRE(inbox.empty());
  REQUIRE(inbox.take() == nullptr);
}

TEST_CASE("one of those who push to a sleeper wakes it, once") {
  lull::detail::inbox inbox;
  std::vector<numbered> all(3);
  REQUIRE_FALSE(inbox.push(chain_of(all, 0, 1)));
  inbox.fall_asleep();
  REQUIRE(inbox.push(chain_of(all, 1, 1)));
  REQUIRE_FALSE(inbox.push(chain_of(all, 2, 1)));
  inbox.fall_asleep();
  inbox.wake_up();
  inbox.take();
  std::vector<numbered> more(1);
  REQUIRE_FALSE(inbox.push(chain_of(more, 0, 1)));
}

TEST_CASE("what is left with a sleeper wakes nobody, and comes with what does") {
  lull::detail::inbox inbox;
  std::vector<numbered> all(2);
  inbox.fall_asleep();
  inbox.leave(chain_of(all, 0, 1));
  REQUIRE_FALSE(inbox.empty());
  REQUIRE(inbox.push(chain_of(all, 1, 1)));
  REQUIRE(inbox.take() == &all[0]);
  REQUIRE(all[0].next == &all[1]);
}

TEST_CASE("four senders lose nothing and keep their order") {
  constexpr int senders = 4;
  constexpr int each = 20'000;
  lull::detail::inbox inbox;
  std::vector<std::vector<numbered>> all(senders);
  std::vector<std::thread> threads;
  for (int s = 0; s < senders; ++s) {
    auto& mine = all[static_cast<std::size_t>(s)];
    mine = std::vector<numbered>(each);
    for (int i = 0; i < each; ++i) {
      mine[static_cast<std::size_t>(i)].sender = s;
      mine[static_cast<std::size_t>(i)].number = i;
    }
    threads.emplace_back([&inbox, &mine] {
      for (std::size_t i = 0; i < each; i += 4) inbox.push(chain_of(mine, i, 4));
    });
  }
  std::vector<int> next(senders, 0);
  for (int taken = 0; taken < senders * each;) {
    for (auto* one = inbox.take(); one != nullptr; one = one->next, ++taken) {
      auto& message = *static_cast<numbered*>(one);
      REQUIRE(message.number == next[static_cast<std::size_t>(message.sender)]++);
    }
  }
  for (auto& one : threads) one.join();
}

TEST_CASE("a core with many messages delivers some of them in each iteration, in order") {
  struct noting : lull::detail::message {
    explicit noting(std::vector<const noting*>& d) noexcept
        : message([](message& self) noexcept {
            auto& me = static_cast<noting&>(self);
            me.delivered->push_back(&me);
          }),
          delivered(&d) {}
    std::vector<const noting*>* delivered;
  };
  constexpr std::size_t most = lull::limits::messages_at_a_time;
  test::driven_cores cores(1);
  lull::core& here = *cores.cores[0];
  std::vector<const noting*> delivered;
  delivered.reserve(3 * most);
  std::deque<noting> sent;
  for (std::size_t i = 0; i < 3 * most; ++i) here.post(sent.emplace_back(delivered));
  // It does not sleep, and what comes meanwhile waits for its turn.
  for (std::size_t turn = 1; turn <= 3; ++turn) {
    here.iterate(turn == 3 ? lull::when_idle::come_back : lull::when_idle::sleep);
    CHECK(delivered.size() == turn * most);
  }
  for (std::size_t i = 0; i < delivered.size(); ++i) CHECK(delivered[i] == &sent[i]);
}
