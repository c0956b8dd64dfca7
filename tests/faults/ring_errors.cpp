// SPDX-License-Identifier: MIT
// A service over a completion queue of 8, for ring_errors_test.py to make the kernel refuse things
// to. Says what it counted; status 0 if nothing was lost.
#include <cstdio>

#include "../io/small_service.hpp"

int main() {
  const auto got = io_test::run_small_service({.ring = {.submissions = 4, .completions = 8}});
  std::printf("echoed %d, called %d, timed out %d; refusals %d, overflows %d\n", got.echoed,
              got.called, got.timed_out, got.refusals > 0, got.overflows > 0);
  return got.is_whole() ? 0 : 1;
}
