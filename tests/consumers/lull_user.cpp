// SPDX-License-Identifier: MIT

// A program outside the tree that uses the whole library: one core that sleeps, and
// retires an object. The tests build it by pkg-config and as a Meson superproject.

#include <lull/lull.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>

namespace {

struct counted {
  ~counted() { released = released + 1; }
  static inline std::atomic<int> released = 0;
};

lull::task<> serve() {
  lull::retire(new counted);
  co_await lull::sleep(std::chrono::milliseconds(2));
}

}  // namespace

int main() {
  const int status = lull::run({.cores = {0}}, serve);
  std::printf("status %d, released %d\n", status, counted::released.load());
  return status == 0 && counted::released == 1 ? 0 : 1;
}
