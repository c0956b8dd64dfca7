// SPDX-License-Identifier: MIT
#pragma once

// What tests of child processes share.

#include <sys/wait.h>

#include <catch2/catch_test_macros.hpp>
#include <lull/io/run_process.hpp>
#include <string>
#include <utility>

#include "in_runtime.hpp"

namespace io_test {

inline lull::process_options shell(const std::string& script) {
  return {.program = "/bin/sh", .arguments = {"-c", script}};
}

// gcc 12 wants options to be named before the co_await.
inline lull::task<lull::result<lull::process>> start_with(const lull::process_options& options) {
  lull::process_options own = options;
  auto starting = lull::start_process(std::move(own));
  co_return co_await std::move(starting);
}
inline lull::task<lull::result<lull::process>> start_shell(std::string script) {
  const lull::process_options options = shell(script);
  auto starting = start_with(options);
  co_return co_await std::move(starting);
}
inline lull::task<lull::result<lull::process_result>> run_with(
    const lull::process_options& options, std::string input = {},
    std::size_t at_most = lull::limits::captured_bytes) {
  lull::process_options own = options;
  auto running = lull::run_process(std::move(own), std::move(input), at_most);
  co_return co_await std::move(running);
}
inline lull::task<lull::result<lull::process_result>> run_shell(
    std::string script, std::string input = {},
    std::size_t at_most = lull::limits::captured_bytes) {
  const lull::process_options options = shell(script);
  auto running = run_with(options, std::move(input), at_most);
  co_return co_await std::move(running);
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
