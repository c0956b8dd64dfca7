// SPDX-License-Identifier: MIT
#include <lull/io/file_block.hpp>

#include <deque>
#include <new>

#include <catch2/catch_test_macros.hpp>

#include "../allocations.hpp"

using lull::detail::file_block;
using lull::detail::kept_file_blocks;

TEST_CASE("a block that was given back is the next that is taken") {
  if (!kept_file_blocks::keeps) SKIP("AddressSanitizer sees each come and go");
  kept_file_blocks all;
  const std::byte* where = nullptr;
  {
    file_block one(all);
    where = one.data();
    one.data()[lull::limits::send_file_bytes - 1] = std::byte{1};
    CHECK(all.count() == 0);
  }
  CHECK(all.count() == 1);
  file_block again(all);
  CHECK(again.data() == where);
  CHECK(all.count() == 0);
  file_block another(all);
  CHECK(another.data() != where);
}

TEST_CASE("of many blocks that are given back some are kept") {
  kept_file_blocks all;
  {
    std::deque<file_block> many;
    for (std::size_t i = 0; i < 2 * lull::limits::kept_file_blocks; ++i) many.emplace_back(all);
  }
  CHECK(all.count() == (kept_file_blocks::keeps ? lull::limits::kept_file_blocks : 0));
}

TEST_CASE("without memory for a block nothing is taken or given back") {
  test::need_allocations();
  kept_file_blocks all;
  bool thrown = false;
  {
    const test::denied_allocations none(lull::limits::send_file_bytes);
    try {
      const file_block one(all);
    } catch (const std::bad_alloc&) {
      thrown = true;
    }
  }
  CHECK(thrown);
  CHECK(all.count() == 0);
}
