// SPDX-License-Identifier: MIT
// expect: spawn takes a callable that gives a lull::task<>; a result, which may be an error, would
// expect: spawn takes a callable and the arguments of its call, kept as values until then: pass the
// expect: start() of an instance of core_local gives void or a lull::task<>; nobody looks at
// expect: stop() of an instance of core_local gives void or a lull::task<>; nobody looks at
#include <lull/sched/core_local.hpp>
#include <lull/sched/scope.hpp>

lull::task<bool> write_it();

struct starts_in_vain {
  lull::task<bool> start();
};
struct stops_in_vain {
  bool stop();
};

lull::task<> loses_errors(lull::scope& all) {
  all.spawn(write_it);
  all.spawn(write_it());
  lull::core_local<starts_in_vain> starting;
  co_await starting.start();
  lull::core_local<stops_in_vain> stopping;
  co_await stopping.stop();
}
