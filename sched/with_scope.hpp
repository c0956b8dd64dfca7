// SPDX-License-Identifier: MIT
#pragma once

// Tasks that live as long as a piece of code: a nursery.
//
//   co_await with_scope([&](scope& all) -> task<> {
//     all.spawn(serve, std::ref(listener));
//     all.spawn(report, std::ref(counts));
//     co_await warm_up();  // if this throws, the others are stopped and waited for
//   });
//
// The code is a task of the scope itself, so that the first that ends with an exception, be it the
// code or a task, asks all others to stop; that exception is thrown once all have ended. So nothing
// is left running whichever way it ends, as a bare scope may be left by an exception between spawn
// and join, which stops the program. A stop asked of the caller is passed on to all. Core-affine;
// suspends; three frames. Throws std::bad_alloc with nothing begun.

#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include "scope.hpp"
#include "task.hpp"

namespace lull {

// co_await: what the code gives, once it and all that was spawned has ended. The code does not join
// the scope: that would wait for itself.
template <class Code>
  requires std::is_invocable_v<Code&, scope&>
std::invoke_result_t<Code&, scope&> with_scope(Code code) {
  using gives = std::invoke_result_t<Code&, scope&>;
  static_assert(detail::is_task<gives>,
                "with_scope takes a callable that is called with a lull::scope& and gives a "
                "lull::task");
  using type = typename detail::awaited<gives>::type;
  scope all(cancel_on_error);
  if constexpr (std::is_void_v<type>) {
    all.spawn([&] { return std::invoke(code, all); });
    co_await all.join();
  } else {
    std::optional<type> given;
    all.spawn([&]() -> task<> {
      auto work = std::invoke(code, all);
      given.emplace(co_await std::move(work));
    });
    co_await all.join();
    co_return *std::move(given);
  }
}

}  // namespace lull
