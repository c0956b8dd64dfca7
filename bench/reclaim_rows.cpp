// SPDX-License-Identifier: MIT
// The check that what is measured releases all it was given.

#include "reclaim_rows.hpp"

#include <malloc.h>

#include <cstdio>
#include <cstdlib>

namespace lull::bench {
namespace {

// Bytes that malloc has given out, but for what its threads keep for themselves.
std::size_t bytes_in_use() { return mallinfo2().uordblks; }

[[noreturn]] void fail(const contender& library, const char* shape, std::size_t left) {
  std::fprintf(stderr,
               "reclaim: %s left %zu objects of %s unreleased: its figures would compare nothing; "
               "mend its loop\n",
               library.name, left, shape);
  std::exit(1);
}

}  // namespace

void check_that_all_is_released(const contender& library) {
  constexpr std::size_t operations = 4 * objects_per_synchronize;
  library.retire_release_pool(operations);
  if (const std::size_t left = object_pool::outside(); left != 0) {
    fail(library, "retire_release_pool", left);
  }
  library.retire_free_malloc(operations);  // what is allocated once is now there
  const std::size_t before = bytes_in_use();
  library.retire_free_malloc(operations);
  // A few may wait in malloc's own caches, which it counts as given out.
  const std::size_t after = bytes_in_use();
  const std::size_t left = after > before ? (after - before) / sizeof(object) : 0;
  if (left > operations / 100) fail(library, "retire_free_malloc", left);
}

}  // namespace lull::bench
