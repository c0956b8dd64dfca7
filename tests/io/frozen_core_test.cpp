// SPDX-License-Identifier: MIT

// A core whose thread the kernel keeps: its write to a pipe waits for the pipe's lock, which a
// thread has that splices to a peer that does not read.

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include <lull/io/pipe.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/sleep.hpp>
#include <lull/sched/stall_probe.hpp>

#include "../run_child.hpp"
#include "on_core.hpp"

using namespace std::chrono_literals;

namespace {

// Whoever never comes back is killed in the end.
constexpr unsigned patience_s = 20;
// After which a signal is another one.
constexpr std::chrono::milliseconds between_signals{600};

// Keeps the lock of a pipe until let_go().
class pipe_lock {
 public:
  explicit pipe_lock(const lull::pipe_ends& of) : pipe_(of.reader.descriptor()) {
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, peers_) == 0);
    const std::string much(std::size_t{1} << 16, 'm');
    while (::send(peers_[0], much.data(), much.size(), MSG_DONTWAIT) > 0) {}
    REQUIRE(::write(of.writer.descriptor(), "some", 4) == 4);
    holder_ = std::thread([this] {
      number_ = ::gettid();
      ::splice(pipe_, nullptr, peers_[0], nullptr, 4, 0);
    });
    while (number_ == 0 || !is_asleep()) std::this_thread::sleep_for(1ms);
  }
  ~pipe_lock() {
    holder_.join();
    ::close(peers_[0]);
    ::close(peers_[1]);
  }
  // Any thread.
  void let_go() noexcept { ::shutdown(peers_[1], SHUT_RD); }

 private:
  bool is_asleep() const { return lull::detail::thread_state(number_) == 'S'; }

  int pipe_;
  int peers_[2] = {-1, -1};
  std::atomic<int> number_{0};
  std::thread holder_;
};

// A runtime whose core the kernel keeps: in its sleep, as it does not poll first.
struct frozen {
  frozen() {
    options.cores = {lull::all_cores()[0]};
    options.core.poll = 0ns;
    options.stall_threshold = 4ms;
    options.reclamation.stalls = {
        .threshold = 1h, .interval = 0ns, .report = &frozen::reported, .report_context = this};
  }
  static void reported(void* self, const lull::stall_report& what) noexcept {
    if (what.asleep_in_thread != 0) static_cast<frozen*>(self)->thread = what.asleep_in_thread;
  }

  void wait_for_report() const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(patience_s);
    while (thread == 0 && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(1ms);
  }

  lull::run_options options;
  std::atomic<int> thread{0};  // of the core that was reported to be asleep
};

// Core 0 waits for the pipe's lock until `meanwhile` has returned, in a thread of its own.
template <class Meanwhile>
lull::task<> freeze(Meanwhile meanwhile) {
  auto ends = lull::pipe().value();
  pipe_lock lock(ends);
  std::thread other([&] {
    meanwhile();
    lock.let_go();
  });
  const auto written = co_await ends.writer.write("more");
  other.join();
  CHECK(written);
}

}  // namespace

TEST_CASE("a core that the kernel did not let wake up for its timers was reported by nobody") {
  if (io_test::pipes_take_threads()) SKIP("a thread of the kernel waits for the pipe here");
  frozen one;
  int thread = 0;
  lull::runtime(one.options).run([&]() -> lull::task<> {
    thread = ::gettid();
    lull::spawn([]() -> lull::task<> { co_await lull::sleep(300ms); });
    co_await freeze([&] { one.wait_for_report(); });
  });
  CHECK(one.thread == thread);
}

TEST_CASE("a core that the kernel did not let wake up for messages was reported by nobody") {
  if (io_test::pipes_take_threads()) SKIP("a thread of the kernel waits for the pipe here");
  frozen one;
  int thread = 0;
  lull::runtime all(one.options);
  all.run([&]() -> lull::task<> {
    thread = ::gettid();
    const lull::core& here = lull::core::current();
    co_await freeze([&] {
      while (here.running_for() != 0ns) std::this_thread::sleep_for(1ms);  // it is not asleep yet
      CHECK(all.post(0, [] {}));
      one.wait_for_report();
    });
  });
  CHECK(one.thread == thread);
}

TEST_CASE("SIGTERM to a program whose core 0 the kernel keeps asleep was never heard") {
  if (io_test::pipes_take_threads()) SKIP("a thread of the kernel waits for the pipe here");
  const test::ended end = test::run_child([&] {
    ::alarm(patience_s);
    frozen one;
    ::_exit(lull::run(one.options, [&]() -> lull::task<> {
      co_await freeze([&] {
        ::kill(::getpid(), SIGTERM);
        std::this_thread::sleep_for(between_signals);
        ::kill(::getpid(), SIGTERM);
        std::this_thread::sleep_for(1h);
      });
    }));
  });
  INFO(end.said);
  CHECK(end.status == 128 + SIGTERM);
  CHECK(end.said.find("a second signal (15)") != std::string::npos);
}
