// SPDX-License-Identifier: MIT
// A peer of the scheduling rows: the timers of libuv. They count whole milliseconds.

#include "sched_contest.hpp"
#include "sched_shapes.hpp"

#ifdef LULL_BENCH_LIBUV

#include <uv.h>

#include <memory>

namespace lull::bench {
namespace {

using ms = std::chrono::milliseconds;

// A loop with so many timers that are not started.
class loop_of_timers {
 public:
  explicit loop_of_timers(std::size_t count) : count_(count), timers_(new uv_timer_t[count]) {
    uv_loop_init(&loop_);
    for (std::size_t i = 0; i < count_; ++i) uv_timer_init(&loop_, &timers_[i]);
  }
  ~loop_of_timers() {
    for (std::size_t i = 0; i < count_; ++i) {
      uv_close(reinterpret_cast<uv_handle_t*>(&timers_[i]), nullptr);
    }
    run();
    uv_loop_close(&loop_);
  }
  loop_of_timers(const loop_of_timers&) = delete;
  loop_of_timers& operator=(const loop_of_timers&) = delete;

  void start(std::size_t i, ms time, uv_timer_cb expired) {
    uv_timer_start(&timers_[i], expired, static_cast<std::uint64_t>(time.count()), 0);
  }
  uv_timer_t& timer(std::size_t i) { return timers_[i]; }
  void look_at_the_clock() { uv_update_time(&loop_); }
  void run() { uv_run(&loop_, UV_RUN_DEFAULT); }

 private:
  uv_loop_t loop_{};
  std::size_t count_;
  std::unique_ptr<uv_timer_t[]> timers_;
};

class many_timers {
 public:
  many_timers() {
    for (std::size_t i = 0; i < timers_armed; ++i) arm_again(i);
  }
  void arm_again(std::size_t i) {
    uv_timer_stop(&all_.timer(i));
    all_.start(i, ms(3'600'000) + within_an_hour(), [](uv_timer_t*) {});
  }

 private:
  loop_of_timers all_{timers_armed};
};

ms whole(std::chrono::nanoseconds time) { return std::chrono::ceil<ms>(time); }

std::int64_t fire(const sleeps& times) {
  loop_of_timers all(times.size());
  const std::int64_t begin = thread_time_ns();
  all.look_at_the_clock();
  for (std::size_t i = 0; i < times.size(); ++i) all.start(i, whole(times[i]), [](uv_timer_t*) {});
  all.run();
  return thread_time_ns() - begin;
}

struct sleeper {
  std::chrono::steady_clock::time_point until;
  std::vector<double>* late_us;
};

std::vector<double> lateness(const sleeps& times) {
  std::vector<double> late_us;
  loop_of_timers all(times.size());
  std::vector<sleeper> sleepers(times.size());
  all.look_at_the_clock();
  for (std::size_t i = 0; i < times.size(); ++i) {
    sleepers[i] = {std::chrono::steady_clock::now() + whole(times[i]), &late_us};
    all.timer(i).data = &sleepers[i];
    all.start(i, whole(times[i]), [](uv_timer_t* timer) {
      const sleeper& it = *static_cast<sleeper*>(timer->data);
      it.late_us->push_back(microseconds_since(it.until));
    });
  }
  all.run();
  return late_us;
}

}  // namespace

scheduler libuv_scheduler() {
  return {.name = "libuv",
          .package = "libuv1-dev",
          .timer_arm_cancel = arm_again_in_order<many_timers>,
          .timer_arm_cancel_random = arm_again_at_random<many_timers>,
          .fire = fire,
          .fire_coarse = fire,
          .lateness = lateness};
}

}  // namespace lull::bench

#else

namespace lull::bench {
scheduler libuv_scheduler() { return {.package = "libuv1-dev"}; }
}  // namespace lull::bench

#endif
