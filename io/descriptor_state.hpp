// SPDX-License-Identifier: MIT
#pragma once

// An open descriptor on its core: who uses it, and how it is closed. Streams, listeners and files
// own one each, on the heap (the core's frame pool), because the kernel knows its address.
//
// The descriptor's number is free for others only after close, so close comes last: what waits for
// a submission is taken back, what is in flight is cancelled and waited for, and only then is the
// descriptor closed. An owner that goes without close() leaves this to the object, which then frees
// itself; the core waits for it before it ends.
//
// A cancel by descriptor looks at everything that the ring has in flight, however much that is.
// What is the only one in flight is cancelled by its address, where that is known: the receive that
// an idle connection has.
//
// | phase    | means                                                              |
// |----------|--------------------------------------------------------------------|
// | open     | operations may begin                                               |
// | draining | none may; waits until users_ is 0 (operations, the cancel itself)  |
// | closing  | the close is with the kernel                                       |
// | closed   | no descriptor; an abandoned socket is freed here                   |

#include <cstddef>
#include <cstdint>

#include "../base/assert.hpp"
#include "../ring/completion.hpp"
#include "../sched/core_context.hpp"
#include "../sched/submitter.hpp"
#include "io_core.hpp"

namespace lull::detail {

class descriptor_state : protected submitter {
 public:
  // Owns `descriptor` from here on.
  descriptor_state(io_core& on, int descriptor) noexcept : io_(on), descriptor_(descriptor) {}
  virtual ~descriptor_state() = default;

  static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
  static void operator delete(void* memory, std::size_t bytes) noexcept {
    deallocate_frame(memory, bytes);
  }

  core_context& home() const noexcept { return io_.home; }
  io_core& io() const noexcept { return io_; }
  int descriptor() const noexcept { return descriptor_; }
  bool open() const noexcept { return phase_ == phase::open; }
  bool closed() const noexcept { return phase_ == phase::closed; }

  // Somebody names the descriptor or this object, from enter() to leave().
  void enter() noexcept { users_ += one_user; }
  void leave() noexcept { leave(one_user); }
  // The same for an operation on it, which a close has to cancel.
  void begin_operation() noexcept { users_ += one_operation; }
  void end_operation() noexcept { leave(one_operation); }

  // Begins to close, if nobody has; `waiter` is made ready once it is closed. Not for what is
  // closed already.
  void close(ready_node& waiter) noexcept;
  // The owner goes: closes by itself if it is open, and frees itself in the end.
  void abandon() noexcept;
  // What the kernel said to the close, a negative errno or 0; whatever it said, the number is free.
  int close_result() const noexcept { return close_result_; }
  // Stops the program when the caller is not the core that it belongs to.
  void check_core(const char* operation) const noexcept {
    if (!home().is_current()) [[unlikely]]
      stop_for_core(operation);
  }

 protected:
  // What it is called in messages.
  virtual const char* noun() const noexcept = 0;
  // Ends what waits inside the object, and drops what it has collected. Called once, when draining
  // begins; whoever waits is made ready.
  virtual void let_go() noexcept = 0;
  // Fills in the close.
  virtual void close_by(submission entry) noexcept { entry.close(descriptor_); }

  // Somebody uses it, or waits for it to be closed.
  bool in_use() const noexcept { return users_ != 0 || waiting_to_close_ != nullptr; }
  // What derived classes have in flight by themselves; or null. And: the only operation in flight,
  // if they know it.
  virtual completion_target* runs_by_itself() noexcept { return nullptr; }
  virtual completion_target* only_operation() noexcept { return nullptr; }
  // Cancels that, until it has ended; while this is open. And: no more.
  void end_what_runs() noexcept;
  void what_ran_has_ended() noexcept {
    ending_ = false;
    end_repeat(home());
  }
  // For one that was made before its descriptor.
  void adopt(int descriptor) noexcept { descriptor_ = descriptor; }

 private:
  enum class phase : std::uint8_t { open, draining, closing, closed };

  [[noreturn]] void stop_for_core(const char* operation) const noexcept;
  friend struct cancel_answer<descriptor_state>;

  // What the kernel made of a cancel, or of the close.
  void answered(std::int32_t result) noexcept;
  static constexpr std::uint64_t one_user = 1;
  static constexpr std::uint64_t one_operation = (one_user << 24) | one_user;

  std::uint64_t operations() const noexcept { return users_ >> 24; }
  void leave(std::uint64_t what) noexcept {
    LULL_DEBUG_ASSERT(users_ >= what, "an operation left what it had not entered");
    users_ -= what;
    if (users_ == 0 && phase_ == phase::draining) [[unlikely]]
      begin_closing();
  }
  bool has_in_flight() noexcept { return operations() != 0 || runs_by_itself() != nullptr; }
  completion_target* one_in_flight() noexcept;
  void begin_draining() noexcept;
  void tell_passed_by() noexcept;
  void begin_closing() noexcept;
  void finish() noexcept;
  static void fill_cancel(submitter& self, submission entry) noexcept;
  static void fill_close(submitter& self, submission entry) noexcept;

  io_core& io_;
  cancel_answer<descriptor_state> answer_{*this};
  ready_node* waiting_to_close_ = nullptr;
  int descriptor_;
  int close_result_ = 0;
  std::uint64_t users_ = 0;  // from bit 24 on: how many of them are operations
  phase phase_ = phase::open;
  std::uint8_t repeats_ = 0;
  bool ending_ = false;       // what runs by itself is being cancelled, while this is open
  bool cancels_one_ = false;  // the last cancel named one by its address
  bool abandoned_ = false;
};

// Closes a descriptor that no operation names, with the next entry into the ring.
void close_unused(core_context& on, int descriptor) noexcept;

}  // namespace lull::detail
