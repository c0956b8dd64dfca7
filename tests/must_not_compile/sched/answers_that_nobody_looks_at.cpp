// SPDX-License-Identifier: MIT
// expect: nodiscard
#include <lull/lull.hpp>

#pragma GCC diagnostic error "-Wunused-result"

// Each gives false when it has not been done.
lull::task<> goes_on(lull::channel<int>& channel, lull::shared_channel<int>& shared,
                     lull::semaphore& tokens, lull::phase_barrier& phases, lull::once& once,
                     lull::condition& condition, lull::mutex_lock& lock, lull::auto_event& event,
                     lull::scope& all, lull::participant& here) {
  co_await channel.send(1);                        // refused
  channel.try_send(1);                             // refused
  co_await shared.send(1);                         // refused
  shared.try_send(1);                              // refused
  co_await tokens.acquire();                       // refused
  tokens.try_acquire();                            // refused
  co_await phases.arrive_and_wait();               // refused
  co_await once.run([] {});                        // refused
  co_await condition.wait(lock);                   // refused
  event.try_wait();                                // refused
  co_await all.join_for(std::chrono::seconds(1));  // refused
  co_await lull::grace_period();                   // refused
  co_await lull::barrier();                        // refused
  co_await lull::admit(1);                         // refused
  here.try_admit(1);                               // refused
}
