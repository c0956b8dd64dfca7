// SPDX-License-Identifier: MIT
#include <lull/sched/signal_reader.hpp>

#include <optional>

#include <catch2/catch_test_macros.hpp>

#include <lull/base/limits.hpp>

#include "../ring/deaf_kernel.hpp"
#include "helpers.hpp"

TEST_CASE("closing a reader of signals ends it, though the kernel does not find it at first") {
  for (const int missed : {0, 3}) {
    test::deaf_kernel kernel;
    test::driven_cores cores(1, test::driven_cores::small_options(), {}, kernel);
    std::optional<lull::detail::signal_reader> reader;
    const lull::core::inside here(*cores.cores[0]);
    lull::detail::core_context& context = lull::detail::this_context("signal_reader");
    reader.emplace(context, [](void*, int) noexcept {}, nullptr);
    cores.turn();
    CHECK(context.background == 1);
    kernel.miss(missed);
    reader->close();
    cores.turn_until([&] {
      cores.clock.advance(lull::limits::first_repeat);
      return context.background == 0;
    });
    CHECK(kernel.left() == 0);
    CHECK(kernel.found() == 1);
  }
}
