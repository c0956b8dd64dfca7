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
    if (one.entry.user_data == entry.user_data) by_.fail("two submissions have one target");
  }
  if (is_of_files(entry)) return begin_with_file(entry);
  switch (entry.opcode) {
    case IORING_OP_NOP:
      in_flight_.push_back({entry});
      complete(entry.user_data, 0);
      return;
    case IORING_OP_READ:
      if (simulated_pipes::is_end(entry.fd)) return begin_with_pipe(entry);
      if (simulated_kernel::is_given(entry.fd)) return begin_with_given(entry);
      in_flight_.push_back({entry});
      signalled(entry.fd);
      return;
    case IORING_OP_ASYNC_CANCEL:
      if (by_.fault(2)) {
        ++kernel_.made.raced;
        kernel_.at_cancel();
      }
      if ((entry.cancel_flags & IORING_ASYNC_CANCEL_FD) != 0) return cancel_descriptor(entry);
      cancel(entry.user_data, entry.addr);
      return;
    case IORING_OP_MSG_RING:
      kernel_.message(*this, entry.user_data, entry.fd, entry.off, entry.len, quiet);
      return;
    case IORING_OP_CLOSE:
      return complete(entry.user_data, close(entry.fd));
    case IORING_OP_SHUTDOWN:
      complete(entry.user_data, kernel_.sockets.shut_down(entry.fd, entry.len != SHUT_WR));
      return kernel_.sockets.tell_news();
    case IORING_OP_CONNECT:
      return connect(entry);
    case IORING_OP_WRITE:
    case IORING_OP_POLL_ADD:
      if (simulated_kernel::is_given(entry.fd)) return begin_with_given(entry);
      return begin_with_pipe(entry);
    case IORING_OP_WAITID:
      return begin_with_given(entry);
    case IORING_OP_SPLICE:
      in_flight_.push_back({entry});
      if (by_.chance(2)) take_up_splice(in_flight_.back());
      return;
    case IORING_OP_FUTEX_WAIT:
    case IORING_OP_FUTEX_WAKE:
      return begin_with_futex(entry);
    case IORING_OP_ACCEPT:
    case IORING_OP_RECV:
    case IORING_OP_SEND:
    case IORING_OP_SEND_ZC:
    case IORING_OP_RECVMSG:
    case IORING_OP_SENDMSG:
      return begin(entry);
    default:
      by_.fail("an operation that is not simulated: " + std::to_string(entry.opcode));
  }
}

void simulated_ring::complete(std::uint64_t user_data, std::int32_t result,
                              std::uint32_t flags) noexcept {
  lull::time_point due = by_.now();
  if (by_.faults()) due += lull::nanoseconds(by_.random.below(longest_delay));
  const auto of = std::find_if(in_flight_.begin(), in_flight_.end(), [=](const in_flight& one) {
    return one.entry.user_data == user_data;
  });
  // A notification ends nothing: the send may have begun anew. It is what more there is of one.
  const bool ends = (flags & IORING_CQE_F_NOTIF) == 0 &&
                    ((flags & IORING_CQE_F_MORE) == 0 ||
                     (of != in_flight_.end() && of->entry.opcode == IORING_OP_SEND_ZC));
  if (ends && of != in_flight_.end()) of->ended = true;
  ended_.push_back({user_data, result, flags, due, ends});
  ended& last = ended_.back();
  for (const ended& before : ended_) {
    if (in_order(before, last)) last.due = std::max(last.due, before.due);
  }
  show_flags();
}

// What waits is written into the completion queue by its owner's next entry, or, where the kernel
// does not defer that, by whoever sends.
void simulated_ring::receive(std::uint64_t user_data, std::int32_t result) noexcept {
  if (deferred_) {
    complete(user_data, result);
  } else {
    put({user_data, result, 0, by_.now()});
  }
}

void simulated_ring::signalled(int event) noexcept {
  for (const in_flight& one : in_flight_) {
    if (one.entry.opcode != IORING_OP_READ || one.entry.fd != event || one.ended) continue;
    if (by_.fault(8)) {  // what it is for is still to be read
      ++kernel_.made.failed_reads;
      return complete(one.entry.user_data, -EINTR);
    }
    if (const std::uint64_t value = kernel_.take_event(event); value != 0) {
      std::memcpy(address<void>(one.entry.addr), &value, sizeof value);
      complete(one.entry.user_data, sizeof value);
    }
    return;
  }
}

lull::time_point simulated_ring::next_due() const noexcept {
  lull::time_point next = lull::time_point::max();
  for (const ended& one : ended_) {
    if (one.due < next) next = one.due;
  }
  return next;
}

bool simulated_ring::has_news() const noexcept {
  return has_completions() || !overflown_.empty() || next_due() <= by_.now();
}

void simulated_ring::post_due() noexcept {
  while (!overflown_.empty() && tail_ - head_ < completion_entries_) {
    write(overflown_.front());
    overflown_.pop_front();
  }
  std::vector<std::size_t> due;
  for (;;) {
    due.clear();
    for (std::size_t i = 0; i < ended_.size(); ++i) {
      if (ended_[i].due <= by_.now()) due.push_back(i);
    }
    if (due.empty() || (has_completions() && by_.fault(6))) break;
    const std::size_t one = first_before(due[by_.random.below(static_cast<unsigned>(due.size()))]);
    const ended next = ended_[one];
    ended_.erase(ended_.begin() + static_cast<std::ptrdiff_t>(one));
    if (next.last) {
      std::erase_if(in_flight_,
                    [&](const in_flight& o) { return o.entry.user_data == next.user_data; });
    }
    if ((next.flags & IORING_CQE_F_NOTIF) != 0) let_go(next.user_data);
    put(next);
  }
  show_flags();
}

// Completions of one submission; and such with buffers, for they say what was filled one after the
// other.
bool simulated_ring::in_order(const ended& a, const ended& b) noexcept {
  return a.user_data == b.user_data || (a.flags & b.flags & IORING_CQE_F_BUFFER) != 0;
}

// What has to be seen before that, or that.
std::size_t simulated_ring::first_before(std::size_t index) const noexcept {
  for (std::size_t i = 0; i < index; ++i) {
    if (in_order(ended_[i], ended_[index])) return first_before(i);
  }
  return index;
}

void simulated_ring::put(const ended& what) noexcept {
  if (!overflown_.empty() || tail_ - head_ == completion_entries_) {
    ++kernel_.made.overflown;
    overflown_.push_back(what);
    by_.note("overflow", number_, what.result);
  } else {
    write(what);
  }
  show_flags();
}

void simulated_ring::write(const ended& what) noexcept {
  io_uring_cqe& place = completions_[tail_ & completion_mask_];
  place.user_data = what.user_data;
  place.res = what.result;
  place.flags = what.flags;
  ++tail_;
  by_.note("completion", number_, what.result);
}

lull::time_point simulated_ring::show_flags() noexcept {
  const lull::time_point next = next_due();
  flags_ = (next <= by_.now() ? IORING_SQ_TASKRUN : 0U) |
           (overflown_.empty() ? 0U : IORING_SQ_CQ_OVERFLOW);
  return next;
}

}  // namespace simulation
