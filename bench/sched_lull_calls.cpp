// SPDX-License-Identifier: MIT
// Two connected cores of lull: the first is driven in the calling thread, the second serves in a
// thread of its own.

#include <lull/sched/run_on.hpp>
#include <lull/sched/sleep.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <thread>

#include "processor.hpp"
#include "sched_contest.hpp"
#include "sched_lull_core.hpp"
#include "sched_rows.hpp"

namespace lull::bench {
namespace {

using clock = std::chrono::steady_clock;
using ns = std::chrono::duration<double, std::nano>;

task<> call_other(std::vector<double>* took) {
  clock::time_point before = clock::now();
  for (double& one : *took) {
    const int got = co_await run_on(1U, [] { return 1; });
    keep(&got);
    const clock::time_point after = clock::now();
    one = ns(after - before).count();
    before = after;
  }
}

// A message that is counted where it arrives.
struct counted : detail::message {
  counted() noexcept : message(&counted::arrived) {}
  static void arrived(message& self) noexcept {
    std::atomic<std::size_t>* const left = static_cast<counted&>(self).left;
    const std::size_t before = left->load(std::memory_order_relaxed);
    left->store(before - 1, std::memory_order_release);
  }

  std::atomic<std::size_t>* left = nullptr;
};

task<> send_all(counted* all, std::size_t times) {
  constexpr std::size_t together = 256;
  core& here = core::current();
  core& there = here.peer(1);
  for (std::size_t i = 0; i < times; ++i) {
    here.send(there, all[i]);
    if (i % together == together - 1) co_await yield();
  }
}

class cores : public posting_threads {
 public:
  cores(int other_cpu, const core_options& options) : home_(0, shared_, options) {
    std::promise<core*> made;
    auto other = made.get_future();
    thread_ = std::jthread([this, other_cpu, options, &made] {
      pin_to(other_cpu);
      core second(1, shared_, options);
      made.set_value(&second);
      connected_.get_future().wait();
      second.serve();
      second.wind_up();
    });
    second_ = other.get();
    const std::vector<core*> both{&home_, second_};
    home_.connect(both);
    second_->connect(both);
    connected_.set_value();
  }
  ~cores() override {
    detail::message end([](detail::message&) noexcept { core::current().finish(); });
    second_->post(end);
    thread_.join();
    home_.wind_up();
  }

  std::vector<double> call(std::size_t times) override {
    std::vector<double> took(times);
    run_task(home_, when_idle::sleep, call_other, &took);
    return took;
  }

  double post(std::size_t times) override {
    const std::unique_ptr<counted[]> all(new counted[times]);
    std::atomic<std::size_t> left = times;
    for (std::size_t i = 0; i < times; ++i) all[i].left = &left;
    const clock::time_point start = clock::now();
    run_task(home_, when_idle::come_back, send_all, all.get(), times);
    while (left.load(std::memory_order_acquire) != 0) continue;
    return ns(clock::now() - start).count();
  }

 private:
  domain shared_;
  core home_;
  core* second_ = nullptr;
  std::promise<void> connected_;
  std::jthread thread_;
};

}  // namespace

std::unique_ptr<posting_threads> lull_cores(int other_cpu, nanoseconds poll) {
  core_options options;
  options.poll = poll;
  return std::make_unique<cores>(other_cpu, options);
}

}  // namespace lull::bench
