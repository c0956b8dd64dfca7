// SPDX-License-Identifier: MIT
// expect: a batch is closed in epoch 7 after one of epoch 8
#include <lull/reclaim/stages.hpp>

void program() {
  lull::detail::stages queue;
  queue.close(1, 8);
  queue.close(1, 7);
}
