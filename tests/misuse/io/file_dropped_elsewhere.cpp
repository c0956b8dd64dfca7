// SPDX-License-Identifier: MIT
// expect: a file is used and dropped on the core that made it
#include <lull/lull.hpp>
#include <thread>

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    auto file = co_await lull::fs::open("/dev/null");
    std::thread([&file] { *file = lull::file(); }).join();
  });
}
