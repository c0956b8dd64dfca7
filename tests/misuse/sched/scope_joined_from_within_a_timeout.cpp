// SPDX-License-Identifier: MIT
// expect: a task joins the scope it runs in, and would wait for itself
#include <lull/lull.hpp>

namespace {

lull::task<> join_own(lull::scope& own) {
  static_cast<void>(co_await lull::timeout(std::chrono::hours(1), own.join()));
}

lull::task<> misuse() {
  lull::scope own;
  own.spawn(join_own, std::ref(own));
  co_await own.join();
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
