// SPDX-License-Identifier: MIT
// expect: core 0 ended with 1 processes that somebody still owns; let them go before the tasks of
// their core end
#include <lull/lull.hpp>
#include <optional>
#include <utility>

void program() {
  std::optional<lull::process> kept;
  lull::run({.cores = {0}}, [&]() -> lull::task<> {
    lull::process_options options{.program = "true"};
    auto starting = lull::start_process(options);
    auto child = co_await std::move(starting);
    kept.emplace(std::move(*child));
  });
}
