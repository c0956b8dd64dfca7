// SPDX-License-Identifier: MIT
#include "service.hpp"

namespace lull {

task<> service::drain(scope& connections, const bool& stopped) {
  state_.sessions.for_each([](session& one) { one.end_if_idle(); });
  try {
    if (stopped) {  // which would be passed on to those that may still run
      co_await shield(connections.join_for(state_.options.drain));
    } else {
      (void)co_await connections.join_for(state_.options.drain);
    }
  } catch (const std::bad_alloc&) {  // then they are not waited for
  }
  connections.request_stop();
  co_await connections.join();
}

}  // namespace lull
