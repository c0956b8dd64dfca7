// SPDX-License-Identifier: MIT
#pragma once

// Several stacks in one thread, switched by hand: what blocks in a simulated kernel hands over to
// another, so that cores run side by side in an order that a test chooses. Whoever drives resumes
// one; that runs until it pauses or ends.

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace simulation {

class fibers {
 public:
  fibers();
  ~fibers();
  fibers(const fibers&) = delete;
  fibers& operator=(const fibers&) = delete;

  // One more, which will run `body`. It must not throw.
  void add(std::function<void()> body);

  // The driver: until fiber `index` pauses or ends.
  void resume(std::size_t index);
  // A fiber: back to the driver.
  void pause();

  std::size_t size() const noexcept { return all_.size(); }
  bool ended(std::size_t index) const noexcept;
  // Which one runs; only in a fiber.
  std::size_t current() const noexcept { return running_; }
  bool inside() const noexcept { return running_ != none; }

 private:
  struct stack;
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  static void begin();
  void change(stack& from, stack& to, bool for_good);

  std::unique_ptr<stack> driver_;
  std::vector<std::unique_ptr<stack>> all_;
  std::size_t running_ = none;
};

}  // namespace simulation
