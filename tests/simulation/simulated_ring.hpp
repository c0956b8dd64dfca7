// SPDX-License-Identifier: MIT
#pragma once

// One ring of the simulated kernel: the memory that it shares with lull, what is in flight, and
// what has come to its end but is not in the completion queue yet.

#include <liburing.h>
#include <sys/uio.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "simulated_kernel.hpp"

namespace simulation {

class simulated_ring {
 public:
  static constexpr std::size_t nobody = static_cast<std::size_t>(-1);

  simulated_ring(simulated_kernel& of, schedule& by, unsigned entries, io_uring_params& params,
                 int number) noexcept;

  void map(io_uring& into) noexcept;
  // How many of at most `count` entries were taken.
  unsigned take_entries(unsigned count) noexcept;
  // Something of it can be put into the queue now, or is there.
  bool has_news() const noexcept;
  bool has_completions() const noexcept { return tail_ != head_; }
  // Puts what is due into the queue, not always all of it.
  void post_due() noexcept;
  // When something that has ended is to be seen; the end of time: nothing has.
  lull::time_point next_due() const noexcept;

  // The end of what `user_data` names, unless the flags say that there will be more.
  void complete(std::uint64_t user_data, std::int32_t result, std::uint32_t flags = 0) noexcept;
  // A message from another ring.
  void receive(std::uint64_t user_data, std::int32_t result) noexcept;
  // So may what waits for real descriptors.
  void go_on_with_given() noexcept;
  // An event descriptor has something to read.
  void signalled(int event) noexcept;

  // A socket has something for the operations on it.
  void go_on_with(int descriptor) noexcept;
  // An operation names it, or the kernel still keeps what was sent on it.
  bool names(int descriptor) const noexcept;
  // A ring of buffers for receives.
  void use_buffers(const io_uring_buf_reg& given) noexcept;
  void forget_buffers(std::uint16_t group) noexcept;
  // Memory for reads and writes of files: so many places for it, and what is in one.
  void register_places(unsigned count) { registered_.assign(count, {}); }
  int change_registered(unsigned place, const iovec& memory) noexcept;

  // Wakes so many who wait for that word; gives how many.
  unsigned wake(const std::uint32_t* word, unsigned most) noexcept;

  // Something on files waits for the device, which does one of that, or for a thread.
  bool has_file_work() const noexcept;
  void do_file_work() noexcept;

  // What lull sees of what waits. Time makes it change. Gives next_due().
  lull::time_point show_flags() noexcept;

  int number() const noexcept { return number_; }

  std::size_t entered_by = nobody;
  unsigned refusals = 0;  // entries that will be refused

 private:
  struct in_flight {
    io_uring_sqe entry;
    std::uint32_t moved = 0;  // bytes, of one that moves all before it ends
    bool ended = false;       // its result waits to be put into the queue
    std::string sent = {};    // what was moved, of one that does not copy it
    bool begun = false;       // by a thread of the kernel, of one that needs one
  };
  // What was sent without copying it, until its notification is put into the queue.
  struct kept {
    std::uint64_t user_data;
    int descriptor;
    const char* at;
    std::string bytes;
    std::uint64_t end;  // of all that was sent on that connection
    bool confirmed = false;
  };
  struct ended {
    std::uint64_t user_data;
    std::int32_t result;
    std::uint32_t flags;
    lull::time_point due;
    bool last = true;  // of what is in flight
  };
  struct buffer_group {
    io_uring_buf_reg given;
    std::uint16_t head = 0;
  };
  struct chosen_buffer {
    void* data;
    std::uint32_t bytes;
    std::uint16_t number;
  };

  void execute(const io_uring_sqe& entry) noexcept;
  void cancel(std::uint64_t user_data, std::uint64_t wanted) noexcept;
  void cancel_descriptor(const io_uring_sqe& entry) noexcept;
  static bool only_waits(const io_uring_sqe& entry) noexcept;
  static bool is_found_by(const in_flight& one, int descriptor) noexcept;
  static bool waits_for_thread(const in_flight& one) noexcept;
  std::int32_t end(in_flight& one) noexcept;
  bool is_missed(const in_flight& one) noexcept;
  std::int32_t interruption(const io_uring_sqe& entry) noexcept;
  static bool in_order(const ended& a, const ended& b) noexcept;
  std::size_t first_before(std::size_t index) const noexcept;
  void put(const ended& what) noexcept;
  void write(const ended& what) noexcept;

