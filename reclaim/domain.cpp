// SPDX-License-Identifier: MIT
#include "domain.hpp"

#include "../base/assert.hpp"
#include "limbo.hpp"

namespace lull {

domain::~domain() {
  const std::size_t left = epochs_.slots().owned();
  LULL_ASSERT(left == 0,
              "a domain is destroyed while %zu of its participants are still joined: destroy each "
              "participant on its own thread before the domain",
              left);
  // The last participant to leave finds nobody to leave its limbo to, and releases all of it.
  LULL_ASSERT(orphans_.empty(), "a domain is destroyed with %zu limbos that nobody adopted",
              orphans_.size());
}

domain_statistics domain::statistics() const noexcept {
  domain_statistics now;
  now.complete = epochs_.completed();
  now.epoch = epochs_.epoch();
  now.participants = epochs_.slots().owned();
  now.slots = epochs_.slots().size();
  now.orphans = orphans_.size();
  return now;
}

}  // namespace lull
