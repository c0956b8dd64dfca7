// SPDX-License-Identifier: MIT
// expect: a domain is asked for a hard budget of 1000 bytes below its soft one of 2000
#include <lull/reclaim/domain.hpp>

void program() {
  lull::domain_options options;
  options.budget = {2000, 1000};
  const lull::domain domain(options);
}
