// SPDX-License-Identifier: MIT
// expect: retire() was called on another thread than the one that joined
#include <lull/reclaim/participant.hpp>
#include <lull/reclaim/retire.hpp>

#include <thread>

void program() {
  lull::domain domain;
  lull::participant me(domain);
  std::thread([&] { me.retire(new int); }).join();
}
