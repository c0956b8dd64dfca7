// SPDX-License-Identifier: MIT
// expect: hash_table: a key or a value cannot be made of what was given for it: convert that
#include <lull/tables/hash_table.hpp>

struct base {};
struct derived : base {};
enum class color { red, green };

void store(lull::hash_table<int, derived*>& pointers, lull::hash_table<int, color>& colors,
           lull::hash_table<const derived*, int>& by_address, base* some, const base* other) {
  pointers.insert(1, some);                // refused
  pointers.insert_or_assign(1, new base);  // refused
  pointers.try_emplace(1, 0x1234ul);       // refused
  colors.insert(1, 7);                     // refused
  by_address.insert(other, 1);             // refused
}
