// SPDX-License-Identifier: MIT
#include <lull/io/signal_stream.hpp>

#include <signal.h>
#include <unistd.h>

#include <optional>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/sched/offload.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/timeout.hpp>

#include "../few_descriptors.hpp"
#include "in_runtime.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::in_runtime;

namespace {

lull::run_options reading(std::vector<int> signals) {
  lull::run_options options;
  options.signals = std::move(signals);
  return options;
}

void send_to_all(int number) { REQUIRE(::kill(::getpid(), number) == 0); }

lull::task<> next_into(lull::signal_stream& from,
                       std::optional<lull::result<lull::received_signal>>& into) {
  auto came = co_await from.next();
  into.emplace(std::move(came));
}

}  // namespace

TEST_CASE("signals to the process are read one after the other, with who sent them") {
  in_runtime(reading({SIGHUP, SIGUSR1}), []() -> lull::task<> {
    auto signals = lull::signal_stream::open({SIGHUP, SIGUSR1}).value();
    // A thread of the pool could take them as well, were they not blocked there.
    co_await lull::offload([] {});
    for (const int number : {SIGUSR1, SIGHUP, SIGUSR1}) {
      send_to_all(number);
      const auto came = co_await signals.next();
      REQUIRE(came);
      CHECK(came->number == number);
      CHECK(came->sender == ::getpid());
      CHECK(came->user == ::getuid());
    }
    // While nobody waits, of each one is kept.
    for (int i = 0; i < 3; ++i) send_to_all(SIGHUP);
    const auto kept = co_await signals.next();
    CHECK(kept->number == SIGHUP);
    const auto late = co_await lull::timeout(std::chrono::milliseconds(1), signals.next());
    CHECK(late.timed_out());
    CHECK_THAT(late->message(), ContainsSubstring("next signals: "));
  });
}

TEST_CASE("real-time signals are all read, in order, with their values") {
  in_runtime(reading({SIGRTMIN}), []() -> lull::task<> {
    auto signals = lull::signal_stream::open({SIGRTMIN}).value();
    for (int i = 0; i < 5; ++i) {
      REQUIRE(::sigqueue(::getpid(), SIGRTMIN, {.sival_int = 100 + i}) == 0);
    }
    for (int i = 0; i < 5; ++i) {
      const auto came = co_await signals.next();
      CHECK(came->value == 100 + i);
    }
  });
}

TEST_CASE("a signal that races with a stop is read, by the next if not by the one stopped") {
  in_runtime(reading({SIGRTMIN}), []() -> lull::task<> {
    auto signals = lull::signal_stream::open({SIGRTMIN}).value();
    std::vector<int> values;
    int stopped = 0;
    for (int i = 0; i < 60; ++i) {
      std::optional<lull::result<lull::received_signal>> came;
      lull::scope scope;
      if (i % 7 == 0) scope.request_stop();
      scope.spawn(next_into, std::ref(signals), std::ref(came));
      for (int turn = 0; turn < i % 3; ++turn) co_await lull::sleep(lull::nanoseconds(1));
      REQUIRE(::sigqueue(::getpid(), SIGRTMIN, {.sival_int = i}) == 0);
      if (i % 2 == 0) co_await lull::yield();
      scope.request_stop();
      co_await scope.join();
      if (*came) {
        values.push_back((*came)->value);
      } else {
        CHECK(came->error() == std::errc::operation_canceled);
        ++stopped;
      }
    }
    while (values.size() < 60) {
      const auto came = co_await signals.next();
      values.push_back(came->value);
    }
    for (int i = 0; i < 60; ++i) CHECK(values[static_cast<std::size_t>(i)] == i);
    CHECK(stopped > 0);
  });
}

TEST_CASE("a stream of signals is closed while it waits, and another has them then") {
  in_runtime(reading({SIGUSR1, SIGUSR2}), []() -> lull::task<> {
    auto signals = lull::signal_stream::open({SIGUSR1}).value();
    auto others = lull::signal_stream::open({SIGUSR2}).value();
    std::optional<lull::result<lull::received_signal>> came;
    lull::scope scope;
    scope.spawn(next_into, std::ref(signals), std::ref(came));
    co_await lull::sleep(std::chrono::milliseconds(1));
    send_to_all(SIGUSR2);
    const auto of_other = co_await others.next();
    CHECK(of_other->number == SIGUSR2);
    CHECK(!came);
    const auto closed = co_await signals.close();
    CHECK(closed);
    co_await scope.join();
    CHECK(came->error() == std::errc::operation_canceled);
    CHECK(!signals.is_open());
    send_to_all(SIGUSR1);
    lull::signal_stream none;
    signals = std::move(none);
    signals = lull::signal_stream::open({SIGUSR1}).value();
    const auto kept = co_await signals.next();
    CHECK(kept->number == SIGUSR1);
  });
}

TEST_CASE("a signal that nobody read does not outlive the runtime, which gives the mask back") {
  in_runtime(reading({SIGUSR1}), []() -> lull::task<> {
    send_to_all(SIGUSR1);
    co_return;
  });
  sigset_t after;
  ::pthread_sigmask(SIG_BLOCK, nullptr, &after);
  for (const int number : {SIGUSR1, SIGINT, SIGTERM}) {
    CHECK(sigismember(&after, number) == 0);
  }
}

TEST_CASE("SIGTERM is read by a stream where the runtime leaves it alone") {
  lull::run_options options = reading({SIGTERM});
  options.handle_signals = false;
  in_runtime(options, []() -> lull::task<> {
    auto signals = lull::signal_stream::open({SIGTERM}).value();
    send_to_all(SIGTERM);
    const auto came = co_await signals.next();
    CHECK(came->number == SIGTERM);
  });
}

TEST_CASE("what is no signal, or cannot be read, is refused") {
  in_runtime({}, []() -> lull::task<> {
    for (const int number : {0, -1, 65, SIGKILL, SIGSTOP, SIGRTMIN - 1}) {
      const auto signals = lull::signal_stream::open({number});
      CHECK(signals.error() == std::errc::invalid_argument);
      CHECK_THAT(signals.message(),
                 ContainsSubstring("open signals: ") && ContainsSubstring("SIGKILL"));
    }
    co_return;
  });
  std::string what;
  try {
    in_runtime(reading({SIGKILL}), []() -> lull::task<> { co_return; });
  } catch (const std::system_error& error) {
    what = error.what();
  }
  CHECK_THAT(what, ContainsSubstring("run_options::signals names 9"));
}

TEST_CASE("without a descriptor there is no stream of signals, and they are free for another") {
  in_runtime(reading({SIGUSR1}), []() -> lull::task<> {
    {
      const test::few_descriptors none(0);
      const auto refused = lull::signal_stream::open({SIGUSR1});
      CHECK(refused.error() == std::errc::too_many_files_open);
    }
    const auto made = lull::signal_stream::open({SIGUSR1});
    CHECK(made);
    co_return;
  });
}
