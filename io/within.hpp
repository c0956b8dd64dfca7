// SPDX-License-Identifier: MIT
#pragma once

// Awaiting an operation for a limited time, with one result: the time that is up is a failure like
// any other (timed_out), which says what was done with whom. As timeout does: when the time is up
// the operation is asked to stop, and waited for; a success that raced with it is given, and so is
// a failure of its own. A stop asked of the caller before that stays operation_canceled. Of a task
// that ends by the exception of value() the failure says no more than that. Costs a timer (no
// system call), and a frame where no task is awaited.
//
//   auto got = co_await within(5s, stream.receive());
//   if (!got) log(got.message());  // receive 192.0.2.7:80: Connection timed out (errno 110)...
//
// Where it has to be told from other ends, or what is awaited gives no result: timeout.

#include <cerrno>
#include <type_traits>
#include <utility>

#include "../sched/timeout.hpp"
#include "result.hpp"

namespace lull {
namespace detail {

// `why` is that of what was asked to stop when its time was up.
failure out_of_time(failure why) noexcept;

template <class Result>
class [[nodiscard]] await_within : public timed_await<Result> {
 public:
  using timed_await<Result>::timed_await;

  Result await_resume() {
    timed<Result> got = timed_await<Result>::await_resume();
    // It ended by the exception of value(), which says that it was stopped.
    if (!got.has_value()) return out_of_time(failure(ECANCELED, "a task"));
    if (got.timed_out()) return out_of_time(got->why());
    return std::move(*got);
  }
};

}  // namespace detail

// co_await: what `awaitable` gives, a result. It is always begun, and has until the first iteration
// that begins after `duration` has passed since now(); nanoseconds::max(), or that of any other
// unit, is without limit.
template <detail::awaitable Awaitable>
  requires detail::is_result<detail::branch_result<Awaitable>>
auto within(time_span duration, Awaitable&& awaitable) {
  return detail::awaited_once<detail::await_within<detail::branch_result<Awaitable>>>(
      duration, detail::as_task(std::forward<Awaitable>(awaitable)));
}

}  // namespace lull
