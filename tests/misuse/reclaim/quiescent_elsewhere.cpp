// SPDX-License-Identifier: MIT
// expect: quiescent() was called on another thread than the one that joined
#include <lull/reclaim/participant.hpp>

#include <thread>

void program() {
  lull::domain domain;
  lull::participant me(domain);
  std::thread([&] { me.quiescent(); }).join();
}
