// SPDX-License-Identifier: MIT
#pragma once

// Memory of the program that a ring knows beforehand. Its pages are looked up, checked and locked
// when it is added, and not anew with each read and write, which name its place in the table
// (submission::read_registered). Belongs to one ring and its core. Adding and removing are a system
// call each; adding locks the pages, which counts against the user's limit of locked memory where
// the kernel charges it.

#include <cstddef>
#include <cstdint>

#include "ring.hpp"

namespace lull {

class buffer_table {
 public:
  // With room for so many pieces of memory, 64 at most. A ring has one table. Throws
  // std::system_error when the kernel refuses.
  buffer_table(ring& owner, unsigned places);
  ~buffer_table();
  buffer_table(const buffer_table&) = delete;
  buffer_table& operator=(const buffer_table&) = delete;

  // From now on the ring knows these bytes, 1 GiB at most: gives their place. Or a negative errno:
  // -ENOMEM where the limit of locked memory is reached, -ENOSPC when the table is full.
  int add(std::byte* memory, std::size_t bytes) noexcept;
  // The ring forgets them: the place is free. What is in flight keeps the pages until it ends, and
  // kernels before 6.3 keep them up to a second longer. A kernel that has no memory for it (up to
  // 6.12) keeps them until something else is added in that place.
  void remove(unsigned place) noexcept;

 private:
  int update(unsigned place, void* memory, std::size_t bytes) noexcept;

  ring& ring_;
  std::uint64_t free_ = 0;  // a bit a place
};

}  // namespace lull
