// SPDX-License-Identifier: MIT
// expect: deleted operator 'co_await'
#include <lull/lull.hpp>

lull::task<> waits(lull::event& event) {
  auto limited = lull::timeout(std::chrono::seconds(1), event.wait());  // which is gone
  co_await limited;                                                     // refused
  auto shielded = lull::shield(event.wait());
  co_await shielded;  // refused
}
