// SPDX-License-Identifier: MIT
#pragma once

// Whether a sanitizer makes this program several times slower, as meson says; and how often a test
// then does what it does over and over only to have done it often.

namespace test {

#ifdef TEST_SANITIZED
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

template <class Number>
constexpr Number often(Number times) noexcept {
  return sanitized ? times / 5 : times;
}

}  // namespace test
