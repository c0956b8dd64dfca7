// SPDX-License-Identifier: MIT
#include "expiring.hpp"

#include <lull/sched/core.hpp>
#include <lull/sched/sleep.hpp>

#include <new>

namespace kv {
namespace {

// Goes on while more than a quarter of what a portion met had expired: so about a quarter of all
// keys, and no more, can be such as nobody sees.
bool expire_portion(core_state& here) {
  try {
    const store::portion met = here.own().expire_some(expiry_steps, here.now_ms);
    return met.expired > met.keys / 4;
  } catch (const std::bad_alloc&) {
    here.counters.errors.add();
    return false;
  }
}

}  // namespace

lull::task<> expire_keys(core_state* here) {
  for (;;) {
    const bool go_on = co_await lull::sleep(expiry_pause);
    if (!go_on) co_return;
    here->compare_clocks(lull::now().time_since_epoch());
    for (unsigned portion = 0; portion < expiry_portions; ++portion) {
      const bool more = expire_portion(*here);
      if (!more) break;
      co_await lull::yield();
      here->set_time(lull::now().time_since_epoch());
    }
  }
}

}  // namespace kv
