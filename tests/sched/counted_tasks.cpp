// SPDX-License-Identifier: MIT

// What tasks_instructions_test.py runs under callgrind: a list of so many tasks, all of which can
// run. All that is counted is in the function whose name begins with `counted_`.

#include <cstdio>
#include <cstdlib>

#include <lull/sched/core.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>
#include <lull/sched/tasks.hpp>

namespace {

lull::task<> yield_once() { co_await lull::yield(); }

[[gnu::noinline]] std::size_t counted_list() {
  std::size_t ready = 0;
  for (const lull::task_info& one : lull::tasks()) ready += one.state == lull::task_state::ready;
  return ready;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: counted_tasks TASKS\n", stderr);
    return 2;
  }
  const auto tasks = static_cast<std::size_t>(std::atoi(arguments[1]));
  lull::domain domain;
  lull::core one(0, domain, {});
  std::size_t ready = 0;
  {
    const lull::core::inside here(one);
    for (std::size_t i = 0; i < tasks; ++i) one.root().spawn(&yield_once);
    ready = counted_list();
  }
  while (one.root().size() != 0) one.iterate(lull::when_idle::come_back);
  one.wind_up();
  return ready == tasks ? 0 : 1;
}
