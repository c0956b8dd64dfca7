// SPDX-License-Identifier: MIT
#include <lull/sched/stall_probe.hpp>

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/reclaim/retire.hpp>
#include <lull/sched/run_on.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/sleep.hpp>

using namespace std::chrono_literals;

namespace {

// What was reported, for one thread to write and another to read.
class collected_reports {
 public:
  static void add(void* self, const lull::stall_report& what) noexcept {
    auto& me = *static_cast<collected_reports*>(self);
    const std::lock_guard lock(me.mutex_);
    me.all_.push_back(what);
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return all_.size();
  }
  // Line 0: wherever it is.
  bool has(const std::string& task, unsigned line) {
    const std::lock_guard lock(mutex_);
    return std::any_of(all_.begin(), all_.end(), [&](const lull::stall_report& one) {
      return one.task.data() == task && (line == 0 || one.task_at.line() == line);
    });
  }
  lull::stall_report at(std::size_t index) {
    const std::lock_guard lock(mutex_);
    return all_.at(index);
  }

 private:
  std::mutex mutex_;
  std::vector<lull::stall_report> all_;
};

constexpr unsigned spins_at = __LINE__ + 4;
// Stands still until that has been reported; a minute is for a machine that is stuck.
lull::task<> spin_until_reported(collected_reports& reports, std::string name) {
  const auto patience = std::chrono::steady_clock::now() + 60s;
  co_await lull::yield();
  while (!reports.has(name, name.empty() ? 0 : spins_at) &&
         std::chrono::steady_clock::now() < patience) {}
}

lull::run_options reporting(collected_reports& to, unsigned cores) {
  lull::run_options options;
  options.cores.assign(cores, lull::all_cores()[0]);
  options.handle_signals = false;
  options.stall_threshold = 4ms;
  options.reclamation.stalls = {
      .threshold = 4ms, .interval = 0ns, .report = &collected_reports::add, .report_context = &to};
  return options;
}

lull::task<> spin_hundred_times(collected_reports& reports, std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    lull::scope one;
    one.spawn(lull::task_options{.name = names[i].c_str()}, spin_until_reported, std::ref(reports),
              names[i]);
    co_await one.join();
    co_await lull::sleep(1us);  // so that the next one's iteration is its own
  }
}

}  // namespace

TEST_CASE("a thread that runs or would is told from one that sleeps") {
  std::atomic<int> number{0};
  std::atomic<bool> spins{true};
  std::mutex held;
  held.lock();
  std::thread other([&] {
    number = ::gettid();
    while (spins) {}
    const std::lock_guard waits(held);
  });
  while (number == 0) std::this_thread::yield();
  CHECK(lull::detail::thread_state(number) == 'R');
  spins = false;
  while (lull::detail::thread_state(number) != 'S') std::this_thread::sleep_for(1ms);
  held.unlock();
  other.join();
  CHECK(lull::detail::thread_state(-1) == 0);
}

TEST_CASE("a hundred tasks that stand still are reported by name and place, each of them right") {
  collected_reports reports;
  std::vector<std::string> names;
  for (int i = 0; i < 100; ++i) names.push_back("spinner " + std::to_string(i));
  lull::runtime(reporting(reports, 1)).run([&] { return spin_hundred_times(reports, names); });
  std::string wrong;
  std::size_t next = 0;
  for (std::size_t i = 0; i < reports.count(); ++i) {
    const lull::stall_report one = reports.at(i);
    const std::string name = one.task.data();
    // On a busy machine others may be reported, and a spinner before it has come to its loop; but
    // no spinner out of turn.
    if (!name.starts_with("spinner") || (next > 0 && name == names[next - 1])) continue;
    const bool in_turn = next < names.size() && name == names[next];
    if (in_turn && one.task_at.line() != spins_at) continue;
    const bool right =
        in_turn && one.calls[0] != nullptr && one.running >= 4ms && one.participant == 0;
    if (!right) {
      wrong += name + (in_turn ? "" : " out of turn") +
               (one.calls[0] == nullptr ? " nowhere" : "") + " for " +
               std::to_string(one.running.count()) + " ns; ";
    }
    ++next;
  }
  CHECK(next == names.size());
  CHECK(wrong == "");
}

namespace {

lull::task<> answer_in_the_next_iteration(collected_reports& reports, sigset_t signals,
                                          std::size_t& before) {
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  co_await lull::yield();
  before = reports.count();
  for (sigset_t asked{}; sigismember(&asked, SIGURG) != 1;) ::sigpending(&asked);
  co_await lull::sleep(1us);
  const auto spin = [](std::chrono::microseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) {}
  };
  // When the answer is read, it has run for longer than the other when the question was asked.
  spin(4500us);
  ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  spin(4000us);
  while (reports.count() == before) co_await lull::sleep(100us);
}

}  // namespace

