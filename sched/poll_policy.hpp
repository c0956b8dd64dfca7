// SPDX-License-Identifier: MIT
#pragma once

// Whether an idle core should look at memory for a few microseconds before it sleeps. Polling that
// finds something saves a sleep and a wake-up; polling that does not is wasted time. The policy
// keeps a moving share of the polls that paid and stops when it is low, but for a try now and then.
// Core-local; a few integer operations a decision.

#include <cstdint>

namespace lull::detail {

class poll_policy {
 public:
  // Decides for this idle moment.
  bool worthwhile() noexcept {
    if (share_ >= threshold) return true;
    return ++skipped_ % tries_one_in == 0;
  }

  void record(bool paid) noexcept {
    share_ = paid ? share_ + (whole - share_) / weight : share_ - share_ / weight;
  }

 private:
  static constexpr std::int32_t whole = 1 << 16;
  static constexpr std::int32_t threshold = whole / 4;
  static constexpr std::int32_t weight = 8;
  static constexpr std::uint32_t tries_one_in = 32;

  std::int32_t share_ = whole / 2;
  std::uint32_t skipped_ = 0;
};

}  // namespace lull::detail
