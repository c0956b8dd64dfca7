// SPDX-License-Identifier: MIT
// expect: a task is spawned into group 1, and this core has 1: name it in core_options::groups
#include <lull/lull.hpp>

namespace {

lull::task<> nothing() { co_return; }

lull::task<> misuse() {
  lull::spawn(lull::task_options{.group = 1}, nothing);
  co_return;
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
