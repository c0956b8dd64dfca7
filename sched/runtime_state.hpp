// SPDX-License-Identifier: MIT
#pragma once

// What a runtime is made of: the threads of its cores, and what they share while they start, fail
// and end. For runtime.cpp, runtime_end.cpp and runtime_watch.cpp alone.

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "../base/inquiry.hpp"
#include "offload_pool.hpp"
#include "runtime.hpp"
#include "stall_probe.hpp"

namespace lull {

// One core's thread, and the messages that the runtime may have to send it: each is posted once.
struct core_thread {
  core_thread() noexcept : stop(*this), dismissal(*this), end(*this), list(*this) {}

  struct stop_message : detail::message {
    explicit stop_message(core_thread& t) noexcept : message(&stop_message::arrived), to(t) {}
    static void arrived(message& self) noexcept {
      static_cast<stop_message&>(self).to.running->shutdown().request();
    }
    core_thread& to;
  };
  // Asks what was spawned or posted there to stop.
  struct dismissal_message : detail::message {
    explicit dismissal_message(core_thread& t) noexcept
        : message(&dismissal_message::arrived), to(t) {}
    static void arrived(message& self) noexcept {
      core& here = *static_cast<dismissal_message&>(self).to.running;
      here.root().request_stop();
      here.visitors().request_stop();
    }
    core_thread& to;
  };
  struct end_message : detail::message {
    explicit end_message(core_thread& t) noexcept : message(&end_message::arrived), to(t) {}
    static void arrived(message& self) noexcept {
      static_cast<end_message&>(self).to.running->finish();
    }
    core_thread& to;
  };
  // Prints what is alive on the core, on its own thread, and counts it.
  struct list_message : detail::message {
    explicit list_message(core_thread& t) noexcept : message(&list_message::arrived), to(t) {}
    static void arrived(message& self) noexcept;
    core_thread& to;
    detail::inquiry inquiry;
    std::size_t tasks = 0;
  };

  // Its core sleeps although it should not, in this iteration and since then.
  struct oversleeping {
    std::uint64_t iteration;
    time_point since;
  };

  // How long it has not come to the end of its iteration, or of its sleep. For the thread that
  // watches.
  nanoseconds stands_still_for(time_point time) noexcept;

  std::thread thread;
  core* running = nullptr;  // from when it stands to when it has nothing left to do
  detail::stall_probe* probe = nullptr;
  std::optional<oversleeping> asleep;
  stop_message stop;
  dismissal_message dismissal;
  end_message end;
  list_message list;
};

struct runtime::state {
  explicit state(run_options o)
      : options(std::move(o)),
        shared(options.reclamation),
        offloads(shared, static_cast<unsigned>(options.cores.size()), options.offload),
        threads(options.cores.size()) {
    shared.set_wake(&state::wake_for_homecoming, this);
    shared.set_describe(&state::describe_stall, this);
  }

  enum class phase { starting, running, abandoned, ended };

  void serve(unsigned index) noexcept;
  bool wait_until_all_stand() noexcept;
  void wait_until_all_ended() noexcept;
  void start();
  void connect_cores();
  void fail(std::exception_ptr error) noexcept;
  void request_stop() noexcept;
  void dismiss_if_due() noexcept;
  bool deliver(unsigned index, detail::posted& call) noexcept;
  static void signalled(void* self, int signal) noexcept;
  static void wake_for_homecoming(void* self, std::uint32_t index) noexcept;
  static void describe_stall(void* self, stall_report& report) noexcept;
  void watch_cores() noexcept;
  void read_signals(std::unique_lock<std::mutex>& lock) noexcept;
  void report_stalled_cores(std::unique_lock<std::mutex>& lock) noexcept;
  void tell_of_failure(std::unique_lock<std::mutex>& lock) noexcept;
  static void tell_what_came_before(void* self) noexcept;
  [[noreturn]] void give_up_waiting(std::unique_lock<std::mutex>& lock) noexcept;
  void give_up_closing() noexcept;
  task<> lead();
  task<> see_everything_end();
  task<> join_until_settled(bool with_visitors);

  run_options options;
  std::function<task<>()> main;
  domain shared;
  detail::offload_pool offloads;
  std::vector<core_thread> threads;

  // Held by who looks into cores, for as long as that takes: none goes meanwhile. Taken before the
  // other.
  std::mutex looking;
  // Guards what follows; held for a few instructions. Cores take it when they start, fail, end, and
  // when they send an object home to a core that sleeps.
  std::mutex mutex;
  std::condition_variable changed;
  phase now = phase::starting;
  unsigned settled = 0;  // threads whose core stands, or could not be made; then those that serve
  unsigned mains = 0;    // mains that have not ended
  bool stop_asked = false;
  time_point stop_asked_at{};
  time_point ended_at{};
  bool open = false;                       // to what other threads post
  std::optional<time_point> signalled_at;  // the first time
  std::exception_ptr first_error;

  std::optional<detail::stall_signal> signal;
  std::thread watch;
};

}  // namespace lull
