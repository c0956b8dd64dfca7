// SPDX-License-Identifier: MIT
#pragma once

// The cores of a program: one pinned thread each, one reclamation domain for all. lull::run is what
// main() calls; a runtime is the same with exceptions instead of an exit status, and can be stopped
// from any thread.

#include <csignal>
#include <exception>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "core.hpp"
#include "offload_pool.hpp"
#include "posted.hpp"
#include "processors.hpp"
#include "stop.hpp"
#include "task.hpp"
#include "wait_node.hpp"

namespace lull {

struct run_options {
  // A processor number a core, and the same one several times if need be; none: all_cores().
  std::vector<unsigned> cores = {};
  // SIGINT and SIGTERM ask to stop; a second one, half a second later or more, ends the program at
  // once. They are blocked in the calling thread, and so in all that it starts, until run returns:
  // raise() would send one to a thread where nobody reads it (a task that wants the end calls
  // lull::request_stop()).
  // Core 0 reads them; where it stands still, the thread that looks for stalls does within a second
  // (so not where both stall_threshold and shutdown_limit are zero). One runtime at a time has
  // them: run of a second throws, and starts nothing. A signal that comes when all tasks have ended
  // has no effect, or, where run has as good as returned, the one that it has without a runtime.
  bool handle_signals = true;
  // Further signals, for signal_streams to read (SIGHUP, SIGUSR1...): blocked likewise. A thread
  // that was started before, and does not block them, gets them instead. What has come by the end
  // of run and was not read is dropped.
  std::vector<int> signals = {};
  core_options core = {};
  // The threads for what blocks, see offload.hpp; started when they are needed.
  offload_options offload = {};
  // Budgets of limbo, reports of stalls. The runtime sets `wake` and `describe` itself.
  domain_options reclamation = {};
  // A core whose iteration takes longer, or that the kernel keeps asleep for so long after a timer
  // or a message should have woken it, is reported as reclamation.stalls says, by a thread that
  // looks four times in that time and sleeps in between; zero: nobody looks. From a millisecond on.
  time_span stall_threshold = std::chrono::milliseconds(500);
  // So long after a request to stop, or a task that failed, the tasks that are still alive are
  // listed on stderr, with names and places, and the program is aborted; zero: it waits for ever.
  // What a task failed with is said there too, and before, where others have not ended a second
  // later. As long again the cores have, once all tasks have ended, to close what was dropped open.
  time_span shutdown_limit = std::chrono::seconds(60);
  // Sent to the thread of a core that is reported, so that it says what it is doing; ignored by
  // programs that know nothing of it. 0: no signal, and reports without task and backtrace.
  int stall_signal = SIGURG;
};

class runtime {
 public:
  explicit runtime(run_options options = {});
  ~runtime();
  runtime(const runtime&) = delete;
  runtime& operator=(const runtime&) = delete;

  // Runs `main()` as a task on every core and blocks until all of them, and all that lull::spawn
  // started, have ended. `main` is called on several threads at once. Throws what a core could not
  // start with (std::system_error: cause and remedy), or the first exception that a main or a
  // task of lull::spawn ended with; that one asks all cores to stop. Once a runtime.
  void run(std::function<task<>()> main);

  // Any thread, any time: ends every co_await stop_requested(). Not for signal handlers: it takes a
  // lock, which the thread that was interrupted may have.
  void request_stop() noexcept;

  // Any thread that is no core, as long as the runtime exists: runs `callable()`, a plain function
  // that does not block or one that gives a task<>, as a task on a core, in the order of posting.
  // False: refused, and never run, because the runtime does not run yet, or nothing is left in it
  // that it would wait for (what is posted and does lull::spawn each time keeps it from ending).
  // What is not refused is run to its end before run() returns; what it
  // throws ends the runtime. Takes a lock that cores hardly ever take while they run, and a block
  // of memory; one system call if the core sleeps. Nothing bounds how much is posted: who has much
  // to hand over uses a shared_channel. Throws std::bad_alloc.
  template <class F>
  [[nodiscard]] bool post(unsigned core, F&& callable) {
    auto call = std::make_unique<detail::posted_call<std::decay_t<F>>>(std::forward<F>(callable));
    if (!deliver(core, *call)) return false;
    static_cast<void>(call.release());
    return true;
  }
  // The same with what comes of it: its value or exception; where it is refused a std::system_error
  // of operation_not_permitted. Waiting for it is for threads that are no core: a core would stand
  // still meanwhile, and for ever where it is the one asked (run_on is for cores).
  template <class F>
  [[nodiscard]] auto submit(unsigned core, F&& callable) {
    auto call =
        std::make_unique<detail::submitted_call<std::decay_t<F>>>(std::forward<F>(callable));
    auto result = call->result();
    if (deliver(core, *call)) {
      static_cast<void>(call.release());
    } else {
      call->fail(refusal(core));
    }
    return result;
  }

 private:
  struct state;

  bool deliver(unsigned core, detail::posted& call) noexcept;
  static std::exception_ptr refusal(unsigned core);

  std::unique_ptr<state> state_;
};

// For programs: `int main() { return lull::run({}, serve); }`. Gives an exit status: 0, or 1 after
// a sentence on stderr.
int run(run_options options, std::function<task<>()> main) noexcept;

// On a core: asks the runtime that it is of to stop, as its request_stop() does. For a service that
// ends by itself, or whose client asks for that.
void request_stop() noexcept;

// co_await stop_requested(): until the runtime is asked to stop (a signal, request_stop(), a task
// that failed), or the scope of the awaiting task is.
class [[nodiscard]] stop_requested {
 public:
  stop_requested() noexcept = default;
  bool await_ready() const noexcept { return false; }
  bool await_suspend(detail::suspended awaiting) noexcept {
    detail::stop_state* const mine = awaiting.stop();
    if (awaiting.stop_requested() || core::current().shutdown().requested()) {
      return detail::steps_back(waiter_, awaiting, "stop_requested");
    }
    waiter_.is_for(awaiting, "stop_requested");
    of_runtime_.link(&core::current().shutdown());
    of_scope_.link(mine);
    return true;
  }
  void await_resume() const noexcept {}

 private:
  struct hook : detail::stop_hook {
    explicit hook(stop_requested& o) noexcept : stop_hook(&hook::asked), owner(o) {}
    static void asked(stop_hook& self) noexcept {
      stop_requested& waiting = static_cast<hook&>(self).owner;
      waiting.of_runtime_.unlink();
      waiting.of_scope_.unlink();
      core::current().ready.push(waiting.waiter_);
    }
    stop_requested& owner;
  };

  detail::ready_node waiter_;
  hook of_runtime_{*this};
  hook of_scope_{*this};
};

}  // namespace lull
