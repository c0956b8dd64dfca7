// SPDX-License-Identifier: MIT
#pragma once

// One pinned thread's loop: run queue, inbox, timers, reclamation, ring. An iteration runs ready
// coroutines, takes the inbox, expires timers, passes a quiescent state, and enters the ring; when
// nothing is left to do it polls memory briefly, then goes offline and sleeps in the kernel.
//
// lull::run makes the cores of a program. A test may make one itself and drive it an iteration at a
// time, with a clock that it sets; several cores can be driven in one thread that way.
//
// Everything here is for the core's own thread (its driver), except what says any thread.

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "../base/clock.hpp"
#include "../base/owner_counter.hpp"
#include "../reclaim/domain.hpp"
#include "../reclaim/participant.hpp"
#include "../reclaim/retire.hpp"
#include "../ring/ring.hpp"
#include "core_context.hpp"
#include "core_statistics.hpp"
#include "frame_trim.hpp"
#include "inbox.hpp"
#include "poll_policy.hpp"
#include "scope.hpp"

namespace lull {

struct core_options {
  ring_options ring = {};
  time_span poll = std::chrono::microseconds(10);  // before sleeping, while it pays; zero: never
  unsigned resumes_per_iteration = 256;            // the budget of an iteration, in count
  time_span time_per_iteration = std::chrono::microseconds(500);  // and in time
  // A core that sleeps is woken for its next timer so much later at most, and for all that are due
  // by then; as the kernel does for threads, which have 50 us. Waking is dearer than what it is
  // for.
  time_span timer_slack = std::chrono::microseconds(50);
  time_source clock = {};
  // Groups of tasks that share the core's time, at most limits::task_groups; none: all tasks are
  // equal. What is in no group named at spawning is in the first.
  std::vector<task_group> groups = {};
};

// Whether an iteration may block in the kernel when there is nothing to do.
enum class when_idle { sleep, come_back };

class core : public detail::core_context {
 public:
  // Joins the domain. Throws std::system_error when there is no ring to be had. Core 0 starts out
  // connected to itself; see connect().
  core(unsigned index, domain& shared, const core_options& options,
       kernel& through = real_kernel());
  // Everything spawned on it has ended and been joined; nothing is in flight.
  ~core();
  core(const core&) = delete;
  core& operator=(const core&) = delete;

  // For a driver outside an iteration: as long as one lives, this thread is in the core, so it may
  // spawn, make scopes, and destroy what belongs there.
  class inside {
   public:
    explicit inside(core& here) noexcept : before_(participant::set_current(&here.participant_)) {}
    ~inside() { participant::set_current(before_); }
    inside(const inside&) = delete;
    inside& operator=(const inside&) = delete;

   private:
    participant* before_;
  };

  // One turn of the loop.
  void iterate(when_idle idle = when_idle::sleep) noexcept;
  // Iterates until finish() has been called, on this core, and the kernel has read all that was
  // prepared.
  void serve() noexcept;
  void finish() noexcept { finished_ = true; }
  // Ends what the core itself has in flight; call it when no task is left, before destruction.
  void wind_up() noexcept;

  // Any thread: `what.deliver` is called on this core, in step two of an iteration. Wakes it if it
  // sleeps: one system call then, none otherwise. The core has to outlive the call, although the
  // message may be delivered before it returns.
  void post(detail::message& what) noexcept;
  // Any thread, while the core lives: it looks at what has come home to it, if it sleeps.
  void wake_for_homecoming() noexcept { kernel_.signal_event(events_.descriptor); }
  // From this core to another, or to itself: gathered, and pushed together before the next entry
  // into the ring, so a batch of messages costs one push and at most one wake-up.
  void send(core& to, detail::message& what) noexcept;
  // The same for what can wait: it wakes nobody, and lies there until that core is awake.
  void leave_with(core& to, detail::message& what) noexcept;
  // The cores it can send to, by index, itself among them; before any message is sent.
  void connect(const std::vector<core*>& all);

  core& peer(unsigned index) noexcept;
  bool reaches(const core& to) const noexcept;
  unsigned peers() const noexcept { return static_cast<unsigned>(outgoing_.size()); }

  // What lull::spawn started here, what run_on started here for others, and what threads that are
  // no core have posted.
  scope& root() noexcept { return root_; }
  scope& served() noexcept { return served_; }
  scope& visitors() noexcept { return visitors_; }
  // What ends every co_await stop_requested() on this core.
  detail::stop_state& shutdown() noexcept { return shutdown_; }

