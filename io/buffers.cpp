// SPDX-License-Identifier: MIT
#include "buffers.hpp"

#include <new>
#include <system_error>

#include "../base/assert.hpp"
#include "../ring/ring.hpp"
#include "io_core.hpp"
#include "receiving_socket.hpp"

namespace lull::detail {

buffer_pool::buffer_pool(core_context& home, const buffer_options& options, holds what)
    : timer_node(&buffer_pool::feed), home_(home) {
  make_ring(options, what);
  const capabilities& can = home_.ring->has();
  multishot_ =
      ring_.has_value() && (what == holds::streams ? can.multishot_receive : can.multishot_message);
}

buffer_pool::~buffer_pool() {
  LULL_ASSERT(
      views_ == 0,
      "core %u ended while %zu pieces of received bytes were kept; let every lull::received "
      "go before the tasks of its core end",
      home_.index, views_);
  LULL_ASSERT(first_starved_ == nullptr, "core %u ended while a receive waited for a buffer",
              home_.index);
  home_.timers.cancel(*this);
}

void buffer_pool::make_ring(const buffer_options& options, holds what) {
  const capabilities& can = home_.ring->has();
  const auto count_or = [&](unsigned otherwise) {
    return options.count ? options.count : otherwise;
  };
  const auto bytes_or = [&](std::size_t otherwise) {
    return options.bytes ? options.bytes : otherwise;
  };
  if (what == holds::datagrams) {
    // Never incremental: the kernel would cut a datagram off at the end of what is left of a
    // buffer.
    spare_bytes_ = bytes_or(limits::datagram_buffer_bytes);
    if (can.buffer_ring) try_ring(what, count_or(limits::datagram_buffers), spare_bytes_, false);
    return;
  }
  if (!can.buffer_ring) return;
  if (can.incremental_buffers && try_ring(what, count_or(limits::incremental_buffers),
                                          bytes_or(limits::incremental_buffer_bytes), true)) {
    return;
  }
  try_ring(what, count_or(limits::classic_buffers), bytes_or(limits::classic_buffer_bytes), false);
}

bool buffer_pool::try_ring(holds what, unsigned count, std::size_t bytes, bool incremental) {
  uses_ = std::make_unique<buffer_use[]>(count);
  buffers_ = count;
  try {
    ring_.emplace(*home_.ring, static_cast<std::uint16_t>(what), count, bytes, incremental);
  } catch (const std::system_error&) {  // a kernel without it: the next best is tried
    uses_.reset();
    buffers_ = 0;
    return false;
  }
  with_kernel_ = count;
  return true;
}

bool buffer_pool::more_pieces() noexcept {
  try {
    piece_blocks_.push_back(std::make_unique<piece[]>(limits::pieces_per_block));
  } catch (const std::bad_alloc&) {
    return false;
  }
  for (std::size_t i = 0; i < limits::pieces_per_block; ++i) {
    recycle(piece_blocks_.back()[i]);
  }
  return true;
}

piece* buffer_pool::take_spare(std::uint32_t spare, std::uint32_t bytes) noexcept {
  piece* const record = new_piece();
  if (record == nullptr) {
    free_spare(spare);
    return nullptr;
  }
  ++views_;
  record->data = this->spare(spare).data();
  record->bytes = bytes;
  record->buffer = spare;
  return record;
}

void buffer_pool::reclaim(std::uint32_t buffer) noexcept {
  uses_[buffer] = {};
  ++with_kernel_;
  if (4 * with_kernel_ >= buffers_) dry_ = false;
  last_back_ = home_.now;
  ring_->give_back(static_cast<std::uint16_t>(buffer));
  if (starving()) {
    home_.timers.cancel(*this);
    home_.timers.arm(*this, home_.now);
  }
}

std::optional<std::uint32_t> buffer_pool::new_spare(bool large) noexcept {
  const std::size_t bytes = large ? limits::large_spare_bytes : spare_bytes_;
  try {
    if (free_spares_.empty()) {
      if (spares_.size() == spares_.capacity()) {
        const std::size_t more = 2 * spares_.size() + limits::spares_at_a_time;
        free_spares_.reserve(more);  // so that giving one back cannot fail
        spares_.reserve(more);
      }
      spares_.emplace_back();
      free_spares_.push_back(static_cast<std::uint32_t>(buffers_ + spares_.size() - 1));
    }
    const std::uint32_t spare = free_spares_.back();
    spare_block& block = spares_[spare - buffers_];
    if (block.bytes != bytes) {
      block = {std::make_unique_for_overwrite<std::byte[]>(bytes), bytes};
    }
    free_spares_.pop_back();
    return spare;
  } catch (const std::bad_alloc&) {
    return std::nullopt;
  }
}

void buffer_pool::free_spare(std::uint32_t spare) noexcept {
  spare_block& block = spares_[spare - buffers_];
  if (block.bytes != spare_bytes_ || free_spares_.size() >= limits::spares_kept) block = {};
  free_spares_.push_back(spare);
}

void buffer_pool::starve(receiving_socket& one) noexcept {
  ++io_core::of(home_).statistics.starved_receives;
  one.next_starved_ = nullptr;
  one.previous_starved_ = last_starved_;
  (last_starved_ == nullptr ? first_starved_ : last_starved_->next_starved_) = &one;
  last_starved_ = &one;
  if (!armed) {
    home_.timers.arm(*this, with_kernel_ != 0 ? home_.now : home_.now + limits::starved_for);
  }
}

void buffer_pool::forget(receiving_socket& one) noexcept {
  (one.previous_starved_ == nullptr ? first_starved_ : one.previous_starved_->next_starved_) =
      one.next_starved_;
  (one.next_starved_ == nullptr ? last_starved_ : one.next_starved_->previous_starved_) =
      one.previous_starved_;
  one.next_starved_ = one.previous_starved_ = nullptr;
}

// Begins again as many of the receives that wait as the kernel has buffers for; what they leave is
// for the next iteration. With no buffer at all they have waited long: they take spare blocks.
void buffer_pool::feed(timer_node& timer) noexcept {
  auto& self = static_cast<buffer_pool&>(timer);
  const bool from_ring = self.with_kernel_ != 0;
  if (!from_ring && !self.dry_) {
    const time_point patience_ends = self.last_back_ + limits::starved_for;
    if (self.home_.now < patience_ends) return self.home_.timers.arm(self, patience_ends);
    self.dry_ = true;
  }
  unsigned quota = limits::spares_at_a_time;
  if (from_ring) {
    quota = self.with_kernel_ * (self.incremental() ? limits::receives_per_buffer : 1);
  }
  while (self.starving() && quota-- > 0) {
    receiving_socket& next = *self.first_starved_;
    self.forget(next);
    next.feed(from_ring);
  }
  if (self.starving()) self.home_.timers.arm(self, self.home_.now + nanoseconds(1));
}

}  // namespace lull::detail
