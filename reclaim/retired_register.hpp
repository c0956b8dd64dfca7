// SPDX-License-Identifier: MIT
#pragma once

// In checked builds, a register of everything that is retired and not released, all threads
// together, so that retiring an object twice stops the program where it is done the second time.
// Elsewhere nothing. Objects retired by the form with a function are not entered: what such a
// pointer means is the caller's affair.

namespace lull::detail {

#ifdef LULL_CHECKED
// Stops the program when the object is there already. A lock and a hash table.
void note_retired(const void* object) noexcept;
void note_released(const void* object) noexcept;
#else
inline void note_retired(const void*) noexcept {}
inline void note_released(const void*) noexcept {}
#endif

}  // namespace lull::detail
