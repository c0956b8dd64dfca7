// SPDX-License-Identifier: MIT
// expect: what was awaited in vain was used: its time was up; test it before
#include <system_error>

#include <lull/sched/runtime.hpp>
#include <lull/sched/sleep.hpp>
#include <lull/sched/timeout.hpp>

namespace {

lull::task<int> gives_up() {
  const bool slept = co_await lull::sleep(std::chrono::hours(1));
  if (slept) co_return 1;
  throw std::system_error(std::make_error_code(std::errc::operation_canceled));
}

lull::task<> misuse() {
  const auto got = co_await lull::timeout(std::chrono::milliseconds(1), gives_up());
  if (*got == 1) co_return;
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
