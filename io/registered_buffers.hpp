// SPDX-License-Identifier: MIT
#pragma once

// Memory that the core's ring knows beforehand, lent a buffer at a time for reads from files and
// writes to them. Its pages are looked up and locked once, when it is made, and not with each
// operation: that pays where a file bypasses the page cache (O_DIRECT), for which address and
// length are right here, too, and not where it does not. Belongs to one core: made, lent, used and
// dropped there.
//
//   lull::registered_buffers buffers(32, 64 * 1024);
//   const auto buffer = co_await buffers.acquire();
//   if (!buffer) co_return;                                  // asked to stop
//   const auto got = co_await file.read(buffer, offset);
//   const auto wrote = co_await copy.write_all(buffer.first(*got), offset);
//   // given back when it goes
//
// Where the kernel does not register the memory, because the limit of locked memory is reached or
// for want of the operation, the same buffers are read and written like any other memory:
// registration() says why, and io_statistics counts it. Making one is a few system calls, and takes
// time for each page; lending and giving back a few loads and stores. No operation allocates.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "../base/intrusive_list.hpp"
#include "../ring/submission.hpp"
#include "../sched/wait_node.hpp"
#include "result.hpp"

namespace lull {

class registered_buffers;
namespace detail {
class io_core;
}

// One of them, lent: goes back when this goes, on its core, and not while an operation uses it.
// Moves. Empty: none could be had.
class registered_buffer {
 public:
  registered_buffer() noexcept = default;
  registered_buffer(registered_buffers& of, std::uint32_t number) noexcept
      : of_(&of), number_(number) {}
  registered_buffer(registered_buffer&& other) noexcept
      : of_(std::exchange(other.of_, nullptr)), number_(other.number_) {}
  registered_buffer& operator=(registered_buffer&& other) noexcept {
    if (this != &other) {
      reset();
      of_ = std::exchange(other.of_, nullptr);
      number_ = other.number_;
    }
    return *this;
  }
  ~registered_buffer() { reset(); }

  explicit operator bool() const noexcept { return of_ != nullptr; }
  // Page-aligned; at first zeros, later what whoever had it last has left.
  std::byte* data() const noexcept { return bytes().data(); }
  std::size_t size() const noexcept { return bytes().size(); }
  inline std::span<std::byte> bytes() const noexcept;
  // For an operation on a part of it.
  inline class registered_bytes first(std::size_t bytes) const noexcept;
  inline class registered_bytes subspan(std::size_t offset, std::size_t bytes) const noexcept;

  // Gives it back now; empty afterwards.
  inline void reset() noexcept;

 private:
  friend class registered_bytes;

  registered_buffers* of_ = nullptr;
  std::uint32_t number_ = 0;
};

// Bytes of a lent buffer: what the operations on files take. A view: the lease stays until the
// operation has ended, for afterwards the bytes are somebody else's.
class registered_bytes {
 public:
  // All of it.
  registered_bytes(const registered_buffer& whole) noexcept
      : of_(whole.of_), number_(whole.number_), bytes_(whole.bytes()) {}

  std::byte* data() const noexcept { return bytes_.data(); }
  std::size_t size() const noexcept { return bytes_.size(); }
  std::span<std::byte> bytes() const noexcept { return bytes_; }
  registered_bytes first(std::size_t bytes) const noexcept { return subspan(0, bytes); }
  registered_bytes subspan(std::size_t offset, std::size_t bytes) const noexcept {
    LULL_ASSERT(offset <= size() && bytes <= size() - offset,
                "%zu bytes from %zu on were asked for of %zu bytes of a registered buffer; ask for "
                "what is there",
                bytes, offset, size());
    registered_bytes part = *this;
    part.bytes_ = bytes_.subspan(offset, bytes);
    return part;
  }

