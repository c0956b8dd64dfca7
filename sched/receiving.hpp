// SPDX-License-Identifier: MIT
#pragma once

// What waits for a value of a channel: a task, and its place in the channel, or in each of several.
// Core-local.

#include <optional>

#include "wait_node.hpp"

namespace lull::detail {

// A task that waits for a value, in one channel or in several.
class receiving : public suspension {
 public:
  // One of its channels has given it a value, and linked it no more.
  void delivered() noexcept {
    if (--channels_ != 0) withdraw_(*this);
    resume();
  }
  // One of its channels was closed, and linked it no more.
  void closed() noexcept {
    if (--channels_ == 0) resume();
  }

 protected:
  using function = void (*)(receiving&) noexcept;
  // `withdraw` takes it out of the channels that still link it.
  explicit receiving(function withdraw) noexcept
      : suspension(&receiving::stopped), withdraw_(withdraw) {}

  unsigned channels_ = 0;  // that link it

 private:
  static void stopped(stop_hook& hook) noexcept {
    auto& self = static_cast<receiving&>(hook);
    self.withdraw_(self);
    self.resume();
  }

  const function withdraw_;
};

// Its place in one of them.
template <class T>
struct receiver : list_node {
  explicit receiver(receiving& of) noexcept : by(of) {}

  receiving& by;
  std::optional<T> value;
};

}  // namespace lull::detail
