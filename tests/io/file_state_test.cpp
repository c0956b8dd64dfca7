// SPDX-License-Identifier: MIT
#include <lull/io/file_state.hpp>

#include <functional>
#include <optional>

#include <catch2/catch_test_macros.hpp>

#include <lull/io/aligned_buffer.hpp>
#include <lull/io/open.hpp>
#include <lull/ring/ring.hpp>
#include <lull/sched/scope.hpp>

#include "on_core.hpp"
#include "temporary_folder.hpp"

using io_test::on_core;
using io_test::temporary_folder;

namespace {

constexpr unsigned reads_at_once = 8;
constexpr std::size_t block_bytes = lull::limits::direct_alignment;

std::uint64_t iterations() { return lull::core::current().statistics().iterations; }

lull::task<> read_block(lull::file& from, unsigned which) {
  lull::aligned_buffer into(block_bytes);
  const auto got = co_await from.read(into, which * block_bytes);
  REQUIRE(got);
  CHECK(*got == block_bytes);
}

// What is left for the end of the iteration when all of them have begun. Nothing where their
// iteration has ended before.
lull::task<> look(std::uint64_t iteration, std::optional<unsigned>& left) {
  if (iterations() == iteration) left = lull::detail::this_context("look").ring->unsubmitted();
  co_return;
}

// Of a file that is opened so; nothing where the file system refuses.
std::optional<unsigned> left_by_reads(int flags) {
  const temporary_folder folder;
  folder.put("a", std::string(reads_at_once * block_bytes, 'x'));
  std::optional<unsigned> left;
  on_core([&]() -> lull::task<> {
    auto file = co_await lull::fs::open(folder.path("a"), O_RDONLY | flags);
    if (!file) co_return;
    for (int tries = 0; !left && tries < 100; ++tries) {
      lull::scope scope;
      for (unsigned i = 0; i < reads_at_once; ++i) scope.spawn(read_block, std::ref(*file), i);
      scope.spawn(look, iterations(), std::ref(left));
      co_await scope.join();
    }
  });
  return left;
}

}  // namespace

TEST_CASE("reads past the page cache waited for the end of the iteration, and came all at once") {
  const auto left = left_by_reads(O_DIRECT);
  if (!left) SKIP("this file system has no O_DIRECT");
  CHECK(*left < lull::limits::direct_at_a_time);
}

TEST_CASE("reads by way of the page cache are submitted at the end of an iteration, together") {
  const auto left = left_by_reads(0);
  REQUIRE(left);
  CHECK(*left == reads_at_once);
}
