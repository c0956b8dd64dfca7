// SPDX-License-Identifier: MIT
// expect: hash_table: written on a thread that has no participant
#include <lull/tables/hash_table.hpp>

void program() {
  lull::hash_table<int, int> table;
  table.insert(1, 1);
}
