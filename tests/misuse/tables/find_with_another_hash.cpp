// SPDX-License-Identifier: MIT
// expect: take it from hash() of this table, or of one with the same seed
#include <lull/tables/hash_table.hpp>

void program() {
  lull::domain domain;
  lull::participant core(domain);
  lull::hash_table<int, int> table;
  table.insert(1, 1);
  static_cast<void>(table.find(12345, 1));
}
