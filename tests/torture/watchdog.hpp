// SPDX-License-Identifier: MIT
#pragma once

// Ends the program when a round does not end: a grace period or a barrier that never comes is a
// fault too. It says what each actor was doing then.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "world.hpp"

namespace torture {

class watchdog {
 public:
  // The cast is complete when the round's length is over.
  watchdog(const world& on, const cast& actors, std::chrono::milliseconds length);
  ~watchdog();
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;

 private:
  void watch(std::chrono::milliseconds limit);

  const world& on_;
  const cast& actors_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace torture
