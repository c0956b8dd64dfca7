// SPDX-License-Identifier: MIT
#include <lull/sched/processors.hpp>

#include <sched.h>

#include <string>
#include <system_error>
#include <thread>

#include <catch2/catch_test_macros.hpp>

TEST_CASE("a thread stays on the processor it was put on") {
  const auto all = lull::all_cores();
  REQUIRE_FALSE(all.empty());
  std::vector<unsigned> left;
  std::thread([&] {
    lull::detail::run_on_processor(all.back(), 3);
    left = lull::all_cores();
  }).join();
  REQUIRE(left == std::vector<unsigned>{all.back()});
}

TEST_CASE("a processor that is not to be had is named") {
  std::string what;
  std::thread([&] {
    try {
      lull::detail::run_on_processor(1'000'000, 2);
    } catch (const std::system_error& error) {
      what = error.what();
    }
  }).join();
  REQUIRE(what.find("core 2 cannot run on processor 1000000") != std::string::npos);
}
