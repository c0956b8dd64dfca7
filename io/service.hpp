// SPDX-License-Identifier: MIT
#pragma once

// A service on one core: accepts connections and runs a handler for each, within limits of number
// and time, and ends in order. Each core has one of its own, with a listener of its own.
//
//   lull::task<> converse(lull::tcp_stream peer, lull::session& session) {
//     for (;;) {
//       auto bytes = co_await peer.receive();
//       if (!bytes || bytes->empty()) co_return;  // dropping the stream closes it
//       const auto request = session.begin_request();
//       auto sent = co_await peer.send_all(*bytes);
//       if (!sent) co_return;
//     }
//   }
//   lull::task<> serve_core() {
//     auto listener = lull::tcp_listener::bind(lull::address::loopback(7007)).value();
//     auto serving = lull::serve(listener, converse, {.connections = 1000});
//     (co_await std::move(serving)).value();
//   }
//
// It ends when the runtime is asked to stop, when its caller is, or when the listener is closed or
// fails: it accepts nobody any more and closes the listener, asks connections without a request to
// stop, waits for requests that run (for options.drain at most, or until its caller is asked to
// stop as well), and asks those that are left to stop. Then it waits until every handler has
// returned. A client that sends its next request just then loses it, unless options.lame_duck gives
// the handler time to tell it first. With as many connections as it may have the service looks at
// the listener only when one ends; to have them it needs as many descriptors, and some more:
// allow_descriptors().
//
// An exception ends the connection of its handler, not the service. What the handler has written to
// a buffered_writer and not flushed when its connection ends is lost: flush it last, in a shield.

#include <cerrno>
#include <functional>
#include <new>
#include <system_error>
#include <type_traits>
#include <utility>

#include "../base/assert.hpp"
#include "../base/clock.hpp"
#include "../sched/core_context.hpp"
#include "../sched/runtime.hpp"
#include "../sched/scope.hpp"
#include "../sched/semaphore.hpp"
#include "../sched/shield.hpp"
#include "../sched/timeout.hpp"
#include "../sched/when_any.hpp"
#include "result.hpp"
#include "session.hpp"
#include "stream_concepts.hpp"

namespace lull {

namespace detail {

// A flag that is set as long as this lives.
class flagged {
 public:
  explicit flagged(bool& flag) noexcept : flag_(flag) { flag_ = true; }
  ~flagged() { flag_ = false; }
  flagged(const flagged&) = delete;
  flagged& operator=(const flagged&) = delete;

 private:
  bool& flag_;
};

// co_await: whether the awaiting coroutine has been asked to stop.
class is_asked_to_stop {
 public:
  bool await_ready() const noexcept { return false; }
  bool await_suspend(suspended awaiting) noexcept {
    asked_ = awaiting.stop_requested();
    return false;
  }
  bool await_resume() const noexcept { return asked_; }

 private:
  bool asked_ = false;
};

}  // namespace detail

class service {
 public:
  explicit service(const service_options& options = {}) noexcept : room_(options.connections) {
    LULL_ASSERT(options.connections != 0,
                "a service was made that may have no connection; allow some");
    state_.options = options;
  }
  service(const service&) = delete;
  service& operator=(const service&) = delete;
  ~service() {
    LULL_ASSERT(!running_, "a service was destroyed while it runs; ask it to stop and await it");
  }

  // co_await: until the service has ended; a failure if that was because the listener failed. The
  // handler is called with each connection, a stream, and its session, which stays where it is
  // until the task that the handler gives has ended; it is kept until all have. Once a service.
  // The listener is a tcp_listener or unix_listener, or has their accept(), which throws nothing
  // but std::bad_alloc, and their close(), is_open() and local(). Throws std::bad_alloc where it
  // cannot begin.
  template <class Listener, class Handler>
  task<result<void>> run(Listener& listener, Handler handler);

  // Now; on its core, and after its end anywhere.
  service_statistics statistics() const noexcept { return state_.counts; }

 private:
  template <class Listener, class Handler>
  task<> accept_all(Listener& listener, Handler& handler, scope& connections, int& error);
  template <class Listener, class Handler>
  task<> serve_on(Listener& listener, Handler& handler, scope& connections, int& error);
  template <class Handler, class Stream>
  task<> converse(Handler& handler, Stream peer);
  task<> drain(scope& connections, const bool& stopped);

