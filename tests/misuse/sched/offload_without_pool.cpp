// SPDX-License-Identifier: MIT
// expect: offload was awaited on core 0, which has no pool of threads; lull::run makes one
#include <lull/sched/core.hpp>
#include <lull/sched/offload.hpp>

namespace {

lull::task<> misuse() {
  co_await lull::offload([] {});
}

}  // namespace

void program() {
  lull::domain shared;
  lull::core alone(0, shared, {});
  {
    const lull::core::inside here(alone);
    lull::spawn(misuse);
  }
  alone.iterate(lull::when_idle::come_back);
}
