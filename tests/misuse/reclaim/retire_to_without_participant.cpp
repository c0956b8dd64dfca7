// SPDX-License-Identifier: MIT
// expect: retire_to was called on a thread without a participant
#include <lull/reclaim/retire.hpp>

struct pool {
  void give_back(int*) noexcept {}
};

void program() {
  pool to;
  int object = 0;
  lull::retire_to(to, &object);
}
