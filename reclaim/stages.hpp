// SPDX-License-Identifier: MIT
#pragma once

// How far the objects of one queue are, from closed to released. A queue is in order, so stages
// need no places, only counts:
//
//   released | clear | due | older tag | newer tag | (open)
//
// Due is what is past its grace period; clear is what is known not to be held, or can be looked up
// among what is held. Two tags suffice: the epoch is at most one past `complete`, and what is
// tagged below is due.

#include <cstddef>
#include <cstdint>
#include <utility>

#include "../base/assert.hpp"
#include "epoch.hpp"

namespace lull::detail {

class stages {
 public:
  // A batch of so many objects is closed with its tag. Tags never go back.
  void close(std::size_t count, epoch_number tag) noexcept {
    closed_ += count;
    if (newer_ != 0 && newer_tag_ != tag) {
      LULL_ASSERT(newer_tag_ < tag, "a batch is closed in epoch %llu after one of epoch %llu",
                  static_cast<unsigned long long>(tag),
                  static_cast<unsigned long long>(newer_tag_));
      // A third tag only when nobody called mark_due in time: what waits longer is safe.
      older_ += newer_;
      older_tag_ = newer_tag_;
      newer_ = 0;
    }
    newer_tag_ = tag;
    newer_ += count;
  }

  // Makes due what is tagged below `completed`, and clear what is due if nobody held anything when
  // he was passed: that was past all that is due.
  void mark_due(completed_epoch completed) noexcept {
    if (older_ != 0 && completed.epoch > older_tag_) due_ += std::exchange(older_, 0);
    if (newer_ != 0 && completed.epoch > newer_tag_) due_ += std::exchange(newer_, 0);
    if (completed.held || due_ == 0) return;
    clear_ += std::exchange(due_, 0);
    gathering_ = 0;
  }

  // What is due at begin_gather() becomes clear at end_gather(): by then the caller knows what is
  // held.
  void begin_gather() noexcept { gathering_ = due_; }
  void end_gather() noexcept {
    due_ -= gathering_;
    clear_ += std::exchange(gathering_, 0);
  }
  // What was known to be clear is so no more: for a new owner, who has gathered nothing.
  void forget_gather() noexcept {
    due_ += std::exchange(clear_, 0);
    gathering_ = 0;
  }

  // So many of what is clear are gone.
  void pass(std::size_t count) noexcept { clear_ -= count; }

  // `completed` that makes all of them due; 0 when none waits.
  epoch_number wanted() const noexcept {
    if (newer_ != 0) return newer_tag_ + 1;
    return older_ != 0 ? older_tag_ + 1 : 0;
  }

  std::size_t clear() const noexcept { return clear_; }
  std::size_t unclear() const noexcept { return due_; }
  std::size_t due() const noexcept { return clear_ + due_; }
  std::size_t all() const noexcept { return clear_ + due_ + older_ + newer_; }
  bool has_two_tags() const noexcept { return older_ != 0; }

  // Objects closed since the beginning; less all() they are those that are gone.
  std::uint64_t closed_so_far() const noexcept { return closed_; }
  std::uint64_t gone_so_far() const noexcept { return closed_ - all(); }

 private:
  std::size_t clear_ = 0;
  std::size_t due_ = 0;  // and not clear
  std::size_t gathering_ = 0;
  std::size_t older_ = 0;
  std::size_t newer_ = 0;
  epoch_number older_tag_ = 0;
  epoch_number newer_tag_ = 0;
  std::uint64_t closed_ = 0;
};

}  // namespace lull::detail
