// SPDX-License-Identifier: MIT
#include "buffer_ring.hpp"

#include <liburing.h>
#include <sys/mman.h>

#include <bit>
#include <cerrno>
#include <new>
#include <system_error>
#include <thread>

#include "../base/assert.hpp"

namespace lull {
namespace {

constexpr std::size_t page = 4096;

// Of a buffer; the kernel counts in 32 bits.
constexpr std::size_t most_bytes = std::size_t{1} << 30;

std::size_t whole_pages(std::size_t bytes) noexcept { return (bytes + page - 1) / page * page; }

}  // namespace

buffer_ring::buffer_ring(ring& owner, std::uint16_t group, unsigned count, std::size_t buffer_bytes,
                         bool incremental)
    : ring_(owner),
      buffer_bytes_(buffer_bytes),
      count_(count),
      group_(group),
      incremental_(incremental) {
  LULL_ASSERT(
      std::has_single_bit(count) && count <= 32768,
      "a buffer ring was asked for with %u buffers; the number must be a power of two up to "
      "32768",
      count);
  LULL_ASSERT(buffer_bytes != 0 && buffer_bytes <= most_bytes,
              "a buffer ring was asked for with buffers of %zu bytes; give 1 to %zu", buffer_bytes,
              most_bytes);
  const std::size_t entry_bytes = whole_pages(count * sizeof(io_uring_buf));
  mapped_bytes_ = entry_bytes + whole_pages(count * buffer_bytes);
  void* memory =
      ::mmap(nullptr, mapped_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  entries_ = static_cast<io_uring_buf_ring*>(memory);
  buffers_ = static_cast<std::byte*>(memory) + entry_bytes;

  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<std::uintptr_t>(memory);
  registration.ring_entries = count;
  registration.bgid = group;
  if (incremental) registration.flags = IOU_PBUF_RING_INC;
  int result = 0;
  for (unsigned patience = detail::memory_patience;; --patience) {
    result =
        ring_.seam().register_with(ring_.descriptor(), IORING_REGISTER_PBUF_RING, &registration, 1);
    if (result != -ENOMEM || patience == 0) break;
    std::this_thread::sleep_for(detail::memory_give_back);
  }
  if (result < 0) {
    ::munmap(memory, mapped_bytes_);
    throw std::system_error(
        -result, std::generic_category(),
        incremental ? "registering an incremental buffer ring" : "registering a buffer ring");
  }
  io_uring_buf_ring_init(entries_);
  for (unsigned i = 0; i < count; ++i) give_back(static_cast<std::uint16_t>(i));
}

buffer_ring::~buffer_ring() {
  io_uring_buf_reg registration{};
  registration.bgid = group_;
  ring_.seam().register_with(ring_.descriptor(), IORING_UNREGISTER_PBUF_RING, &registration, 1);
  ::munmap(entries_, mapped_bytes_);
}

void buffer_ring::give_back(std::uint16_t buffer) noexcept {
  LULL_ASSERT(buffer < count_, "buffer %u was given back to a ring of %u", unsigned{buffer},
              count_);
  io_uring_buf_ring_add(entries_, data(buffer), static_cast<unsigned>(buffer_bytes_), buffer,
                        io_uring_buf_ring_mask(count_), 0);
  // order(buffers): release, pairs with the kernel's acquire of the tail. Without it the kernel may
  // take an entry that is not yet written.
  io_uring_buf_ring_advance(entries_, 1);
}

}  // namespace lull
