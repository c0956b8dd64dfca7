// SPDX-License-Identifier: MIT
#pragma once

// An operation that a cancel by descriptor passes by, or that nobody counts, and that the close of
// the descriptor has to end all the same: one of a thread of the kernel that has not begun it
// (splice), one that waits for its time to be tried again (a Unix datagram), one that only knows
// the number (poll). As long as it is in io_core::passed_by_cancels it is told of a close, and
// cancels itself. Core-local.

#include <array>
#include <cstddef>

#include "../base/intrusive_list.hpp"

namespace lull::detail {

class passed_by : public list_place<passed_by> {
 public:
  using function = void (*)(passed_by&) noexcept;

  explicit passed_by(function on_close, int descriptor, int other = -1) noexcept
      : closing(on_close), descriptor_(descriptor), other_(other) {}
  bool uses(int descriptor) const noexcept {
    return descriptor == descriptor_ || descriptor == other_;
  }

  bool uses_two() const noexcept { return other_ >= 0; }
  int descriptor() const noexcept { return descriptor_; }

  function closing;

 private:
  int descriptor_;
  int other_;
};

class passed_by_table {
 public:
  void add(passed_by& one) noexcept {
    (one.uses_two() ? of_two_ : lists_[list_of(one.descriptor())]).push_back(one);
  }
  // Calls f(one) for each that uses the descriptor.
  template <class F>
  void of(int descriptor, F f) noexcept {
    const auto if_used = [&](passed_by& one) {
      if (one.uses(descriptor)) f(one);
    };
    lists_[list_of(descriptor)].for_each(if_used);
    of_two_.for_each(if_used);
  }

 private:
  static std::size_t list_of(int descriptor) noexcept {
    return static_cast<unsigned>(descriptor) % lists;
  }

  // So that of many polls few are asked.
  static constexpr std::size_t lists = 64;
  std::array<intrusive_list<passed_by, passed_by>, lists> lists_;
  intrusive_list<passed_by, passed_by> of_two_;
};

}  // namespace lull::detail
