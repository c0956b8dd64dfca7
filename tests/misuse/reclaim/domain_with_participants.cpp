// SPDX-License-Identifier: MIT
// expect: a domain is destroyed while 2 of its participants are still joined
#include <lull/reclaim/participant.hpp>

#include <memory>

void program() {
  auto domain = std::make_unique<lull::domain>();
  lull::participant first(*domain);
  lull::participant second(*domain);
  domain.reset();
}
