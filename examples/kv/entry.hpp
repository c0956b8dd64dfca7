// SPDX-License-Identifier: MIT
#pragma once

// What a key leads to: a value that never changes, and when it expires. The owner core makes and
// replaces entries and moves their expiry; any core reads them until its next quiescent state.
// Strings are the only kind of value, so no command can meet a value of the wrong kind.
//
// variable     | written by | read by  | pairings
// expire_at_ms | owner core | any core | none: relaxed, one word that stands alone; the entry it is
//              |            |          | in is published by the table

#include <atomic>
#include <cstdint>
#include <string_view>
#include <utility>

#include "bytes.hpp"

namespace kv {

inline constexpr std::int64_t never = 0;

class entry {
 public:
  entry(bytes value, std::int64_t expire_at_ms) noexcept
      : value_(std::move(value)), expire_at_ms_(expire_at_ms) {}
  entry(entry&& other) noexcept
      : value_(std::move(other.value_)), expire_at_ms_(other.expire_at_ms()) {}

  std::string_view value() const noexcept { return value_; }
  std::size_t allocated() const noexcept { return value_.allocated(); }
  // Milliseconds of Unix time, or `never`.
  std::int64_t expire_at_ms() const noexcept {
    return expire_at_ms_.load(std::memory_order_relaxed);
  }
  bool expired(std::int64_t now_ms) const noexcept {
    const std::int64_t at = expire_at_ms();
    return at != never && at < now_ms;
  }
  // Owner core alone. The table hands out entries as const because their value is.
  void expire_at(std::int64_t at_ms) const noexcept {
    expire_at_ms_.store(at_ms, std::memory_order_relaxed);
  }

 private:
  bytes value_;
  mutable std::atomic<std::int64_t> expire_at_ms_;
};

}  // namespace kv