  detail::service_state state_;
  semaphore room_;
  bool running_ = false;
};

// co_await: a service, from its begin to its end, and what it has counted.
template <class Listener, class Handler>
task<result<service_statistics>> serve(Listener& listener, Handler handler,
                                       service_options options = {}) {
  service one(options);
  auto running = one.run(listener, std::move(handler));
  auto ended = co_await std::move(running);
  if (!ended) co_return ended.why();
  co_return one.statistics();
}

template <class Listener, class Handler>
task<result<void>> service::run(Listener& listener, Handler handler) {
  using accepted = detail::await_result<decltype(listener.accept())>;
  using stream = std::decay_t<decltype(*std::declval<accepted>())>;
  static_assert(std::is_invocable_v<Handler&, stream, session&>,
                "the handler of a service is called with the stream that was accepted, by value, "
                "and a lull::session&");
  static_assert(detail::gives_a_task<Handler, stream, session&>,
                "the handler of a service gives a lull::task<>; a result, which may be an error, "
                "would be lost: co_await it in a lambda, and handle it there");
  LULL_ASSERT(!running_ && !state_.ending, "a service runs once; make another one");
  scope connections;
  int error = 0;
  bool stopped = false;  // this caller, before the end began
  if (!listener.is_open()) co_return failure(EBADF, "serve on", listener.local());
  auto accepting = accept_all(listener, handler, connections, error);
  auto last_days = serve_on(listener, handler, connections, error);
  auto rest = drain(connections, stopped);  // made now, for later there may be no memory
  const detail::flagged running(running_);
  co_await when_any(stop_requested(), std::move(accepting));
  state_.ending = true;
  stopped = co_await detail::is_asked_to_stop();
  if (stopped) {
    co_await shield(std::move(last_days));
  } else {
    co_await std::move(last_days);
  }
  state_.draining = true;
  const peer_name local = listener.local();
  co_await listener.close();
  co_await std::move(rest);
  if (error != 0) co_return failure(error, "serve on", local);
  co_return result<void>();
}

template <class Listener, class Handler>
task<> service::accept_all(Listener& listener, Handler& handler, scope& connections, int& error) {
  for (;;) {
    const bool room = co_await room_.acquire();
    if (!room) co_return;
    try {
      auto peer = co_await listener.accept();
      if (!peer) {
        room_.release();
        // Closed while it was awaited, or while there was no room.
        const int code = peer.why().code;
        if (code != ECANCELED && (code != EBADF || listener.is_open())) error = code;
        co_return;
      }
      ++state_.counts.accepted;
      connections.start(converse(handler, *std::move(peer)), {.name = "service: connection"}, {});
      ++state_.counts.open;
    } catch (const std::bad_alloc&) {  // the connection is closed; others may end meanwhile
      state_.threw({});
      room_.release();
    }
  }
}

// While the lame duck lasts, which memory that is short ends.
template <class Listener, class Handler>
task<> service::serve_on(Listener& listener, Handler& handler, scope& connections, int& error) {
  const time_point end = later(now(), state_.options.lame_duck);
  if (state_.options.lame_duck == nanoseconds::zero()) co_return;
  try {
    auto accepting = accept_all(listener, handler, connections, error);
    (void)co_await deadline(end, std::move(accepting));
    const nanoseconds rest = end - now();  // the listener was closed, or fails
    if (rest > nanoseconds::zero()) (void)co_await connections.join_for(rest);
  } catch (const std::bad_alloc&) {}
}

template <class Handler, class Stream>
task<> service::converse(Handler& handler, Stream peer) {
  const peer_name name = detail::name_of(peer);
  {
    session mine(state_);
    try {
      auto work = std::invoke(handler, std::move(peer), mine);
      co_await mine.run(std::move(work));
    } catch (const std::system_error& error) {  // so ends value() of what was stopped
      if (!mine.asked_to_stop() || error.code() != std::errc::operation_canceled)
        state_.threw(name);
    } catch (...) {
      state_.threw(name);
    }
  }
  --state_.counts.open;
  room_.release();
}

}  // namespace lull
