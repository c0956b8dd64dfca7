// SPDX-License-Identifier: MIT

// Stall reports with threads and the real clock.

#include <lull/reclaim/stall.hpp>

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include <lull/reclaim/retire.hpp>

using namespace std::chrono_literals;

namespace {

struct busy_house {
  busy_house() {
    options.stalls.threshold = 400ms;
    options.stalls.report = [](void* self, const lull::stall_report& what) noexcept {
      auto& me = *static_cast<busy_house*>(self);
      ++me.reports;
      me.last_named = what.participant;
    };
    options.stalls.report_context = this;
  }

  // Retires and passes quiescent states; the one that `stalls` reads until that is reported.
  void work(lull::domain& domain, std::uint32_t label, bool stalls) {
    lull::participant me(domain);
    me.set_label(label);
    while (stalls && !stop && reports == 0) std::this_thread::sleep_for(1ms);
    while (!stop) {
      for (int i = 0; i < 10; ++i) me.retire(new int);
      me.quiescent();
      if (me.statistics().limbo_objects > 10'000) std::this_thread::yield();
    }
  }

  // For that time at most, and no longer than until a report.
  void run(std::chrono::milliseconds time, bool stalls) {
    lull::domain domain(options);
    std::vector<std::thread> threads;
    for (std::uint32_t i = 1; i <= 4; ++i) {
      threads.emplace_back([this, &domain, i, stalls] { work(domain, i, stalls && i == 3); });
    }
    for (const auto end = std::chrono::steady_clock::now() + time;
         reports == 0 && std::chrono::steady_clock::now() < end;) {
      std::this_thread::sleep_for(1ms);
    }
    stop = true;
    for (std::thread& one : threads) one.join();
  }

  lull::domain_options options;
  std::atomic<bool> stop{false};
  std::atomic<int> reports{0};
  std::atomic<std::uint32_t> last_named{0};
};

}  // namespace

TEST_CASE("a healthy run under load reports nothing") {
  busy_house house;
  house.run(500ms, false);
  CHECK(house.reports == 0);
}

TEST_CASE("a thread that does not pass for long is named by those that wait") {
  busy_house house;
  house.run(20s, true);
  CHECK(house.reports == 1);
  CHECK(house.last_named == 3);
}
