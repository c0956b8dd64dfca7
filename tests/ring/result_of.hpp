// SPDX-License-Identifier: MIT
#pragma once

#include <catch2/catch_test_macros.hpp>

#include "observer.hpp"

namespace test {

// What comes of the one submission that `fill` prepares.
template <class Fill>
int result_of(lull::ring& ring, Fill fill) {
  observer target;
  fill(ring.try_submission(&target));
  REQUIRE(settle(ring, target, 1));
  return target.completions[0].result;
}

}  // namespace test
