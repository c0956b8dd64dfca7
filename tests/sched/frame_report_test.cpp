// SPDX-License-Identifier: MIT
#include <lull/sched/frame_report.hpp>

#include <algorithm>
#include <array>
#include <string_view>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/async_generator.hpp>
#include <lull/sched/sleep.hpp>

#include "helpers.hpp"

namespace {

lull::task<> with_a_small_frame() { co_await lull::yield(); }

lull::task<> with_a_large_frame() {
  std::array<char, 5000> kept{};
  co_await lull::yield();
  CHECK(std::count(kept.begin(), kept.end(), 0) == 5000);
}

lull::async_generator<int> with_values() { co_yield 1; }

lull::task<std::vector<lull::frame_size>> list_sizes() {
  auto values = with_values();
  co_await values.next();
  for (int i = 0; i < 3; ++i) {
    auto small = with_a_small_frame();
    co_await std::move(small);
  }
  auto large = with_a_large_frame();
  co_await std::move(large);
  co_return lull::frame_sizes();
}

[[maybe_unused]] const lull::frame_size* size_of(const std::vector<lull::frame_size>& all,
                                                 std::string_view name) {
  const auto found = std::find_if(all.begin(), all.end(), [name](const lull::frame_size& one) {
    return one.coroutine.find(name) != std::string_view::npos;
  });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("checked builds list the frames of coroutines by size, and others none") {
  std::vector<lull::frame_size> all;
  test::run_alone([&all]() -> lull::task<> {
    auto listing = list_sizes();
    all = co_await std::move(listing);
  });
#ifdef LULL_CHECKED
  REQUIRE(all.size() >= 4);
  CHECK(all.front().coroutine.find("with_a_large_frame") != std::string_view::npos);
  CHECK(all.front().bytes >= 5000);
  CHECK(all.front().made == 1);
  const lull::frame_size* const small = size_of(all, "with_a_small_frame");
  REQUIRE(small != nullptr);
  CHECK(small->made == 3);
  CHECK(small->bytes < 1000);
  CHECK(small->bytes > 64);
  CHECK(size_of(all, "with_values") != nullptr);
#else
  CHECK(all.empty());
#endif
}
