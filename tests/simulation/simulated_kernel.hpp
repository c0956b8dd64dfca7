// SPDX-License-Identifier: MIT
#pragma once

// A kernel that stands in for the real one behind lull's seam: it reads the submission entries that
// lull wrote and writes completions into the memory that lull reads. What it does when, and with
// which difficulty, is decided by the schedule's seed: completions late and in another order,
// entries taken in part, EINTR, EAGAIN, EBUSY, a completion queue that overflows, a cancel that
// comes too late, a ring message that fails; multishot operations that end early, buffers that have
// run out, sends and receives cut short, no descriptor for an accept, and a peer that does
// something at the very moment of a cancel. It knows no operation, cancel (of one and by
// descriptor), ring messages, reads of event descriptors; of sockets accept, receive (both
// multishot too, and the second then into rings of buffers), send, the same with messages of
// several parts, send without copying, connect, shutdown and close; messages of datagram sockets;
// Unix sockets of both kinds, with descriptors that are passed; files: open, read, write, the same
// in several places, sync, length, rename, unlink; pipes: read, write, poll, and splices from and
// to them; and words of memory that are waited for. Time is waited for in enter, as lull does.
//
// It also looks at how it is used: a ring is entered by one core only, no memory is named twice by
// what is in flight, no descriptor is closed while an operation names it, or the kernel still reads
// what was sent on it, and that is as it was until then.

#include <cstdint>
#include <memory>
#include <vector>

#include <lull/ring/kernel.hpp>

#include "schedule.hpp"
#include "simulated_files.hpp"
#include "simulated_network.hpp"
#include "simulated_pipes.hpp"
#include "simulated_sockets.hpp"
#include "simulated_unix.hpp"

namespace simulation {

class simulated_ring;

class simulated_kernel final : public lull::kernel {
 public:
  explicit simulated_kernel(schedule& by);
  ~simulated_kernel() override;

  int setup(unsigned entries, io_uring_params& params, io_uring& into) noexcept override;
  void teardown(io_uring& ring) noexcept override;
  int enter(int descriptor, unsigned submit, unsigned wait_for, unsigned flags,
            const void* argument, std::size_t argument_bytes) noexcept override;
  int register_with(int descriptor, unsigned opcode, const void* argument,
                    unsigned count) noexcept override;
  int event_descriptor() noexcept override;
  int signal_event(int descriptor) noexcept override;
  int close(int descriptor) noexcept override;

  int socket(int family, int type, int protocol) noexcept override;
  int bind(int descriptor, const sockaddr* address, socklen_t bytes) noexcept override;
  int listen(int descriptor, int backlog) noexcept override;
  int set_option(int descriptor, int level, int name, const void* value,
                 socklen_t bytes) noexcept override;
  int local_address(int descriptor, sockaddr* address, socklen_t* bytes) noexcept override;
  // Of a peer: its number is the port.
  int peer_address(int descriptor, sockaddr* address, socklen_t* bytes) noexcept override;
  // Not there.
  int unconfirmed_bytes(int descriptor) noexcept override;
  int remove_unused_name(int type, const sockaddr* address, socklen_t bytes) noexcept override;

  // What it refuses from the beginning: kernels 6.1 and 6.6.
  bool knows_no_submission_array = true;
  bool knows_deferred_task_work = true;

  bool knows_incremental_buffers = true;
  // An accept finds no descriptor at times.
  bool short_of_descriptors = false;
  // The same of who makes a socket.
  bool short_of_sockets = false;

  simulated_sockets sockets;
  simulated_network network;
  simulated_files files;
  simulated_pipes pipes;
  simulated_unix names;
  // Wakes so many who wait for that word, as a thread that is none of lull's does; gives how many.
  unsigned wake(const std::uint32_t* word, unsigned most) noexcept;
  // Low numbers are those of real descriptors, which the program has made without the kernel here:
  // what is read from them or written to them is done when it can be; that may be so now.
  static bool is_given(int descriptor) noexcept { return descriptor >= 0 && descriptor < 100; }
  void tell_given() noexcept;
  // The child of that descriptor has ended, and can be waited for.
  void say_ended(int child);
  // What waits for the device, or for a thread of the kernel, and one of it done.
  bool has_file_work() const noexcept;
  void do_file_work() noexcept;
  // What happens at the moment of a cancel.
  std::function<void()> at_cancel = [] {};

  // How often each difficulty was made.
  struct {
    std::uint64_t interrupted = 0, refused = 0, in_part = 0, overflown = 0, late_cancels = 0,
                  failed_messages = 0, failed_reads = 0, timed_out = 0, ended_early = 0,
                  no_buffer = 0, no_descriptor = 0, cut_short = 0, raced = 0, refused_zero_copy = 0,
                  notified = 0, disconnected = 0, connected = 0, operations_interrupted = 0,
                  refused_waits = 0, refused_polls = 0, truncated = 0, polls_ready = 0, spliced = 0,
                  woken = 0, missed_by_cancels = 0, without_room = 0;
  } made;

 private:
  friend class simulated_ring;

  std::uint64_t take_event(int descriptor) noexcept;
  int close_named(int descriptor) noexcept;
  bool has_ended(int child) const noexcept;
  static int name(int port, sockaddr* address, socklen_t* bytes) noexcept;
  // Of a Unix socket: with a zero in front if it is none of the file system.
  static std::string unix_name(const sockaddr* address, socklen_t bytes);
  static int put_name(const std::string& name, sockaddr* into, socklen_t* bytes) noexcept;
  simulated_ring* ring_of(int descriptor, bool registered) noexcept;
  void message(simulated_ring& from, std::uint64_t user_data, int to, std::uint64_t target_data,
               std::uint32_t length, bool quiet) noexcept;

  struct event_descriptor_state {
    std::uint64_t value = 0;
    bool open = true;
  };

  schedule& by_;
  std::vector<std::unique_ptr<simulated_ring>> rings_;
  std::vector<event_descriptor_state> events_;
  std::vector<int> ended_children_;
};

}  // namespace simulation
