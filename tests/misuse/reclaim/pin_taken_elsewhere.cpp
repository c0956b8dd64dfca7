// SPDX-License-Identifier: MIT
// expect: pin() was called on another thread than the one that joined
#include <lull/reclaim/pin.hpp>

#include <thread>

void program() {
  lull::domain domain;
  lull::participant me(domain);
  std::thread([&] { const lull::pin pinned(me); }).join();
}