TEST_CASE("what ran when the iteration that stood still was over was reported as standing still") {
  collected_reports reports;
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGURG);
  std::size_t before = 0;
  lull::runtime(reporting(reports, 1)).run([&] {
    return answer_in_the_next_iteration(reports, signals, before);
  });
  const lull::stall_report one = reports.at(before);
  CHECK(one.running >= 4ms);
  CHECK(one.task[0] == 0);
  CHECK(one.calls[0] == nullptr);
}

TEST_CASE("a task in a system call that ends by the signal was reported without its name") {
  collected_reports reports;
  lull::runtime(reporting(reports, 1)).run([&]() -> lull::task<> {
    lull::scope one;
    one.spawn(lull::task_options{.name = "sleeper"}, [&]() -> lull::task<> {
      // Not the first time, perhaps: on a busy machine the answer may come too late.
      for (int i = 0; i < 50 && !reports.has("sleeper", 0); ++i) {
        co_await lull::sleep(1us);  // so that each sleep is in an iteration of its own
        const timespec minute{.tv_sec = 60, .tv_nsec = 0};
        ::nanosleep(&minute, nullptr);
      }
    });
    co_await one.join();
  });
  CHECK(reports.has("sleeper", 0));
}

TEST_CASE("who holds up an epoch on a core is named in the report of whoever waits") {
  collected_reports reports;
  lull::run_options options = reporting(reports, 2);
  options.stall_threshold = 0ns;  // so that the other core reports, or nobody
  lull::runtime(std::move(options)).run([&]() -> lull::task<> {
    if (lull::this_core() == 0) {
      lull::scope one;
      one.spawn(lull::task_options{.name = "holding up"}, spin_until_reported, std::ref(reports),
                "holding up");
      co_await one.join();
    } else {
      while (!reports.has("holding up", spins_at)) {
        lull::retire(new int);
        co_await lull::sleep(100us);
      }
    }
  });
  std::size_t named = 0;
  for (std::size_t i = 0; i < reports.count(); ++i) {
    const lull::stall_report one = reports.at(i);
    if (one.task.data() != std::string("holding up") || one.task_at.line() != spins_at) continue;
    ++named;
    CHECK(one.participant == 0);
    CHECK(one.reporter == 1);
    CHECK(one.bytes > 0);
  }
  CHECK(named != 0);
}

TEST_CASE("without a signal a report says how long, and nothing of the task") {
  collected_reports reports;
  lull::run_options options = reporting(reports, 1);
  options.stall_signal = 0;
  lull::runtime(std::move(options)).run([&] { return spin_until_reported(reports, ""); });
  REQUIRE(reports.count() >= 1);
  CHECK(reports.at(0).task[0] == 0);
  CHECK(reports.at(0).calls[0] == nullptr);
  CHECK(reports.at(0).running >= 4ms);
}

TEST_CASE("a signal that does not exist is refused with a sentence") {
  try {
    const lull::detail::stall_signal never(9999);
    FAIL("it was taken");
  } catch (const std::system_error& error) {
    CHECK(std::string(error.what()).find("signal 9999 cannot be used") != std::string::npos);
  }
}

TEST_CASE("the first of two users of a signal to go took it from the other, which left it taken") {
  struct sigaction ignored{};
  ignored.sa_handler = SIG_IGN;
  struct sigaction original{};
  REQUIRE(::sigaction(SIGUSR2, &ignored, &original) == 0);
  const auto is_ignored = [] {
    struct sigaction now{};
    ::sigaction(SIGUSR2, nullptr, &now);
    return now.sa_handler == SIG_IGN;
  };
  std::optional<lull::detail::stall_signal> first(SIGUSR2);
  std::optional<lull::detail::stall_signal> second(SIGUSR2);
  CHECK(!is_ignored());
  first.reset();
  CHECK(!is_ignored());
  second.reset();
  CHECK(is_ignored());
  first.emplace(SIGUSR2);
  CHECK(!is_ignored());
  first.reset();
  CHECK(is_ignored());
  ::sigaction(SIGUSR2, &original, nullptr);
}

TEST_CASE("a core that sleeps is in no iteration that could take long") {
  lull::runtime one({.cores = {lull::all_cores()[0]}, .handle_signals = false});
  std::atomic<lull::core*> self{nullptr};
  bool slept = false;
  std::thread onlooker([&] {
    const auto patience = std::chrono::steady_clock::now() + 60s;
    while (!slept && std::chrono::steady_clock::now() < patience) {
      const lull::core* const seen = self.load();
      slept = seen != nullptr && seen->running_for() == 0ns;
      std::this_thread::yield();
    }
    one.request_stop();
  });
  one.run([&self]() -> lull::task<> {
    self.store(&lull::core::current());
    co_await lull::stop_requested();
  });
  onlooker.join();
  CHECK(slept);
}
