// SPDX-License-Identifier: MIT
#include "writer_state.hpp"

#include <algorithm>
#include <cerrno>
#include <new>

#include "../base/assert.hpp"

namespace lull::detail {

writer_state::writer_state(std::size_t bound, sender start, void* stream, const peer_name& peer)
    : home_(this_context("making a buffered_writer")),
      start_(start),
      stream_(stream),
      bound_(bound),
      peer_(peer) {
  LULL_ASSERT(bound != 0, "a buffered_writer was made that may have nothing unsent; give a bound");
}

void writer_state::check_core(const char* what) const noexcept {
  LULL_ASSERT(home_.is_current(),
              "%s a buffered_writer of core %u was called from elsewhere; a writer is used and "
              "dropped on the core that made it",
              what, home_.index);
}

std::span<const std::byte> writer_state::next() noexcept {
  filling_.swap(sending_);
  return sending_.bytes();
}

void writer_state::sent(int error) noexcept {
  sent_ += sending_.size();
  sending_.release();
  if (error != 0) {
    fail(error);
  } else {
    serve();
  }
}

void writer_state::sender_ended() noexcept {
  running_ = false;
  if (abandoned_) delete this;
}

void writer_state::abandon() noexcept {
  check_core("dropping");
  LULL_ASSERT(writing_.empty() && flushing_.empty(),
              "a buffered_writer was dropped while a task awaits its write or flush; join the "
              "task's scope before");
  filling_.release();
  abandoned_ = true;
  if (!running_) delete this;
}

void writer_state::take(std::span<const std::byte>& from) {
  const std::size_t now = std::min(from.size(), bound_ - unsent());
  if (now == 0) return;
  if (!running_) start_(*this, stream_);
  running_ = true;
  filling_.append(from.first(now));
  taken_ += now;
  from = from.subspan(now);
}

bool writer_state::take_at_once(std::span<const std::byte> bytes) {
  check_core("try_write of");
  if (error_ != 0 || !has_room_for(bytes.size())) return false;
  take(bytes);
  return true;
}

// There is room again.
void writer_state::serve() noexcept {
  while (!writing_.empty()) {
    write_buffered& oldest = writing_.front();
    try {
      take(oldest.left_);
    } catch (const std::bad_alloc&) {
      oldest.error_ = ENOMEM;
    }
    if (!oldest.left_.empty() && oldest.error_ == 0) break;
    writing_.pop_front().grant();
  }
  while (!flushing_.empty() && flushing_.front().until_ <= sent_) flushing_.pop_front().grant();
}

void writer_state::fail(int error) noexcept {
  error_ = error;
  filling_.release();
  while (!writing_.empty()) {
    writing_.front().error_ = error;
    writing_.pop_front().grant();
  }
  while (!flushing_.empty()) {
    flushing_.front().error_ = error;
    flushing_.pop_front().grant();
  }
}

bool write_buffered::begin(suspended awaiting) {
  to_.check_core("write of");
  if (to_.error_ != 0) {
    error_ = to_.error_;
    return false;
  }
  const bool fits = to_.has_room_for(left_.size());
  if (!fits && !suspend(awaiting, "write")) {
    error_ = ECANCELED;
    return stepped_back();
  }
  if (fits) {
    to_.take(left_);
    return false;
  }
  to_.writing_.push_back(*this);
  to_.serve();
  return true;
}

void write_buffered::stopped(stop_hook& hook) noexcept {
  static_cast<write_buffered&>(hook).error_ = ECANCELED;
  leave(hook);
}

result<void> write_buffered::await_resume() noexcept {
  if (error_ != 0) return failure(error_, "buffered write to", to_.peer());
  return {};
}

bool flush_buffered::begin(suspended awaiting) noexcept {
  of_.check_core("flush of");
  error_ = of_.error_;
  until_ = of_.taken_;
  if (error_ != 0 || until_ == of_.sent_) return false;
  if (!suspend(awaiting, "flush")) {
    error_ = ECANCELED;
    return stepped_back();
  }
  of_.flushing_.push_back(*this);
  return true;
}

void flush_buffered::stopped(stop_hook& hook) noexcept {
  static_cast<flush_buffered&>(hook).error_ = ECANCELED;
  leave(hook);
}

result<void> flush_buffered::await_resume() noexcept {
  if (error_ != 0) return failure(error_, "flush to", of_.peer());
  return {};
}

}  // namespace lull::detail
