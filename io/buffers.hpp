// SPDX-License-Identifier: MIT
#pragma once

// The memory that a core receives into: a ring of buffers that the kernel fills (incrementally
// where it can), and records of what it has filled. A buffer goes back to the kernel when the
// kernel has let go of it and nobody views a piece of it any more. Core-local; a piece costs a few
// loads and stores, and no allocation in the long run.
//
// When every buffer is in use, receives end with ENOBUFS. They wait here, in order, for a buffer to
// come back. Where none does for a while, the pool is dry: bytes that nobody reads, or views that
// are kept, lie in all of them. Whoever receives is given a block of the heap then, at once, until
// a quarter of the buffers have come back: what some keep delays nobody else.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "../base/clock.hpp"
#include "../ring/buffer_ring.hpp"
#include "../sched/core_context.hpp"
#include "limits.hpp"

namespace lull {

// The buffers of a core, of streams or of datagrams. Zero: chosen by what the kernel can do.
struct buffer_options {
  unsigned count = 0;     // a power of two up to 32,768
  std::size_t bytes = 0;  // each, up to a GiB
};

namespace detail {

class receiving_socket;

// Bytes that were received and not read yet.
struct piece {
  piece* next;
  std::byte* data;
  std::uint32_t bytes;
  std::uint32_t buffer;
};

class buffer_pool : private timer_node {
 public:
  // What is received into it: a datagram needs a buffer of its own, parts of a stream may share
  // one.
  enum class holds : std::uint8_t { streams, datagrams };

  // Does without a ring of buffers when the kernel gives none.
  buffer_pool(core_context& home, const buffer_options& options, holds what);
  ~buffer_pool();
  buffer_pool(const buffer_pool&) = delete;
  buffer_pool& operator=(const buffer_pool&) = delete;

  core_context& home() const noexcept { return home_; }
  // Whether the kernel fills buffers of the ring for as long as it is not told to end.
  bool multishot() const noexcept { return multishot_; }
  bool incremental() const noexcept { return ring_ && ring_->incremental(); }
  std::uint16_t group() const noexcept { return ring_->group(); }
  // Buffers that the kernel may fill.
  unsigned with_kernel() const noexcept { return with_kernel_; }
  // Pieces that somebody views or has yet to read.
  std::size_t views() const noexcept { return views_; }

  // What a completion with a buffer brought; viewed once, until give_back. Null without memory: the
  // bytes are lost, and the caller ends its stream.
  piece* take(completion what) noexcept;
  // Another record of a piece takes no memory.
  bool has_free_record() const noexcept { return free_pieces_ != nullptr; }
  // Makes a record of the first bytes of a spare block.
  piece* take_spare(std::uint32_t spare, std::uint32_t bytes) noexcept;

  // The view of a piece ends.
  void give_back(std::uint32_t buffer) noexcept {
    --views_;
    if (buffer < buffers_) {
      buffer_use& use = uses_[buffer];
      if (--use.views == 0 && !use.with_kernel) reclaim(buffer);
    } else {
      free_spare(buffer);
    }
  }
  // The record of a piece is not needed any more; its view goes on.
  void recycle(piece& record) noexcept {
    record.next = free_pieces_;
    free_pieces_ = &record;
  }

  // A block of the heap: its number, not viewed yet. Empty without memory.
  std::optional<std::uint32_t> new_spare(bool large) noexcept;
  std::span<std::byte> spare(std::uint32_t number) const noexcept {
    const spare_block& one = spares_[number - buffers_];
    return {one.memory.get(), one.bytes};
  }
  void free_spare(std::uint32_t spare) noexcept;

  // No buffer has come back for long: whoever begins to receive waits for none.
  bool dry() const noexcept { return dry_; }
  // Receives that wait for a buffer, in order.
  bool starving() const noexcept { return first_starved_ != nullptr; }
  void starve(receiving_socket& one) noexcept;
  void forget(receiving_socket& one) noexcept;

 private:
  struct buffer_use {
    std::uint32_t filled = 0;  // where the next piece begins
    std::uint32_t views = 0;
    bool with_kernel = true;
  };
  struct spare_block {
    std::unique_ptr<std::byte[]> memory;
    std::size_t bytes = 0;
  };

  void make_ring(const buffer_options& options, holds what);
  bool try_ring(holds what, unsigned count, std::size_t bytes, bool incremental);
  piece* new_piece() noexcept;
  // Not inline, for they are seldom needed where every receive comes by. False without memory.
  [[gnu::noinline]] bool more_pieces() noexcept;
  [[gnu::noinline]] void drop(std::uint32_t buffer) noexcept { give_back(buffer); }
  void reclaim(std::uint32_t buffer) noexcept;
  static void feed(timer_node& timer) noexcept;

  core_context& home_;
  std::optional<buffer_ring> ring_;
  std::unique_ptr<buffer_use[]> uses_;
  std::uint32_t buffers_ = 0;  // of the ring; what has a number from there on is a spare block
  unsigned with_kernel_ = 0;
  std::size_t views_ = 0;
  std::size_t spare_bytes_ = limits::spare_bytes;
  bool multishot_ = false;
  bool dry_ = false;
  time_point last_back_{};  // when a buffer came back
  piece* free_pieces_ = nullptr;
  std::vector<std::unique_ptr<piece[]>> piece_blocks_;
  std::vector<spare_block> spares_;
  std::vector<std::uint32_t> free_spares_;  // has room for every spare
  receiving_socket* first_starved_ = nullptr;
  receiving_socket* last_starved_ = nullptr;
};

inline piece* buffer_pool::new_piece() noexcept {
  if (free_pieces_ == nullptr && !more_pieces()) return nullptr;
  piece* const record = free_pieces_;
  free_pieces_ = record->next;
  record->next = nullptr;
  return record;
}

inline piece* buffer_pool::take(completion what) noexcept {
  const std::uint16_t buffer = what.buffer();
  const std::uint32_t bytes = what.result > 0 ? static_cast<std::uint32_t>(what.result) : 0;
  buffer_use& use = uses_[buffer];
  const std::uint32_t begin = use.filled;
  use.filled += bytes;
  if (!what.buffer_more()) {
    use.with_kernel = false;
    --with_kernel_;
  }
  ++use.views;
  ++views_;
  piece* const record = bytes == 0 ? nullptr : new_piece();
  if (record == nullptr) [[unlikely]] {
    drop(buffer);
    return nullptr;
  }
  record->data = ring_->data(buffer) + begin;
  record->bytes = bytes;
  record->buffer = buffer;
  return record;
}

}  // namespace detail
}  // namespace lull
