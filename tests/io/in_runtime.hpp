// SPDX-License-Identifier: MIT
#pragma once

// Runs a test's coroutine on the one core of a runtime, for what needs the runtime's threads; then
// looks that no descriptor was left behind. A test that hangs is ended by the runtime.

#include <catch2/catch_test_macros.hpp>
#include <functional>
#include <lull/sched/runtime.hpp>
#include <utility>

#include "on_core.hpp"

namespace io_test {

inline void in_runtime(lull::run_options options, std::function<lull::task<>()> main) {
  lull::detected_capabilities();
  const std::size_t before = open_descriptors();
  {
    options.cores = {lull::all_cores()[0]};
    options.core.ring.submissions = 64;
    options.core.ring.completions = 256;
    lull::runtime runtime(std::move(options));
    runtime.run(std::move(main));
  }
  CHECK(open_descriptors() == before);
}

}  // namespace io_test
