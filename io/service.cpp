// SPDX-License-Identifier: MIT
#include "service.hpp"

namespace lull {
namespace {

// co_await: the request to stop that the awaiting coroutine heeds, if any.
class own_stop {
 public:
  own_stop() noexcept = default;
  bool await_ready() const noexcept { return false; }
  bool await_suspend(detail::suspended awaiting) noexcept {
    stop_ = awaiting.stop();
    return false;
  }
  detail::stop_state* await_resume() const noexcept { return stop_; }

 private:
  detail::stop_state* stop_ = nullptr;
};

}  // namespace

task<> service::drain(scope& connections) {
  state_.sessions.for_each([](session& one) { one.end_if_idle(); });
  detail::stop_state* const mine = co_await own_stop();
  const bool stopped = mine != nullptr && mine->requested();
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
