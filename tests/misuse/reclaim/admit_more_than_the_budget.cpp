// SPDX-License-Identifier: MIT
// expect: admit() asks for 1001 bytes, and the hard budget of the domain is 1000
#include <lull/reclaim/participant.hpp>
#include <lull/reclaim/waiter.hpp>

void program() {
  lull::domain_options options;
  options.budget = {500, 1000};
  lull::domain domain(options);
  lull::participant me(domain);
  lull::detail::admission_waiter who([](lull::detail::waiter&) noexcept {});
  me.await_admission(who, 1001);
}
