// SPDX-License-Identifier: MIT
// expect: a process was dropped while somebody waited for its end; let that end before
#include <lull/lull.hpp>
#include <utility>

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    // It outlives this program, and must not keep its output open.
    lull::process_options options{.program = "sleep"};
    options.arguments.emplace_back("1");
    options.output = options.errors = lull::child_stream::null;
    auto starting = lull::start_process(options);
    auto child = co_await std::move(starting);
    lull::spawn([&]() -> lull::task<> {
      const auto status = co_await child->wait();
      status.error();
    });
    co_await lull::yield();
    *child = lull::process();
  });
}
