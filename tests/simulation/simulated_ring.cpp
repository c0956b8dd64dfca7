// SPDX-License-Identifier: MIT
#include "simulated_ring.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <string>

namespace simulation {
namespace {

constexpr unsigned longest_delay = 60'000;  // ns from the end of something to its completion

template <class T>
T* address(std::uint64_t number) noexcept {
  return reinterpret_cast<T*>(static_cast<std::uintptr_t>(number));
}

}  // namespace

simulated_ring::simulated_ring(simulated_kernel& of, schedule& by, unsigned entries,
                               io_uring_params& params, int number) noexcept
    : kernel_(of),
      by_(by),
      number_(number),
      deferred_((params.flags & IORING_SETUP_DEFER_TASKRUN) != 0),
      with_array_((params.flags & IORING_SETUP_NO_SQARRAY) == 0),
      submission_mask_(std::bit_ceil(entries) - 1),
      submission_entries_(submission_mask_ + 1),
      completion_mask_(std::bit_ceil(std::max(params.cq_entries, submission_entries_)) - 1),
      completion_entries_(completion_mask_ + 1),
      array_(submission_entries_),
      entries_(submission_entries_),
      completions_(completion_entries_) {
  params.sq_entries = submission_entries_;
  params.cq_entries = completion_entries_;
}

void simulated_ring::map(io_uring& into) noexcept {
  into.sq.khead = &submission_head_;
  into.sq.ktail = &submission_tail_;
  into.sq.kflags = &flags_;
  into.sq.kdropped = &dropped_;
  into.sq.array = with_array_ ? array_.data() : nullptr;
  into.sq.sqes = entries_.data();
  into.sq.ring_mask = submission_mask_;
  into.sq.ring_entries = submission_entries_;
  into.cq.khead = &head_;
  into.cq.ktail = &tail_;
  into.cq.kflags = &completion_flags_;
  into.cq.koverflow = &overflow_;
  into.cq.cqes = completions_.data();
  into.cq.ring_mask = completion_mask_;
  into.cq.ring_entries = completion_entries_;
}

unsigned simulated_ring::take_entries(unsigned count) noexcept {
  unsigned most = std::min(count, submission_tail_ - submission_head_);
  if (most != 0 && by_.fault(8)) {  // no memory for one of them
    most = by_.random.below(most);
    ++kernel_.made.in_part;
  }
  for (unsigned taken = 0; taken < most; ++taken) {
    unsigned place = submission_head_ & submission_mask_;
    if (with_array_) place = array_[place];
    const io_uring_sqe entry = entries_[place];
    // It may be filled in again from here on.
    std::memset(&entries_[place], 0xee, sizeof(io_uring_sqe));
    ++submission_head_;
    execute(entry);
  }
  return most;
}

void simulated_ring::execute(const io_uring_sqe& entry) noexcept {
  const bool quiet = (entry.flags & IOSQE_CQE_SKIP_SUCCESS) != 0;
  by_.note("submission", entry.opcode);
  for (const in_flight& one : in_flight_) {
    if (one.user_data == entry.user_data) by_.fail("two submissions have one target");
  }
  switch (entry.opcode) {
    case IORING_OP_NOP:
      in_flight_.push_back({entry.user_data, -1, nullptr});
      complete(entry.user_data, 0);
      return;
    case IORING_OP_READ:
      in_flight_.push_back({entry.user_data, entry.fd, address<void>(entry.addr)});
      signalled(entry.fd);
      return;
    case IORING_OP_ASYNC_CANCEL:
      cancel(entry.user_data, entry.addr);
      return;
    case IORING_OP_MSG_RING:
      kernel_.message(*this, entry.user_data, entry.fd, entry.off, entry.len, quiet);
      return;
    default:
      by_.fail("an operation that is not simulated: " + std::to_string(entry.opcode));
  }
}

void simulated_ring::complete(std::uint64_t user_data, std::int32_t result) noexcept {
  lull::time_point due = by_.now();
  if (by_.faults()) due += lull::nanoseconds(by_.random.below(longest_delay));
  ended_.push_back({user_data, result, due});
  show_flags();
}

// What waits is written into the completion queue by its owner's next entry, or, where the kernel
// does not defer that, by whoever sends.
void simulated_ring::receive(std::uint64_t user_data, std::int32_t result) noexcept {
  if (deferred_) {
    complete(user_data, result);
  } else {
    put(user_data, result);
  }
}

void simulated_ring::cancel(std::uint64_t user_data, std::uint64_t wanted) noexcept {
  const auto found = std::find_if(in_flight_.begin(), in_flight_.end(),
                                  [=](const in_flight& one) { return one.user_data == wanted; });
  if (found == in_flight_.end()) return complete(user_data, -ENOENT);
  const bool has_ended = std::any_of(ended_.begin(), ended_.end(),
                                     [=](const ended& one) { return one.user_data == wanted; });
  if (has_ended || by_.fault(3)) {
    ++kernel_.made.late_cancels;
    complete(user_data, has_ended ? -ENOENT : -EALREADY);
    if (!has_ended) complete(wanted, -EINTR);  // it was running, and was interrupted
    return;
  }
  complete(user_data, 0);
  complete(wanted, -ECANCELED);
}

void simulated_ring::signalled(int event) noexcept {
  for (const in_flight& one : in_flight_) {
    if (one.event != event) continue;
    const bool has_ended = std::any_of(ended_.begin(), ended_.end(), [&](const ended& other) {
      return other.user_data == one.user_data;
    });
    if (has_ended) continue;
    if (by_.fault(8)) {  // what it is for is still to be read
      ++kernel_.made.failed_reads;
      return complete(one.user_data, -EINTR);
    }
    if (const std::uint64_t value = kernel_.take_event(event); value != 0) {
      std::memcpy(one.into, &value, sizeof value);
      complete(one.user_data, sizeof value);
    }
    return;
  }
}

lull::time_point simulated_ring::next_due() const noexcept {
  lull::time_point next = lull::time_point::max();
  for (const ended& one : ended_) next = std::min(next, one.due);
  return next;
}

bool simulated_ring::has_news() const noexcept {
  return has_completions() || !overflown_.empty() || next_due() <= by_.now();
}

void simulated_ring::post_due() noexcept {
  while (!overflown_.empty() && tail_ - head_ < completion_entries_) {
    const ended next = overflown_.front();
    overflown_.pop_front();
    write(next.user_data, next.result);
  }
  std::vector<std::size_t> due;
  for (;;) {
    due.clear();
    for (std::size_t i = 0; i < ended_.size(); ++i) {
      if (ended_[i].due <= by_.now()) due.push_back(i);
    }
    if (due.empty() || (has_completions() && by_.fault(6))) break;
    const std::size_t one = due[by_.random.below(static_cast<unsigned>(due.size()))];
    const ended next = ended_[one];
    ended_.erase(ended_.begin() + static_cast<std::ptrdiff_t>(one));
    std::erase_if(in_flight_, [&](const in_flight& o) { return o.user_data == next.user_data; });
    put(next.user_data, next.result);
  }
  show_flags();
}

void simulated_ring::put(std::uint64_t user_data, std::int32_t result) noexcept {
  if (!overflown_.empty() || tail_ - head_ == completion_entries_) {
    ++kernel_.made.overflown;
    overflown_.push_back({user_data, result, by_.now()});
    by_.note("overflow", number_, result);
  } else {
    write(user_data, result);
  }
  show_flags();
}

void simulated_ring::write(std::uint64_t user_data, std::int32_t result) noexcept {
  io_uring_cqe& place = completions_[tail_ & completion_mask_];
  place.user_data = user_data;
  place.res = result;
  place.flags = 0;
  ++tail_;
  by_.note("completion", number_, result);
}

void simulated_ring::show_flags() noexcept {
  flags_ = (next_due() <= by_.now() ? IORING_SQ_TASKRUN : 0U) |
           (overflown_.empty() ? 0U : IORING_SQ_CQ_OVERFLOW);
}

}  // namespace simulation
