// SPDX-License-Identifier: MIT
#pragma once

// The kernels that a receive test runs on: this one, and this one without what older ones lack.

#include <lull/io/io_core.hpp>
#include <lull/ring/capabilities.hpp>
#include <vector>

#include "on_core.hpp"

namespace io_test {

inline std::vector<lull::core_options> ways_to_receive() {
  lull::core_options as_on_6_1;
  as_on_6_1.ring.allowed = lull::capabilities::of_linux(6, 1);
  return {{},
          as_on_6_1,
          without(&lull::capabilities::incremental_buffers),
          without(&lull::capabilities::multishot_receive),
          without(&lull::capabilities::buffer_ring)};
}

// Of the running core: pieces that somebody views or has not read.
inline std::size_t views() {
  return lull::detail::io_core::of(lull::detail::this_context("views")).buffers().views();
}

}  // namespace io_test
