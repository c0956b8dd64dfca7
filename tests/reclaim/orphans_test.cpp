// SPDX-License-Identifier: MIT
#include <lull/reclaim/orphans.hpp>

#include <catch2/catch_test_macros.hpp>

#include <thread>
#include <vector>

namespace {

struct node {
  int value = 0;
  node* next = nullptr;
};

}  // namespace

TEST_CASE("orphans are taken all at once, the last pushed first") {
  lull::detail::orphan_stack<node> orphans;
  CHECK(orphans.empty());
  CHECK(orphans.take() == nullptr);
  node first{1};
  node second{2};
  orphans.push(first);
  orphans.push(second);
  CHECK(orphans.size() == 2);
  const node* all = orphans.take();
  REQUIRE(all == &second);
  CHECK(all->next == &first);
  CHECK(first.next == nullptr);
  CHECK(orphans.empty());
  CHECK(orphans.size() == 0);
}

TEST_CASE("an orphan that is pushed and taken by several threads at once is taken once") {
  lull::detail::orphan_stack<node> orphans;
  constexpr int each = 500;
  std::vector<node> nodes(4 * each);
  std::vector<int> taken(4, 0);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (std::size_t n = 0; n < each; ++n) {
        node& mine = nodes[i * each + n];
        mine.value = 1;
        orphans.push(mine);
        for (const node* at = orphans.take(); at != nullptr; at = at->next) taken[i] += at->value;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(taken[0] + taken[1] + taken[2] + taken[3] == 4 * each);
  CHECK(orphans.size() == 0);
}
