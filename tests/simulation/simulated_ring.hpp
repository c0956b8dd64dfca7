// SPDX-License-Identifier: MIT
#pragma once

// One ring of the simulated kernel: the memory that it shares with lull, what is in flight, and
// what has come to its end but is not in the completion queue yet.

#include <liburing.h>

#include <cstdint>
#include <deque>
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

  // The end of what `user_data` names.
  void complete(std::uint64_t user_data, std::int32_t result) noexcept;
  // A message from another ring.
  void receive(std::uint64_t user_data, std::int32_t result) noexcept;
  // An event descriptor has something to read.
  void signalled(int event) noexcept;

  // What lull sees of what waits. Time makes it change.
  void show_flags() noexcept;

  int number() const noexcept { return number_; }

  std::size_t entered_by = nobody;

 private:
  struct in_flight {
    std::uint64_t user_data;
    int event;   // the descriptor it reads
    void* into;  // where to
  };
  struct ended {
    std::uint64_t user_data;
    std::int32_t result;
    lull::time_point due;
  };

  void execute(const io_uring_sqe& entry) noexcept;
  void cancel(std::uint64_t user_data, std::uint64_t wanted) noexcept;
  void put(std::uint64_t user_data, std::int32_t result) noexcept;
  void write(std::uint64_t user_data, std::int32_t result) noexcept;

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
  std::vector<ended> ended_;
  std::deque<ended> overflown_;  // what found the queue full, in order
};

}  // namespace simulation
