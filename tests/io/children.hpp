// SPDX-License-Identifier: MIT
#pragma once

// What tests of child processes share.

#include <sys/wait.h>

#include <catch2/catch_test_macros.hpp>
#include <lull/io/process.hpp>
#include <string>

#include "in_runtime.hpp"

namespace io_test {

inline lull::process_options shell(const std::string& script) {
  return {.program = "/bin/sh", .arguments = {"-c", script}};
}

// Whether this program has a child left, running or as a zombie.
inline bool has_children() { return ::waitid(P_ALL, 0, nullptr, WEXITED | WNOHANG | WNOWAIT) == 0; }

// Both ways of waiting for a child.
template <class Main>
void in_both_ways(Main main) {
  for (const bool by_ring : {true, false}) {
    lull::run_options options;
    options.core.ring.allowed.wait_for_child = by_ring;
    in_runtime(options, main);
    CHECK(!has_children());
  }
}

}  // namespace io_test
