// SPDX-License-Identifier: MIT
#pragma once

// A connection of a service (service.hpp), as its handler sees it: it says when a request runs, so
// that the service knows which limit of time holds, and whom it may disturb when it ends. Two
// timers armed a request, no allocation. Belongs to the core of its service.

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <utility>

#include "../base/clock.hpp"
#include "../base/intrusive_list.hpp"
#include "../sched/branch.hpp"
#include "../sched/core_context.hpp"
#include "../sched/stop.hpp"
#include "../sched/task.hpp"
#include "peer_name.hpp"

namespace lull {

// Of times: zero is no limit, but for `lame_duck` and `drain`.
struct service_options {
  // At a time, of this core. While there are as many, nobody is served: who comes goes to a core
  // with room, where an accept_balance spreads connections, or waits, the first 64 or so with a
  // descriptor of this program, others in the kernel.
  std::size_t connections = 10'000;
  // Without a request, since the last or since the connection was accepted; then it is asked to
  // stop.
  time_span idle = std::chrono::seconds(60);
  // A request; then its connection is asked to stop, and ends when what it awaits does: run_on to
  // another core hears of no stop, and is waited for.
  time_span request = std::chrono::seconds(30);
  // So long after the service was asked to stop it goes on as before, and accepts, but
  // session::ending() tells handlers to answer that this is the last (HTTP: `Connection: close`)
  // and to return. For clients that keep connections, and balancers that take a while to send new
  // ones elsewhere. Shorter if the listener is closed and all connections have ended, or if the
  // service's caller is asked to stop as well.
  time_span lame_duck = {};
  // So long after that requests that still run are asked to stop, as above.
  time_span drain = std::chrono::seconds(10);
  // Hears of each exception that a handler ended with; null: the first is told on stderr.
  void (*on_exception)(std::exception_ptr error, const peer_name& peer) noexcept = nullptr;
};

// All but `open` only grow.
struct service_statistics {
  std::uint64_t open = 0;        // connections, now
  std::uint64_t accepted = 0;    // connections
  std::uint64_t requests = 0;    // that have begun
  std::uint64_t idle = 0;        // connections that were without a request for too long
  std::uint64_t overdue = 0;     // requests that took too long
  std::uint64_t cancelled = 0;   // requests that the end of the service cut off
  std::uint64_t exceptions = 0;  // connections that ended by one, or had no memory to begin
};

class service;
class session;

namespace detail {

// What the sessions of a service share with it.
struct service_state {
  service_options options;
  service_statistics counts;
  intrusive_list<session> sessions;
  bool ending = false;    // asked to stop
  bool draining = false;  // and its lame duck is over
  bool told = false;      // on stderr, of an exception

  // To be called in a handler of the exception.
  void threw(const peer_name& peer) noexcept;
};

}  // namespace detail

// A request, from its making to its end. It stays where it was made.
class [[nodiscard]] running_request : private detail::timer_node {
 public:
  running_request(session& in, nanoseconds limit) noexcept;
  ~running_request();
  running_request(const running_request&) = delete;
  running_request& operator=(const running_request&) = delete;

 private:
  static void time_is_up(timer_node& timer) noexcept;

  session& in_;
  bool stopped_before_;
};

class session : private detail::list_node, private detail::stop_below, private detail::timer_node {
 public:
  explicit session(detail::service_state& of) noexcept;
  ~session() = default;

  // A request runs until what this gives goes. What the handler awaits outside of one, such as the
  // next line, ends (operation_canceled) when the connection has been idle for too long or the
  // service is asked to stop; within one, when the request takes too long or the service cannot
  // wait for it any more. Once asked to stop, all that the handler awaits ends, so it returns.
  // Several may run at a time, each with its limit.
  running_request begin_request() noexcept { return begin_request(of_.options.request); }
  // With a limit of its own; zero: none.
  running_request begin_request(time_span limit) noexcept { return running_request(*this, limit); }
  // Another limit of idling for this connection, from now on; zero: none. For one that is sent
  // events, say, and says nothing itself.
  void idle_limit(time_span most) noexcept {
    idle_ = most;
    if (running_ == 0) begin_idling();
  }
  // The service has been asked to stop: once its lame duck is over, if it has one, the connection
  // ends as soon as the handler awaits something while no request runs, so what has come already
  // and is read at once is answered still.
  bool ending() const noexcept { return of_.ending; }

 private:
  friend class running_request;
  friend class service;
  friend class detail::intrusive_list<session>;

  // co_await: runs the handler below the request to stop of this session.
  class [[nodiscard]] run_awaiter {
   public:
    run_awaiter(session& in, task<> work) noexcept : in_(in), work_(std::move(work)) {}
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(detail::suspended awaiting) noexcept {
      in_.begin_running(awaiting.stop());
      return work_.start(awaiting, &in_);
    }
    void await_resume() {
      in_.end_running();
      work_.take();
    }

   private:
    session& in_;
    detail::branch<void> work_;
  };
  run_awaiter run(task<> work) noexcept { return run_awaiter(*this, std::move(work)); }
  void end_if_idle() noexcept {
    if (running_ == 0) request();
  }
  bool asked_to_stop() const noexcept { return requested(); }

  void begin_running(detail::stop_state* above) noexcept;
  void end_running() noexcept;
  void begin_idling() noexcept;
  static void time_is_up(timer_node& timer) noexcept;

  detail::service_state& of_;
  detail::core_context& home_;
  nanoseconds idle_;
  unsigned running_ = 0;  // requests
  bool overdue_ = false;
};

}  // namespace lull
