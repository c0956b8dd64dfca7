// SPDX-License-Identifier: MIT
// expect: send the write to the owner, or call adopt() when the table changes hands
#include <lull/tables/hash_table.hpp>
#include <thread>

void program() {
  lull::domain domain;
  lull::participant owner(domain);
  lull::hash_table<int, int> table;
  std::thread([&] {
    lull::participant other(domain);
    table.insert(1, 1);
  }).join();
}
