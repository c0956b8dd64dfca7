// SPDX-License-Identifier: MIT
// expect: ticket() was called on another thread than the one that joined
#include <lull/reclaim/participant.hpp>

#include <thread>

void program() {
  lull::domain domain;
  lull::participant me(domain);
  std::thread([&] { static_cast<void>(me.ticket()); }).join();
}
