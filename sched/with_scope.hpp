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

#include "branch.hpp"
#include "scope.hpp"
#include "task.hpp"

namespace lull {
namespace detail {

template <class T, class Code>
task<T> run_in_scope(Code code) {
  scope all(cancel_on_error);
  if constexpr (std::is_void_v<T>) {
    all.spawn([&] { return std::invoke(code, all); });
    // Somebody else may have spawned between its end and here.
    do {
      co_await all.join();
    } while (all.size() != 0);
  } else {
    std::optional<as_member_t<T>> given;
    all.spawn([&]() -> task<> {
      auto work = std::invoke(code, all);
      given.emplace(co_await std::move(work));
    });
    do {
      co_await all.join();
    } while (all.size() != 0);
    co_return static_cast<T>(*std::move(given));
  }
}

// What the code gives; void where it cannot be called so.
template <class Code>
struct given_in_scope {
  using type = void;
};
template <class Code>
  requires std::is_invocable_v<Code&, scope&>
struct given_in_scope<Code> {
  using type = std::invoke_result_t<Code&, scope&>;
};

}  // namespace detail

// co_await: what the code gives, once it and all that was spawned has ended. The code does not join
// the scope: that would wait for itself.
template <class Code>
auto with_scope(Code code) {
  using gives = typename detail::given_in_scope<Code>::type;
  static_assert(detail::is_task<gives>,
                "with_scope takes a callable that is called with a lull::scope& and gives a "
                "lull::task");
  if constexpr (detail::is_task<gives>) {
    return detail::run_in_scope<typename gives::value_type>(std::move(code));
  }
}

}  // namespace lull
