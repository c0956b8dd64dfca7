// SPDX-License-Identifier: MIT
// expect: pin_dropped_elsewhere.cpp:11 is dropped on another thread than the one that took it
// expect: pins stay on their core
#include <lull/reclaim/pin.hpp>

#include <thread>

void program() {
  lull::domain domain;
  lull::participant me(domain);
  lull::pin pinned(me);
  std::thread([&] { pinned.drop(); }).join();
}