  // For the operations: from begin_use() to end_use() the buffer cannot be given back.
  void begin_use(const char* name) const noexcept;
  void end_use() const noexcept;
  void read(submission entry, int file, std::uint64_t offset) const noexcept;
  void write(submission entry, int file, std::uint64_t offset, int flags) const noexcept;

 private:
  registered_buffers* of_;
  std::uint32_t number_;
  std::span<std::byte> bytes_;
};

class registered_buffers {
 public:
  // So many of at least so many bytes each, rounded up to whole pages; 1 GiB in all at most. Throws
  // std::bad_alloc.
  registered_buffers(unsigned count, std::size_t bytes);
  // All have been given back.
  ~registered_buffers();
  registered_buffers(const registered_buffers&) = delete;
  registered_buffers& operator=(const registered_buffers&) = delete;

  class [[nodiscard]] acquire_awaiter : private detail::wait_node {
   public:
    explicit acquire_awaiter(registered_buffers& from) noexcept : from_(from) {}
    bool await_ready() noexcept { return (number_ = from_.take()).has_value(); }
    bool await_suspend(detail::suspended awaiting) noexcept {
      if (!suspend(awaiting, "registered_buffers::acquire")) return stepped_back();
      from_.waiting_.push_back(*this);
      return true;
    }
    registered_buffer await_resume() const noexcept { return from_.lend(number_); }

   private:
    friend class registered_buffers;
    friend class detail::intrusive_list<acquire_awaiter>;

    registered_buffers& from_;
    std::optional<std::uint32_t> number_;
  };

  // co_await: a buffer that is free, or the next that comes back, in order of those who wait; does
  // not suspend for one that is free. Empty if a stop was asked for before it was our turn.
  acquire_awaiter acquire() noexcept { return acquire_awaiter(*this); }
  // Empty if none is free.
  registered_buffer try_acquire() noexcept { return lend(take()); }

  unsigned count() const noexcept { return static_cast<unsigned>(uses_.size()); }
  std::size_t buffer_bytes() const noexcept { return buffer_bytes_; }
  std::size_t available() const noexcept { return free_.size(); }
  // Success: the ring knows the memory. Else why it does not; the buffers serve all the same.
  const result<void>& registration() const noexcept { return registration_; }

 private:
  friend class registered_buffer;
  friend class registered_bytes;

  struct unmap {
    std::size_t bytes;
    void operator()(std::byte* memory) const noexcept;
  };

  void register_memory();
  void check_core(const char* what) const noexcept;
  std::optional<std::uint32_t> take() noexcept;
  registered_buffer lend(std::optional<std::uint32_t> number) noexcept {
    return number ? registered_buffer(*this, *number) : registered_buffer();
  }
  void give_back(std::uint32_t number) noexcept;

  detail::io_core& io_;
  std::size_t buffer_bytes_;
  std::unique_ptr<std::byte, unmap> memory_;
  std::optional<unsigned> place_;  // in the ring's table
  result<void> registration_;
  std::vector<std::uint32_t> uses_;  // operations, of each buffer
  std::vector<std::uint32_t> free_;  // has room for all
  detail::intrusive_list<acquire_awaiter> waiting_;
};

inline std::span<std::byte> registered_buffer::bytes() const noexcept {
  LULL_ASSERT(of_ != nullptr,
              "a registered buffer that is none was used (moved from, or acquire() was stopped); "
              "test it before");
  return {of_->memory_.get() + number_ * of_->buffer_bytes_, of_->buffer_bytes_};
}

inline registered_bytes registered_buffer::first(std::size_t bytes) const noexcept {
  return registered_bytes(*this).first(bytes);
}

inline registered_bytes registered_buffer::subspan(std::size_t offset,
                                                   std::size_t bytes) const noexcept {
  return registered_bytes(*this).subspan(offset, bytes);
}

inline void registered_buffer::reset() noexcept {
  if (of_ != nullptr) std::exchange(of_, nullptr)->give_back(number_);
}

}  // namespace lull
