// SPDX-License-Identifier: MIT

// What yield_instructions_test.py runs under callgrind: a task that asks so many times whether
// it is time for others, which it is not. All that is counted is in the functions whose names begin
// with `counted_`.

#include <cstdio>
#include <cstdlib>

#include <lull/sched/core.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>

namespace {

lull::task<> counted_yields(unsigned times) {
  for (unsigned i = 0; i < times; ++i) {
    co_await lull::yield_if_needed();
    __asm__ volatile("" : : "r"(i));
  }
}

// The same loop, and nothing asked.
lull::task<> counted_turns(unsigned times) {
  for (unsigned i = 0; i < times; ++i) {
    __asm__ volatile("" : : "r"(i));
  }
  co_return;
}

void run(lull::task<> (*what)(unsigned), unsigned times) {
  lull::domain domain;
  const lull::manual_clock clock;  // stands still, so as often is looked at it on every machine
  lull::core_options options;
  options.clock = clock.source();
  lull::core one(0, domain, options);
  {
    const lull::core::inside here(one);
    one.root().spawn(what, times);
  }
  while (one.root().size() != 0) one.iterate(lull::when_idle::come_back);
  one.wind_up();
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: counted_yields TIMES\n", stderr);
    return 2;
  }
  const auto times = static_cast<unsigned>(std::atoi(arguments[1]));
  run(&counted_yields, times);
  run(&counted_turns, times);
}
