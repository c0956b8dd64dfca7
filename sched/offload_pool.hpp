// SPDX-License-Identifier: MIT
#pragma once

// The threads of a runtime that run what blocks: started as they are needed, ended when they have
// been idle for a while. Calls are served first come, first served, out of one bounded queue; when
// it is full, further ones wait on a list of their core, and as places become free the cores have
// their turns, so that no core's flood holds up the others by more than a queue. All of it is
// guarded by one mutex, held for some instructions, and while a thread is started. A thread of the
// pool is a participant of the domain, offline but for online_section.
//
// enter() and withdraw() are for the core that the call belongs to; nothing here suspends. Users
// await offload (offload.hpp).

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "../base/clock.hpp"
#include "../base/intrusive_list.hpp"
#include "core_context.hpp"
#include "event.hpp"
#include "inbox.hpp"

namespace lull {

class domain;
class participant;

struct offload_options {
  unsigned threads = 0;      // at most; 0: as many as cores, and four at least
  std::size_t queue = 1024;  // calls in the queue at most; further ones wait on their core
  time_span idle = std::chrono::seconds(5);  // a thread without work for so long ends
};

struct offload_statistics {
  unsigned threads = 0;
  std::uint64_t threads_started = 0;  // since the beginning
  std::uint64_t calls = 0;            // that a thread has begun, since the beginning
  std::size_t running = 0;            // of which so many have not ended
  std::size_t queued = 0;
  std::size_t waiting = 0;  // on their cores, for a place in the queue
};

namespace detail {

class offload_pool;
class offload_wait;

// A call on its way. It lives on the heap of frames of the core that it comes back to, where it is
// destroyed with all that it owns.
class offloaded : public message, public list_node {
 public:
  offloaded() noexcept : message(&offloaded::came_back) {}
  virtual ~offloaded() = default;
  static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
  static void operator delete(void* memory, std::size_t bytes) noexcept {
    deallocate_frame(memory, bytes);
  }

  // On a thread of the pool.
  virtual void run() noexcept = 0;
  // It could not be run.
  virtual void fail(std::exception_ptr why) noexcept = 0;

 private:
  friend offload_pool;
  friend offload_wait;

  static void came_back(message& self) noexcept;

  core* home_ = nullptr;
  offload_wait* waits_ = nullptr;  // the home core's; null once nobody waits for it
  bool queued_ = false;            // rather than waiting for a place; under the mutex
};

class offload_pool {
 public:
  // Joins nobody and starts nothing. Its threads run on the processors of the calling thread.
  offload_pool(domain& shared, unsigned cores, const offload_options& options);
  ~offload_pool() { end(); }
  offload_pool(const offload_pool&) = delete;
  offload_pool& operator=(const offload_pool&) = delete;

  // Runs it and posts it home. Throws std::system_error, with nothing changed, when there is no
  // thread and none can be started.
  void enter(offloaded& one);
  // True: it had not begun, and is out.
  bool withdraw(offloaded& one) noexcept;

  // The calling core's: set when all that it has entered is back or withdrawn.
  event& all_back() noexcept;

  // Nothing is left of what returned calls have retired.
  bool has_settled() const;

  // Ends the threads and waits for them. Nothing is entered any more; the cores still stand.
  void end() noexcept;

  offload_statistics statistics() const;  // any thread

 private:
  friend offloaded;
  friend offload_wait;
  using thread_list = std::list<std::thread>;

  // What a core has here.
  struct desk {
    intrusive_list<offloaded> waiting;        // for a place in the queue; under the mutex
    alignas(cache_line) std::size_t out = 0;  // the core's own, as what follows
    event all_back{true};
  };

  void started(desk& at) noexcept;
  void is_back(desk& at) noexcept;
  desk& desk_of(const offloaded& one) noexcept;

  void serve(thread_list::iterator self) noexcept;
  offloaded* next(std::unique_lock<std::mutex>& lock, participant& mine, bool& settled) noexcept;
  void give_up(std::exception_ptr why) noexcept;
  void leave(std::unique_lock<std::mutex>& lock, thread_list::iterator self) noexcept;
  void add_to_queue(offloaded& one);
  offloaded& take_from_queue() noexcept;
  void fill_queue() noexcept;
  void start_thread();

  domain& domain_;
  const offload_options options_;
  const std::vector<unsigned> processors_;
  std::vector<desk> desks_;

  // Guards what follows, and what cores have waiting.
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  intrusive_list<offloaded> queue_;
  std::size_t queued_ = 0;   // in queue_
  std::size_t waiting_ = 0;  // on all desks
  std::size_t turn_ = 0;     // of which desk
  std::size_t idle_ = 0;     // threads that wait for work, or have been told and not yet come
  thread_list threads_;
  thread_list ended_;  // the last that ended: the next to end joins it
  std::uint64_t threads_started_ = 0;
  std::uint64_t calls_ = 0;
  std::size_t running_ = 0;
  std::size_t unsettled_ = 0;  // threads that have run something, and may have limbo of it
  bool ending_ = false;
};

}  // namespace detail
}  // namespace lull
