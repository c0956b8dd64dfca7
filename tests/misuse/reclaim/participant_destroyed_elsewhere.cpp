// SPDX-License-Identifier: MIT
// expect: a participant is destroyed on another thread than the one that joined
#include <lull/reclaim/participant.hpp>

#include <memory>
#include <thread>

void program() {
  lull::domain domain;
  auto me = std::make_unique<lull::participant>(domain);
  std::thread([&] { me.reset(); }).join();
}
