// SPDX-License-Identifier: MIT
// expect: a hold is used on another core than the one that took it
#include <lull/reclaim/hold.hpp>

#include <thread>

void program() {
  lull::domain domain;
  lull::participant me(domain);
  int object = 0;
  const lull::hold held(lull::ref<int>{&object});
  std::thread([&] {
    const lull::participant other(domain);
    auto* const copy = new lull::hold<int>(held);
    static_cast<void>(copy);  // never dropped: the copy itself is the misuse
  }).join();
}
