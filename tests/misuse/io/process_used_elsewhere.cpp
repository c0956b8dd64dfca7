// SPDX-License-Identifier: MIT
// expect: send_signal was called on a process of core 0 from elsewhere
#include <lull/lull.hpp>
#include <utility>

void program() {
  lull::run({.cores = {0, 0}}, []() -> lull::task<> {
    if (lull::this_core() != 0) co_return;
    // It outlives this program, and must not keep its output open.
    lull::process_options options{.program = "sleep"};
    options.arguments.emplace_back("1");
    options.output = options.errors = lull::child_stream::null;
    auto starting = lull::start_process(options);
    auto child = co_await std::move(starting);
    co_await lull::run_on(1, [&] {
      auto sent = child->send_signal(SIGKILL);
      sent.value();
    });
  });
}
