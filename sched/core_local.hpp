// SPDX-License-Identifier: MIT
#pragma once

// One instance of a T a core, which only that core uses, so that it needs no locks: a part of a
// service, such as a cache. They are made on their cores, in order, and destroyed there, in the
// reverse order.
//
//   core_local<cache> caches;                 // outlives the tasks that use it
//   co_await caches.start(limit);             // cache(limit) on core 0, on core 1, ...
//   caches.local().find(key);                 // on any core
//   co_await caches.stop();
//
// or, where an exception may come in between, co_await caches.during(serve, limit).
//
// Where T has a member start(), which gives void or a task<>, it is called on each core in order
// once all instances stand; a member stop() in reverse order before the first is destroyed. What
// cannot start throws. start and stop are called by one task on any core; they suspend, take a
// message each way for each core and step, and are not ended by a stop asked for meanwhile. local()
// costs a look at the core's index.

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "../base/assert.hpp"
#include "../base/cache_line.hpp"
#include "core.hpp"
#include "run_on.hpp"
#include "task.hpp"

namespace lull {

template <class T>
class core_local {
 public:
  core_local() noexcept = default;
  core_local(const core_local&) = delete;
  core_local& operator=(const core_local&) = delete;
  ~core_local() {
    LULL_ASSERT(places_.empty(),
                "a core_local was destroyed with its instances; co_await its stop() first");
  }

  // Each instance is made of the same arguments. When one cannot be made, or its start() throws,
  // those that have been started are stopped, all are destroyed, and the exception is thrown.
  template <class... Args>
  task<> start(Args... arguments) {
    if constexpr (has_start) {
      static_assert(gives_nothing<decltype(std::declval<T&>().start())>,
                    "start() of an instance of core_local gives void or a lull::task<>; nobody "
                    "looks at a result: throw the error");
    }
    LULL_ASSERT(places_.empty(), "a core_local was started twice; co_await its stop() before");
    std::exception_ptr error;
    auto rest = take_down(error);  // made before there is anything that it would be needed for
    places_ = std::vector<place>(core_count());
    try {
      for (; made_ < places_.size(); ++made_) {
        co_await run_on(index(made_), [this, &arguments...] { make(arguments...); });
      }
      for (; started_ < places_.size(); ++started_) {
        if constexpr (has_start)
          co_await run_on(index(started_), [this] { return local().start(); });
      }
    } catch (...) {
      error = std::current_exception();
    }
    if (!error) co_return;
    co_await std::move(rest);
  }

  // No instance is in use any more. Throws the first exception that a stop() ended with, once all
  // are destroyed. Nothing happens where there are none.
  task<> stop() {
    std::exception_ptr none;
    auto all = take_down(none);
    co_await std::move(all);
  }

  // start(arguments...), body(), which gives a task<> that is awaited, and stop(), whatever the
  // body ended with. Throws what it threw, or what start() or stop() did.
  template <class Body, class... Args>
    requires std::is_same_v<std::invoke_result_t<Body&>, task<>>
  task<> during(Body body, Args... arguments) {
    std::exception_ptr error;
    auto end = take_down(error);  // made before there is anything that it would be needed for
    auto beginning = start(std::move(arguments)...);
    co_await std::move(beginning);
    try {
      auto work = std::invoke(body);
      co_await std::move(work);
    } catch (...) {
      error = std::current_exception();
    }
    co_await std::move(end);
  }

  // This core's. Stops the program where there is none.
  T& local() noexcept { return instance_of(this_core()); }
  // Another core's, for what any core may read of it (a table of lull, an atomic), while that core
  // goes on. Stops the program where there is none.
  const T& of(unsigned core) const noexcept { return instance_of(core); }

 private:
  struct alignas(cache_line) place {
    std::unique_ptr<T> instance;
  };
  static constexpr bool has_start = requires(T& one) { one.start(); };
  static constexpr bool has_stop = requires(T& one) { one.stop(); };

  template <class Result>
  static constexpr bool gives_nothing = std::is_void_v<Result> || std::is_same_v<Result, task<>>;

  T& instance_of(unsigned core) const noexcept {
    LULL_ASSERT(core < places_.size() && places_[core].instance != nullptr,
                "a core_local has no instance on core %u; co_await its start() before", core);
    return *places_[core].instance;
  }
  static unsigned index(std::size_t of) noexcept { return static_cast<unsigned>(of); }

  template <class... Args>
  void make(const Args&... arguments) {
    places_[this_core()].instance = std::make_unique<T>(arguments...);
  }

  task<> take_down(std::exception_ptr& first_error) {
    if constexpr (has_stop) {
      static_assert(gives_nothing<decltype(std::declval<T&>().stop())>,
                    "stop() of an instance of core_local gives void or a lull::task<>; nobody "
                    "looks at a result: throw the error");
    }
    for (; started_ != 0; --started_) {
      try {
        if constexpr (has_stop) {
          co_await run_on(index(started_ - 1), [this] { return local().stop(); });
        }
      } catch (...) {
        if (!first_error) first_error = std::current_exception();
      }
    }
    for (; made_ != 0; --made_) {
      co_await run_on(index(made_ - 1), [this] { places_[this_core()].instance.reset(); });
    }
    places_.clear();
    if (first_error) std::rethrow_exception(std::move(first_error));
  }

  std::vector<place> places_;
  std::size_t made_ = 0;     // instances, on the first so many cores
  std::size_t started_ = 0;  // of which so many have ended their start()
};

}  // namespace lull
