// SPDX-License-Identifier: MIT
// expect: admit() asks for 2000 bytes, and the hard budget of the domain is 1000
#include <lull/sched/grace_period.hpp>
#include <lull/sched/runtime.hpp>

namespace {

lull::task<> misuse() { (void)co_await lull::admit(2000); }

}  // namespace

void program() {
  lull::run_options options;
  options.cores = {lull::all_cores()[0]};
  options.reclamation.budget = {500, 1000};
  lull::run(options, misuse);
}