  // For should_yield(): whether this iteration has had its time, and when that is asked again.
  bool budget_is_spent() noexcept;

  participant& reclamation() noexcept { return participant_; }
  lull::ring& submissions() noexcept { return ring_; }
  core_statistics statistics() const noexcept;  // any thread
  // Any thread: how long the present iteration has taken; zero while it sleeps. And which it is.
  nanoseconds running_for() const noexcept;
  std::uint64_t iteration() const noexcept { return counters_.iterations.get(); }
  // Any thread: it sleeps although it was called or its time has come. For a moment that is always
  // so; for longer, in one iteration, the kernel does not let the thread return.
  bool oversleeps() const noexcept;

  // The running core; stops the program elsewhere.
  static core& current() noexcept;

 private:
  struct outgoing : completion_target {
    explicit outgoing(core& c) noexcept;
    static void wake_failed(completion_target& self, completion what) noexcept;

    core* peer;
    detail::message_chain chain;
    bool urgent = false;
  };

  // The event descriptor by which foreign threads wake this core: always being read.
  struct event_reader : completion_target, detail::submitter {
    explicit event_reader(core& c) noexcept;
    ~event_reader();
    void open();
    void arm() noexcept;
    void close() noexcept;  // ends the reading; a completion follows
    static void signalled(completion_target& self, completion what) noexcept;
    static void fill(submitter& self, submission entry) noexcept;

    core& owner;
    int descriptor = -1;
    std::uint64_t value = 0;
    bool armed = false;
    bool winding_up = false;
  };

  // The steps of an iteration, but for the quiescent state.
  void run_ready() noexcept;
  void resume(const detail::ready_node& next) noexcept;
  void charge(detail::run_queue::group& turn, nanoseconds time) noexcept;
  void note_pace(nanoseconds took) noexcept;
  void take_inbox() noexcept;
  void expire_timers() noexcept;
  void enter_ring(when_idle idle) noexcept;

  bool something_to_do() const noexcept;
  bool poll() noexcept;
  void sleep() noexcept;
  // What was left for it while it slept has not ended its sleep.
  detail::poll_policy::source idle_ended_by() const noexcept {
    using source = detail::poll_policy::source;
    return inbox_.was_called() ? source::core : source::kernel;
  }
  time_point wakes_for(time_point earliest) const noexcept;  // a timer
  nanoseconds sleep_limit(bool limbo_left) noexcept;
  void flush_outgoing() noexcept;
  void wake(outgoing& to) noexcept;
  static void woken(completion_target&, completion) noexcept {}

  core_options options_;
  participant participant_;
  kernel& kernel_;
  lull::ring ring_;
  detail::inbox inbox_;
  detail::message* undelivered_ = nullptr;  // taken out of it, in order
  completion_target woken_{&core::woken};
  event_reader events_;
  std::vector<outgoing> outgoing_;
  std::vector<unsigned> to_flush_;
  detail::poll_policy poll_policy_;
  detail::frame_trim frame_trim_{frames};
  nanoseconds limbo_nap_{};
  bool polled_in_vain_ = false;
  bool finished_ = false;
  time_point iteration_began_{};
  unsigned resumes_until_look_;  // at the clock
  unsigned asks_until_look_ = 1;
  time_point looked_at_budget_{};
  detail::stop_state shutdown_;
  scope root_;
  scope served_;
  scope visitors_;

  struct {
    detail::owner_counter began, wakes, iterations, resumes, enters, completions, polls, polls_paid,
        sleeps, messages, wakeups_sent;
    std::array<detail::owner_counter, limits::task_groups> group_time;
  } counters_;
};

// The number of cores of this runtime.
inline unsigned core_count() noexcept { return core::current().peers(); }

// Starts `callable(arguments...)`, which gives a task<>, on this core. The end of the runtime waits
// for it; when a stop was asked for (a signal, an error) and every main has ended, it is asked to
// stop. An exception that it ends with ends the runtime.
// With task_options in front: a name for lists and reports, a group.
template <class F, class... Args>
void spawn(F&& callable, Args&&... arguments) {
  core::current().root().spawn(std::forward<F>(callable), std::forward<Args>(arguments)...);
}
template <class F, class... Args>
void spawn(task_options options, F&& callable, Args&&... arguments) {
  core::current().root().spawn(options, std::forward<F>(callable),
                               std::forward<Args>(arguments)...);
}

}  // namespace lull
