// SPDX-License-Identifier: MIT
#pragma once

// A child process on its core, from before it is started until its end has been taken: waited for
// all the time, whether or not somebody asks, so that it never stays a zombie, and known by a
// pidfd, so that no signal meets another process of the same number. The owner goes: a child that
// still runs is killed, and waited for in the background; the core waits for that before it ends.
//
// | phase   | means                                                                        |
// |---------|------------------------------------------------------------------------------|
// | none    | there is no child: not started yet, or it could not be                       |
// | running | its end is waited for, by waitid in the ring, or by a poll of the pidfd      |
// | ended   | its status is known, or why it is not; the pidfd is closed                   |

#include <signal.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "../base/intrusive_list.hpp"
#include "../ring/completion.hpp"
#include "../sched/submitter.hpp"
#include "../sched/wait_node.hpp"
#include "descriptor.hpp"
#include "exit_status.hpp"
#include "io_core.hpp"
#include "path_text.hpp"
#include "result.hpp"

namespace lull::detail {

class process_state final : private completion_target, private submitter {
 public:
  process_state(io_core& on, const path_text& program) noexcept;
  ~process_state();

  static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
  static void operator delete(void* memory, std::size_t bytes) noexcept {
    deallocate_frame(memory, bytes);
  }

  // Any thread, once: here is the child.
  void adopt(pid_t id, lull::descriptor process) noexcept {
    id_ = id;
    process_ = std::move(process);
  }
  // On its core: waits for the end from here on.
  void begin() noexcept;
  // The owner goes.
  void drop() noexcept;

  pid_t id() const noexcept { return id_; }
  const path_text& program() const noexcept { return program_; }
  bool ended() const noexcept { return phase_ == phase::ended; }
  // Of one that has ended.
  result<exit_status> status(const char* operation) const noexcept;
  // 0 or an errno: ESRCH once it has ended.
  int send(int signal) const noexcept;
  void wait(wait_node& waiter) noexcept {
    waiting_.push_back(waiter);
    ++waiters_;
  }
  void has_waited() noexcept { --waiters_; }
  void check_core(const char* operation) const noexcept;

 private:
  enum class phase : std::uint8_t { none, running, ended };

  void arm() noexcept;
  void look() noexcept;
  void finish(int error) noexcept;
  static void heard(completion_target& self, completion what) noexcept;
  static void fill_wait(submitter& self, submission entry) noexcept;
  static void fill_poll(submitter& self, submission entry) noexcept;

  io_core& io_;
  path_text program_;
  lull::descriptor process_;
  intrusive_list<wait_node> waiting_;
  unsigned waiters_ = 0;  // until each has looked at what became of it
  siginfo_t how_{};
  pid_t id_ = 0;
  int error_ = 0;
  phase phase_ = phase::none;
  bool by_poll_;
  bool abandoned_ = false;
};

struct drop_process {
  void operator()(process_state* process) const noexcept { process->drop(); }
};

}  // namespace lull::detail
