// SPDX-License-Identifier: MIT
#pragma once

// An open socket on its core: the descriptor, who uses it, and how it is closed. Streams and
// listeners own one each, on the heap (the core's frame pool), because the kernel knows its
// address.
//
// The descriptor's number is free for others only after close, so close comes last: what waits for
// a submission is taken back, what is in flight is cancelled by descriptor and waited for, and only
// then is the descriptor closed. An owner that goes without close() leaves this to the socket,
// which then frees itself; the core waits for it before it ends.
//
// | phase    | means                                                              |
// |----------|--------------------------------------------------------------------|
// | open     | operations may begin                                               |
// | draining | none may; waits until users_ is 0 (operations, the cancel itself)  |
// | closing  | the close is with the kernel                                       |
// | closed   | no descriptor; an abandoned socket is freed here                   |

#include <cstddef>
#include <cstdint>

#include "../ring/completion.hpp"
#include "../sched/core_context.hpp"
#include "../sched/submitter.hpp"
#include "io_core.hpp"

namespace lull::detail {

class socket_state : protected submitter {
 public:
  // Owns `descriptor` from here on. Counted in the core's statistics.
  socket_state(io_core& on, int descriptor) noexcept;
  virtual ~socket_state();

  static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
  static void operator delete(void* memory, std::size_t bytes) noexcept {
    deallocate_frame(memory, bytes);
  }

  core_context& home() const noexcept { return io_.home; }
  io_core& io() const noexcept { return io_; }
  int descriptor() const noexcept { return descriptor_; }
  bool open() const noexcept { return phase_ == phase::open; }
  bool closed() const noexcept { return phase_ == phase::closed; }

  // An operation names the descriptor or this object, from enter() to leave().
  void enter() noexcept { ++users_; }
  void leave() noexcept {
    if (--users_ == 0 && phase_ == phase::draining) [[unlikely]]
      begin_closing();
  }

  // Begins to close, if nobody has; `waiter` is made ready once the socket is closed. Not for a
  // socket that is closed already.
  void close(ready_node& waiter) noexcept;
  // The owner goes: closes by itself if it is open, and frees itself in the end.
  void abandon() noexcept;
  // Stops the program when the caller is not the socket's core.
  void check_core(const char* operation) const noexcept {
    if (core_context::current() != &home()) [[unlikely]]
      stop_for_core(operation);
  }

 protected:
  // Ends what waits inside the socket, and drops what it has collected. Called once, when draining
  // begins; whoever waits is made ready.
  virtual void let_go() noexcept = 0;
  // Asks the kernel to end everything that is in flight on the descriptor.
  virtual void fill_end(submission entry) noexcept;

 private:
  enum class phase : std::uint8_t { open, draining, closing, closed };

  [[noreturn]] void stop_for_core(const char* operation) const noexcept;
  // Where the completions of the cancel and of the close go.
  struct closer : completion_target {
    explicit closer(socket_state& o) noexcept : completion_target(&closer::done), owner(o) {}
    static void done(completion_target& self, completion what) noexcept;

    socket_state& owner;
  };

  void begin_draining() noexcept;
  void begin_closing() noexcept;
  void finish() noexcept;
  static void fill_cancel(submitter& self, submission entry) noexcept;
  static void fill_close(submitter& self, submission entry) noexcept;

  io_core& io_;
  closer closer_{*this};
  ready_node* waiting_to_close_ = nullptr;
  int descriptor_;
  std::uint32_t users_ = 0;
  phase phase_ = phase::open;
  bool abandoned_ = false;
};

// Closes a descriptor that no operation names, with the next entry into the ring.
void close_unused(core_context& on, int descriptor) noexcept;

// Owns a socket's state for a stream or a listener; letting go abandons it.
struct abandon_socket {
  void operator()(socket_state* socket) const noexcept { socket->abandon(); }
};

}  // namespace lull::detail
