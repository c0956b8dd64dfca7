// SPDX-License-Identifier: MIT
#pragma once

// Memory for the objects under torture. What is given back stays readable and is used again late,
// so that a read of a released object finds that it is released, and is counted; nothing crashes.
// Under AddressSanitizer and ThreadSanitizer it is the ordinary heap, which they watch better: a
// late read stops the program there. Any thread.

#include <cstddef>

namespace torture {

// At most largest_block bytes, aligned as by new. Throws std::bad_alloc.
inline constexpr std::size_t largest_block = 248;
void* take_block(std::size_t bytes);
void give_block(void* block) noexcept;

}  // namespace torture
