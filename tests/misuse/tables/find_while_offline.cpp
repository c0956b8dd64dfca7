// SPDX-License-Identifier: MIT
// expect: hash_table: read on a thread whose participant is missing or offline
#include <lull/tables/hash_table.hpp>

void program() {
  lull::domain domain;
  lull::participant core(domain);
  lull::hash_table<int, int> table;
  table.insert(1, 1);
  core.offline();
  static_cast<void>(table.find(1));
}
