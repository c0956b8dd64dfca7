// SPDX-License-Identifier: MIT
// expect: a process was dropped while somebody waited for its end; let that end before
#include <lull/lull.hpp>
#include <utility>

// The waiting task can run, and has not yet: it is still to be told how the process ended.
void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    lull::process_options options{.program = "true"};
    options.output = options.errors = lull::child_stream::null;
    auto starting = lull::start_process(options);
    auto child = co_await std::move(starting);
    lull::event first_told;
    lull::spawn([&]() -> lull::task<> {
      const auto status = co_await child->wait();
      status.error();
      *child = lull::process();
    });
    lull::spawn([&]() -> lull::task<> {
      const auto status = co_await child->wait();
      status.error();
    });
    co_await first_told.wait();
  });
}
