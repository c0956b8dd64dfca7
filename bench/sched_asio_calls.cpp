// SPDX-License-Identifier: MIT
// A peer of the calls between cores: two contexts of asio, each run by a thread.

#include "sched_rows.hpp"

#ifdef LULL_BENCH_ASIO

#include <atomic>
#include <thread>

#include "processor.hpp"
#include "sched_asio.hpp"
#include "sched_contest.hpp"

namespace lull::bench {
namespace {

using clock = std::chrono::steady_clock;
using ns = std::chrono::duration<double, std::nano>;
using executor = asio::io_context::executor_type;  // known to the compiler

asio::awaitable<int, executor> answer() { co_return 1; }

class contexts : public posting_threads {
 public:
  explicit contexts(int other_cpu)
      : thread_([this, other_cpu] {
          pin_to(other_cpu);
          other_.run();
        }) {}
  ~contexts() override { stays_.reset(); }

  std::vector<double> call(std::size_t times) override {
    std::vector<double> took(times);
    asio::co_spawn(home_, call_other(took), asio::detached);
    home_.restart();
    home_.run();
    return took;
  }

  double post(std::size_t times) override {
    std::atomic<std::size_t> left = times;
    const clock::time_point start = clock::now();
    for (std::size_t i = 0; i < times; ++i) {
      asio::post(other_, [&left] {
        left.store(left.load(std::memory_order_relaxed) - 1, std::memory_order_release);
      });
    }
    while (left.load(std::memory_order_acquire) != 0) continue;
    return ns(clock::now() - start).count();
  }

 private:
  asio::awaitable<void, executor> call_other(std::vector<double>& took) {
    clock::time_point before = clock::now();
    for (double& one : took) {
      const int got = co_await asio::co_spawn(other_, answer(), asio::use_awaitable_t<executor>());
      keep(&got);
      const clock::time_point after = clock::now();
      one = ns(after - before).count();
      before = after;
    }
  }

  asio::io_context home_{1};
  asio::io_context other_{1};
  asio::executor_work_guard<executor> stays_ = asio::make_work_guard(other_);
  std::jthread thread_;
};

}  // namespace

std::unique_ptr<posting_threads> asio_contexts(int other_cpu) {
  return std::make_unique<contexts>(other_cpu);
}

}  // namespace lull::bench

#else

namespace lull::bench {
std::unique_ptr<posting_threads> asio_contexts(int) { return nullptr; }
}  // namespace lull::bench

#endif
