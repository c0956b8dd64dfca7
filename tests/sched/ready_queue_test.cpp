// SPDX-License-Identifier: MIT
#include <lull/sched/ready_queue.hpp>

#include <catch2/catch_test_macros.hpp>

TEST_CASE("nodes leave the queue in the order they came, and may come again") {
  lull::detail::ready_queue queue;
  lull::detail::ready_node nodes[3];
  REQUIRE(queue.empty());
  for (auto& node : nodes) queue.push(node);
  REQUIRE(&queue.pop() == &nodes[0]);
  queue.push(nodes[0]);
  REQUIRE(&queue.pop() == &nodes[1]);
  REQUIRE(&queue.pop() == &nodes[2]);
  REQUIRE(&queue.pop() == &nodes[0]);
  REQUIRE(queue.empty());
}
