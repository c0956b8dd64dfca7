// SPDX-License-Identifier: MIT
// expect: lull: 1 offloaded calls have not ended
#include <lull/lull.hpp>

#include <optional>
#include <thread>

namespace {

std::optional<lull::runtime> one;

lull::task<> misuse() {
  co_await lull::offload([] {
    one->request_stop();
    std::this_thread::sleep_for(std::chrono::hours(1));
  });
}

}  // namespace

void program() {
  one.emplace(lull::run_options{.cores = {lull::all_cores()[0]},
                                .shutdown_limit = std::chrono::milliseconds(50)});
  one->run(misuse);
}
