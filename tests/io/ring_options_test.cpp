// SPDX-License-Identifier: MIT
// What is chosen for the ring changes nothing of what a service does.
#include <catch2/catch_test_macros.hpp>

#include "small_service.hpp"

namespace {

void serves_with(const lull::ring_options& ring) {
  const io_test::service_result got = io_test::run_small_service({.ring = ring});
  INFO("echoed " << got.echoed << ", called " << got.called << ", timed out " << got.timed_out);
  CHECK(got.is_whole());
}

}  // namespace

TEST_CASE("a service runs on restricted rings") { serves_with({.restricted = true}); }

TEST_CASE("a service runs on rings with submission threads, whether these sleep or not") {
  for (const int idle_ms : {1, 1000}) {
    for (const bool restricted : {false, true}) {
      serves_with({.submissions = 4,
                   .completions = 64,
                   .restricted = restricted,
                   .submission_thread = true,
                   .submission_thread_idle = std::chrono::milliseconds(idle_ms)});
    }
  }
}

TEST_CASE("a service runs over a completion queue that overflows") {
  const auto got = io_test::run_small_service({.ring = {.submissions = 4, .completions = 8}});
  CHECK(got.is_whole());
  CHECK(got.overflows > 0);
}
