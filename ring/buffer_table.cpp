// SPDX-License-Identifier: MIT
#include "buffer_table.hpp"

#include <liburing.h>

#include <bit>
#include <cerrno>
#include <system_error>

#include "../base/assert.hpp"

namespace lull {

buffer_table::buffer_table(ring& owner, unsigned places) : ring_(owner) {
  LULL_ASSERT(places >= 1 && places <= 64,
              "a buffer table was asked for with %u places; it has 1 to 64", places);
  free_ = ~std::uint64_t{0} >> (64 - places);
  io_uring_rsrc_register registration{};
  registration.nr = places;
  registration.flags = IORING_RSRC_REGISTER_SPARSE;
  const int result = ring_.seam().register_with(ring_.descriptor(), IORING_REGISTER_BUFFERS2,
                                                &registration, sizeof(registration));
  if (result < 0) {
    throw std::system_error(-result, std::generic_category(), "registering a buffer table");
  }
}

buffer_table::~buffer_table() {
  ring_.seam().register_with(ring_.descriptor(), IORING_UNREGISTER_BUFFERS, nullptr, 0);
}

int buffer_table::add(std::byte* memory, std::size_t bytes) noexcept {
  if (free_ == 0) return -ENOSPC;
  const auto place = static_cast<unsigned>(std::countr_zero(free_));
  const int result = update(place, memory, bytes);
  if (result < 0) return result;
  free_ &= ~(std::uint64_t{1} << place);
  return static_cast<int>(place);
}

void buffer_table::remove(unsigned place) noexcept {
  LULL_ASSERT(place < 64 && (free_ >> place & 1) == 0,
              "place %u of a buffer table was emptied, in which nothing is", place);
  update(place, nullptr, 0);
  free_ |= std::uint64_t{1} << place;
}

// Gives how many places were changed, one, or a negative errno.
int buffer_table::update(unsigned place, void* memory, std::size_t bytes) noexcept {
  const iovec piece{memory, bytes};
  const std::uint64_t no_tag = 0;
  io_uring_rsrc_update2 change{};
  change.offset = place;
  change.data = reinterpret_cast<std::uintptr_t>(&piece);
  change.tags = reinterpret_cast<std::uintptr_t>(&no_tag);
  change.nr = 1;
  return ring_.seam().register_with(ring_.descriptor(), IORING_REGISTER_BUFFERS_UPDATE, &change,
                                    sizeof(change));
}

}  // namespace lull
