// SPDX-License-Identifier: MIT
// expect: request_stop was called on core 0, which no runtime runs
#include <lull/lull.hpp>

void program() {
  lull::domain domain;
  lull::core alone(0, domain, {});
  const lull::core::inside here(alone);
  lull::request_stop();
}
