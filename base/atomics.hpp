// SPDX-License-Identifier: MIT
#pragma once

// The seam that all of the library's atomics go through: the atomic type, the memory orders, and
// the one full fence. Ordinarily these are the standard's, at no cost. The litmus programs are
// compiled with LULL_RELACY, and then the very same sources run on atomics that explore what the
// memory model allows (tests/litmus/relacy_atomics.hpp). Any thread may use it; it is not a place
// for algorithms.
//
// Happens-before edges are made by release and acquire alone. full_fence() orders an earlier store
// before a later load and nothing more is ever concluded from it, so ThreadSanitizer sees all
// edges.

#include <atomic>

#if defined(__SANITIZE_THREAD__)
#define LULL_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define LULL_THREAD_SANITIZER 1
#endif
#endif

#ifdef LULL_RELACY
#include <relacy_atomics.hpp>  // found by -Itests/litmus
#endif

#ifdef LULL_THREAD_SANITIZER
extern "C" void __tsan_acquire(void* address);
extern "C" void __tsan_release(void* address);
#endif

namespace lull::detail {

#ifdef LULL_RELACY
template <class T>
using atomic = litmus::atomic<T>;
#else
template <class T>
using atomic = std::atomic<T>;
#endif

inline constexpr std::memory_order relaxed = std::memory_order_relaxed;
inline constexpr std::memory_order acquire = std::memory_order_acquire;
inline constexpr std::memory_order release = std::memory_order_release;
inline constexpr std::memory_order acq_rel = std::memory_order_acq_rel;

// Every store before it is visible to all before any load after it is done. On x86-64 a locked
// instruction on the stack, at half the price of mfence, which it equals for ordinary memory.
inline void full_fence() noexcept {
#if defined(LULL_RELACY)
  litmus::full_fence();
#elif defined(__x86_64__) && !defined(LULL_THREAD_SANITIZER)
  __asm__ __volatile__("lock orl $0, (%%rsp)" : : : "memory", "cc");
#else
  std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
}

// full_fence() and then an exchange of order acq_rel. On x86-64 the exchange is a fence by itself.
template <class T>
inline T fence_and_exchange(atomic<T>& what, T value) noexcept {
#if !defined(__x86_64__) || defined(LULL_THREAD_SANITIZER) || defined(LULL_RELACY)
  full_fence();
#endif
  return what.exchange(value, acq_rel);
}

// For an edge that goes through the kernel (a ring message, an eventfd, a completion), which
// ThreadSanitizer cannot see: release before it is handed over, acquire after it has arrived, with
// the same address. They do nothing elsewhere.
inline void tsan_release([[maybe_unused]] void* address) noexcept {
#ifdef LULL_THREAD_SANITIZER
  __tsan_release(address);
#endif
}

inline void tsan_acquire([[maybe_unused]] void* address) noexcept {
#ifdef LULL_THREAD_SANITIZER
  __tsan_acquire(address);
#endif
}

}  // namespace lull::detail
