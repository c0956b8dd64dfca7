// SPDX-License-Identifier: MIT
#pragma once

// What base/atomics.hpp turns into when it is compiled with LULL_RELACY: atomics whose loads may
// return any value that the memory model allows, and a fence with no more power than the
// standard's. relacy does the exploring, in engine.cpp; nothing of it is included here, so a litmus
// program compiles as fast as the library itself. Only litmus programs use it, in one thread of the
// system.

#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>
#include <source_location>
#include <type_traits>

namespace litmus {

using place = std::source_location;

// One atomic object of up to 64 bits. The storage holds relacy's atomic.
class word {
 public:
  explicit word(std::uint64_t initial) noexcept;
  ~word();
  word(const word&) = delete;
  word& operator=(const word&) = delete;

  std::uint64_t load(std::memory_order order, const place& at) const noexcept;
  void store(std::uint64_t value, std::memory_order order, const place& at) noexcept;
  std::uint64_t exchange(std::uint64_t value, std::memory_order order, const place& at) noexcept;
  std::uint64_t add(std::uint64_t value, std::memory_order order, const place& at) noexcept;
  bool compare_exchange(std::uint64_t& expected, std::uint64_t desired, std::memory_order success,
                        std::memory_order failure, bool weak, const place& at) noexcept;

 private:
  alignas(16) mutable unsigned char storage_[160];
};

void full_fence(const place& at = place::current()) noexcept;

// The same member functions as std::atomic, as far as the library uses them. They are noexcept, as
// those are; what the library tests by noexcept stays as it is.
template <class T>
class atomic {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= 8);
  using order = std::memory_order;
  static constexpr order strongest = std::memory_order_seq_cst;

 public:
  atomic() noexcept : atomic(T{}) {}
  atomic(T initial) noexcept : word_(bits(initial)) {}  // NOLINT: implicit, as in std::atomic

  T load(order o = strongest, const place& at = place::current()) const noexcept {
    return value(word_.load(o, at));
  }
  void store(T v, order o = strongest, const place& at = place::current()) noexcept {
    word_.store(bits(v), o, at);
  }
  T exchange(T v, order o = strongest, const place& at = place::current()) noexcept {
    return value(word_.exchange(bits(v), o, at));
  }
  T fetch_add(T v, order o = strongest, const place& at = place::current()) noexcept {
    return value(word_.add(bits(v), o, at));
  }
  T fetch_sub(T v, order o = strongest, const place& at = place::current()) noexcept {
    return value(word_.add(std::uint64_t{0} - bits(v), o, at));
  }
  bool compare_exchange_strong(T& expected, T desired, order success, order failure,
                               const place& at = place::current()) noexcept {
    return compare_exchange(expected, desired, success, failure, false, at);
  }
  bool compare_exchange_weak(T& expected, T desired, order success, order failure,
                             const place& at = place::current()) noexcept {
    return compare_exchange(expected, desired, success, failure, true, at);
  }

 private:
  bool compare_exchange(T& expected, T desired, order success, order failure, bool weak,
                        const place& at) noexcept {
    std::uint64_t seen = bits(expected);
    const bool done = word_.compare_exchange(seen, bits(desired), success, failure, weak, at);
    if (!done) expected = value(seen);
    return done;
  }

  static std::uint64_t bits(T v) noexcept {
    std::uint64_t b = 0;
    std::memcpy(&b, &v, sizeof v);
    return b;
  }
  static T value(std::uint64_t b) noexcept {
    T v;
    std::memcpy(&v, &b, sizeof v);
    return v;
  }

  word word_;
};

}  // namespace litmus
