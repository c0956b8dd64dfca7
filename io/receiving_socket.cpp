// SPDX-License-Identifier: MIT
#include "receiving_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "../base/assert.hpp"
#include "../ring/ring.hpp"

namespace lull::detail {

receiving_socket::~receiving_socket() { drop_pieces(); }

void receiving_socket::find_pool() {
  pool_ = datagrams_ ? &io().datagram_buffers() : &io().buffers();
}

// The first `bytes` of the oldest piece have been copied out.
void receiving_socket::consume(std::uint32_t bytes) noexcept {
  unread_bytes_ -= bytes;
  first_->data += bytes;
  first_->bytes -= bytes;
  if (first_->bytes != 0) return;
  piece& empty = pop();
  pool_->give_back(empty.buffer);
  pool_->recycle(empty);
}

std::size_t receiving_socket::copy_to(std::span<std::byte> into) noexcept {
  std::size_t copied = 0;
  while (first_ != nullptr && copied < into.size()) {
    const std::size_t now = std::min<std::size_t>(first_->bytes, into.size() - copied);
    std::memcpy(into.data() + copied, first_->data, now);
    copied += now;
    consume(static_cast<std::uint32_t>(now));
  }
  return copied;
}

void receiving_socket::drop_pieces() noexcept {
  while (first_ != nullptr) {
    piece& unread = pop();
    pool_->give_back(unread.buffer);
    pool_->recycle(unread);
  }
}

void receiving_socket::wait(suspension& waiter) noexcept {
  check_one_receiver();
  waiter_ = &waiter;
  if (receiving_ == receiving::idle) begin();
}

void receiving_socket::wake() noexcept { std::exchange(waiter_, nullptr)->resume_here(); }

void receiving_socket::begin() noexcept {
  if (!pool_->multishot() || pool_->dry()) {
    begin_spare();
  } else if (pool_->starving()) {  // in order: whoever waited before comes first
    receiving_ = receiving::starved;
    pool_->starve(*this);
  } else {
    begin_multishot();
  }
}

void receiving_socket::begin_multishot() noexcept {
  receiving_ = receiving::armed;
  wants_large_ = false;
  complete = &receiving_socket::received;
  enter();
  request(home(), this, &receiving_socket::fill_multishot);
}

void receiving_socket::begin_spare() noexcept {
  const auto spare = pool_->new_spare(wants_large_);
  if (!spare) {
    error_ = ENOMEM;
    if (waiter_ != nullptr) wake();
    return;
  }
  ++io().statistics.spare_receives;
  spare_ = *spare;
  receiving_ = receiving::spare;
  complete = &receiving_socket::spare_received;
  enter();
  request(home(), this, &receiving_socket::fill_spare);
}

// Called by the pool when this stream's turn has come.
void receiving_socket::feed(bool from_ring) noexcept {
  receiving_ = receiving::idle;
  if (waiter_ == nullptr) return;  // nobody waits any more: begun again when somebody does
  if (from_ring) {
    begin_multishot();
  } else {
    begin_spare();
  }
}

void receiving_socket::fill_multishot(submitter& self, submission entry) noexcept {
  auto& me = static_cast<receiving_socket&>(self);
  me.fill_receive(entry);
}

void receiving_socket::fill_spare(submitter& self, submission entry) noexcept {
  auto& me = static_cast<receiving_socket&>(self);
  me.fill_receive(entry, me.pool_->spare(me.spare_));
}

inline void receiving_socket::append(piece& record) noexcept {
  ++io().statistics.received_pieces;
  if (error_ != 0 || !open()) [[unlikely]] {
    pool_->give_back(record.buffer);
    pool_->recycle(record);
    return;
  }
  (first_ == nullptr ? first_ : last_->next) = &record;
  last_ = &record;
  ++unread_pieces_;
  unread_bytes_ += record.bytes;
  if ((unread_bytes_ > limits::unread_bytes || unread_pieces_ > limits::unread_pieces) &&
      receiving_ == receiving::armed) [[unlikely]] {
    pause();
  }
}

void receiving_socket::received(completion_target& self, completion what) noexcept {
  auto& me = static_cast<receiving_socket&>(self);
  // Neither empty nor, by itself, more than may be unread.
  const bool small = static_cast<std::uint32_t>(what.result) - 1 < limits::unread_bytes;
  if (!small || !what.has_buffer() || !what.more() || me.waiter_ == nullptr ||
      !me.pool_->has_free_record()) [[unlikely]]
    return me.received_otherwise(what);
  LULL_DEBUG_ASSERT(!me.has_news() && me.open(), "a receive waits for what has come already");
  piece& record = *me.pool_->take(what);
  ++me.io().statistics.received_pieces;
  me.first_ = me.last_ = &record;
  me.unread_pieces_ = 1;
  me.unread_bytes_ = record.bytes;
  me.wake();
}

void receiving_socket::received_otherwise(completion what) noexcept {
  if (what.has_buffer()) {
    if (piece* const record = pool_->take(what)) {
      append(*record);
    } else if (what.result > 0) {
      error_ = ENOMEM;  // what follows a gap in a stream is of no use, and is not collected
    }
  }
  if (!what.more()) {
    over(what.result);
  } else if (waiter_ != nullptr && has_news()) {
    wake();
  }
}

void receiving_socket::spare_received(completion_target& self, completion what) noexcept {
  auto& me = static_cast<receiving_socket&>(self);
  const std::span<std::byte> block = me.pool_->spare(me.spare_);
  const std::int32_t bytes = me.filled(block, what.result);
  me.wants_large_ = !me.datagrams_ && std::cmp_equal(bytes, block.size()) && what.socket_has_more();
  if (bytes <= 0) {
    me.pool_->free_spare(me.spare_);
  } else if (piece* const record =
                 me.pool_->take_spare(me.spare_, static_cast<std::uint32_t>(bytes))) {
    me.append(*record);
  } else {
    me.error_ = ENOMEM;
  }
  me.over(bytes);
}

void receiving_socket::pause() noexcept {
  ++io().statistics.slow_readers;
  receiving_ = receiving::pausing;
  end_what_runs();
}

// The last completion of a receive.
void receiving_socket::over(std::int32_t result) noexcept {
  const receiving was = std::exchange(receiving_, receiving::idle);
  const bool starved = result == -ENOBUFS && was != receiving::spare;
  if (result == 0) {
    ended_ = true;
  } else if (result < 0 && !starved && result != -ECANCELED && result != -EINTR &&
             result != -EAGAIN) {
    error_ = -result;
  }
  if (open()) {
    if (was == receiving::pausing) [[unlikely]]
      what_ran_has_ended();
    if (waiter_ == nullptr) {
      // begun again when somebody waits
    } else if (has_news()) {
      wake();
    } else if (starved && !pool_->dry()) {
      receiving_ = receiving::starved;
      pool_->starve(*this);
    } else {
      begin();
    }
  }
  leave();
}

void receiving_socket::let_go() noexcept {
  if (receiving_ == receiving::starved) {
    pool_->forget(*this);
    receiving_ = receiving::idle;
  } else if (waiting() && receiving_ != receiving::pausing && receiving_ != receiving::idle) {
    withdraw();  // the kernel never heard of the receive
    if (receiving_ == receiving::spare) pool_->free_spare(spare_);
    receiving_ = receiving::idle;
    leave();
  }
  drop_pieces();
  if (waiter_ != nullptr) std::exchange(waiter_, nullptr)->resume();
}

}  // namespace lull::detail
