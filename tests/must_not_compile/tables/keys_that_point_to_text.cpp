// SPDX-License-Identifier: MIT
// expect: a table whose keys are pointers to characters would hash the text and compare the
#include <lull/tables/hash_table.hpp>

lull::hash_table<const char*, int> compares_addresses;
