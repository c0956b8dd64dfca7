// SPDX-License-Identifier: MIT
#pragma once

// co_await on_every_core(f): runs f() on all cores of the runtime at the same time, this one among
// them, and gives the results as a vector, by core. `f` returns a value, or a task that is awaited
// over there; it is copied for each core. co_await broadcast(f) is the same without results. Called
// on a core; suspends until all have ended. When several throw, the exception of one of them, the
// first to come back, is thrown then: where `f` is a service, which does not end by itself, it asks
// for the end of the program when it fails (request_stop()). A stop asked for meanwhile is not
// passed on. Costs what run_on does, and a frame for each core.
//
// All cores are asked, which wakes those that sleep: for changes of configuration and for sums, not
// for every request.

#include <type_traits>
#include <utility>
#include <vector>

#include "core.hpp"
#include "run_on.hpp"
#include "task.hpp"
#include "when_all.hpp"

namespace lull {
namespace detail {

template <class F>
using result_on_core = typename awaited<std::invoke_result_t<F&>>::type;

template <class F>
task<result_on_core<F>> call_on_core(unsigned core, F callable) {
  co_return co_await run_on(core, std::move(callable));
}

template <class F>
std::vector<task<result_on_core<F>>> call_on_each_core(const F& callable) {
  std::vector<task<result_on_core<F>>> calls;
  calls.reserve(core_count());
  for (unsigned i = 0; i < core_count(); ++i) calls.push_back(call_on_core<F>(i, callable));
  return calls;
}

}  // namespace detail

template <class F>
task<std::vector<detail::result_on_core<F>>> on_every_core(F callable) {
  static_assert(!std::is_void_v<detail::result_on_core<F>>,
                "on_every_core gives what each core gives: without results it is broadcast");
  auto calls = detail::call_on_each_core(callable);
  co_return co_await when_all(std::move(calls));
}

template <class F>
task<> broadcast(F callable) {
  auto calls = detail::call_on_each_core(callable);
  co_await when_all(std::move(calls));
}

}  // namespace lull