  // Of sockets: each does what can be done now.
  void begin(const io_uring_sqe& entry) noexcept;
  void go_on(in_flight& one) noexcept;
  static std::vector<iovec> places(const in_flight& one);
  void accept(in_flight& one) noexcept;
  void receive(in_flight& one) noexcept;
  void receive_into_buffers(in_flight& one) noexcept;
  void send(in_flight& one) noexcept;
  unsigned cut_short(unsigned bytes) noexcept;
  void connect(const io_uring_sqe& entry) noexcept;
  void go_on_connecting(in_flight& one) noexcept;
  // Of datagrams.
  void begin_datagram(const io_uring_sqe& entry) noexcept;
  void go_on_with_datagrams(in_flight& one) noexcept;
  void receive_datagram(in_flight& one) noexcept;
  void receive_datagram_into_buffer(in_flight& one) noexcept;
  // Of Unix sockets.
  void connect_unix(in_flight& one) noexcept;
  void receive_with_descriptors(in_flight& one) noexcept;
  void attach_descriptors(const in_flight& one) noexcept;
  void begin_letter(const io_uring_sqe& entry) noexcept;
  void go_on_with_letters(in_flight& one) noexcept;
  std::size_t few_descriptors(std::size_t passed) noexcept;
  // Of files.
  static bool is_of_files(const io_uring_sqe& entry) noexcept;
  static bool is_of_names(const io_uring_sqe& entry) noexcept;
  int result_with_name(const io_uring_sqe& entry) noexcept;
  void check_registered(const io_uring_sqe& entry) noexcept;
  void begin_with_file(const io_uring_sqe& entry) noexcept;
  void do_with_file(in_flight& one) noexcept;
  int result_with_file(const io_uring_sqe& entry) noexcept;
  int move_bytes_of_file(const io_uring_sqe& entry) noexcept;
  int close(int descriptor) noexcept;
  // Of pipes, and of words of memory.
  void begin_with_pipe(const io_uring_sqe& entry) noexcept;
  void go_on_with_pipe(in_flight& one) noexcept;
  void take_up_splice(in_flight& one) noexcept;
  void splice(in_flight& one) noexcept;
  int put_spliced(const io_uring_sqe& entry, const std::string& bytes) noexcept;
  void begin_with_given(const io_uring_sqe& entry) noexcept;
  void go_on_with_given(in_flight& one) noexcept;
  void begin_with_futex(const io_uring_sqe& entry) noexcept;
  // And without copying.
  void finish(in_flight& one, std::int32_t result) noexcept;
  void refuse_zero_copy(in_flight& one) noexcept;
  void notify(int descriptor) noexcept;
  void let_go(std::uint64_t user_data) noexcept;
  std::optional<chosen_buffer> choose_buffer(std::uint16_t group) noexcept;
  std::uint32_t use_up(std::uint16_t group, std::uint32_t bytes) noexcept;

  simulated_kernel& kernel_;
  schedule& by_;
  int number_;
  bool deferred_;
  bool with_array_;

  unsigned head_ = 0, tail_ = 0;  // completions
  unsigned submission_head_ = 0, submission_tail_ = 0, flags_ = 0, dropped_ = 0;
  unsigned completion_flags_ = 0, overflow_ = 0;
  unsigned submission_mask_, submission_entries_, completion_mask_, completion_entries_;
  std::vector<unsigned> array_;
  std::vector<io_uring_sqe> entries_;
  std::vector<io_uring_cqe> completions_;

  std::vector<in_flight> in_flight_;
  std::vector<kept> kept_;
  std::vector<buffer_group> buffers_;
  std::vector<iovec> registered_;
  std::vector<ended> ended_;
  std::deque<ended> overflown_;  // what found the queue full, in order
};

}  // namespace simulation
