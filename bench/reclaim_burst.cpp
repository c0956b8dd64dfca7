// SPDX-License-Identifier: MIT
// A million objects are retired in one iteration, as when a large table is dropped. What counts is
// how long the iterations after it take until all is released, on the clock of the thread's own CPU
// time: of ten thousand of them, all but the slowest. There are fewer, so that it is nearly the
// slowest of a burst.

#include <lull/base/assert.hpp>
#include <lull/reclaim/domain.hpp>
#include <lull/reclaim/participant.hpp>

#include <ctime>

#include "reclaim_rows.hpp"
#include "statistics.hpp"

namespace lull::bench {
namespace {

constexpr std::size_t objects_per_burst = 1'000'000;

double cpu_us() {
  timespec spent{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) * 1e6 + static_cast<double>(spent.tv_nsec) / 1e3;
}

// CPU time of each iteration until nothing is left.
std::vector<double> iterations_after_burst(participant& me) {
  for (std::size_t i = 0; i < objects_per_burst; ++i) me.retire(new object);
  std::vector<double> took;
  took.reserve(objects_per_burst / 16);
  while (me.has_limbo()) {
    const double start = cpu_us();
    me.quiescent();
    took.push_back(cpu_us() - start);
  }
  LULL_ASSERT(me.statistics().released == me.statistics().retired,
              "the burst was over with %llu of %llu objects released",
              static_cast<unsigned long long>(me.statistics().released),
              static_cast<unsigned long long>(me.statistics().retired));
  return took;
}

}  // namespace

void print_burst_row(std::size_t bursts) {
  domain shared;
  participant me(shared);
  finding result{.name = "burst_p9999", .unit = "us"};
  for (std::size_t burst = 0; burst < bursts; ++burst) {
    std::vector<double> took = iterations_after_burst(me);
    std::sort(took.begin(), took.end());
    result.own.push_back(quantile(took, 0.9999));
    result.iterations.push_back(static_cast<double>(took.size()));
  }
  print(result);
}

}  // namespace lull::bench
