// SPDX-License-Identifier: MIT
#pragma once

// Options for a runtime of real threads in a test.

#include <lull/sched/runtime.hpp>

namespace test {

// So many cores, whatever the number of processors, with small rings, and without signals.
inline lull::run_options some_cores(unsigned count) {
  lull::run_options options;
  const auto processors = lull::all_cores();
  for (unsigned i = 0; i < count; ++i) {
    options.cores.push_back(processors[i % processors.size()]);
  }
  options.core.ring.submissions = 64;
  options.core.ring.completions = 256;
  options.handle_signals = false;
  return options;
}

}  // namespace test
