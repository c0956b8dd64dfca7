// SPDX-License-Identifier: MIT
#include <lull/sched/poll_policy.hpp>

#include <random>

#include <catch2/catch_test_macros.hpp>

using lull::detail::poll_policy;

namespace {

constexpr unsigned patient = 5;

// So many idle moments, in which whatever is polled for comes like that. Gives the windows polled.
unsigned idle_moments(poll_policy& policy, int count, poll_policy::came what) {
  unsigned polled = 0;
  for (int i = 0; i < count; ++i) {
    const unsigned windows = policy.windows();
    polled += windows;
    if (windows != 0) policy.record(what);
  }
  return polled;
}

}  // namespace

TEST_CASE("polling that never pays is given up, but for a try now and then") {
  poll_policy policy;
  idle_moments(policy, 100, poll_policy::came::never);
  const unsigned polled = idle_moments(policy, 3200, poll_policy::came::never);
  CHECK(polled >= 90 * patient);
  CHECK(polled <= 110 * patient);
}

TEST_CASE("a core that only timers woke polled in vain, a patient try for every 32 sleeps") {
  poll_policy policy;
  idle_moments(policy, 100, poll_policy::came::never);
  unsigned polled = 0;
  for (int i = 0; i < 3200; ++i) {
    polled += idle_moments(policy, 1, poll_policy::came::never);
    policy.slept_until_time();
  }
  CHECK(polled <= patient);
  // What somebody ended counts as before, whatever timers do in between.
  polled = 0;
  for (int i = 0; i < 3200; ++i) {
    polled += idle_moments(policy, 1, poll_policy::came::never);
    polled += idle_moments(policy, 1, poll_policy::came::never);
    policy.slept_until_time();
  }
  CHECK(polled >= 90 * patient);
}

TEST_CASE("polling comes back when it pays again, and is brief then") {
  poll_policy policy;
  idle_moments(policy, 100, poll_policy::came::never);
  const unsigned polled = idle_moments(policy, 1000, poll_policy::came::soon);
  CHECK(polled > 900);
  CHECK(polled < 1000 + 5 * patient);
}

TEST_CASE("half of the idle moments or more are polled from where some half of the polls pay") {
  const auto share_polled = [](double pays) {
    poll_policy policy;
    std::minstd_rand random;
    std::bernoulli_distribution something_comes(pays);
    constexpr int moments = 100'000;
    int polled = 0;
    for (int i = 0; i < moments; ++i) {
      if (policy.windows() == 0) continue;
      ++polled;
      policy.record(something_comes(random) ? poll_policy::came::soon : poll_policy::came::never);
    }
    return static_cast<double>(polled) / moments;
  };
  CHECK(share_polled(0.25) < 0.1);
  CHECK(share_polled(0.4) < 0.2);
  CHECK(share_polled(0.6) > 0.7);
  CHECK(share_polled(0.7) > 0.95);
}

TEST_CASE("after tries that pay six in a row are enough to poll briefly") {
  poll_policy policy;
  idle_moments(policy, 10'000, poll_policy::came::never);
  while (policy.windows() == 0) continue;
  int paid = 0;
  for (unsigned windows = patient; windows != 1; windows = policy.windows(), ++paid) {
    REQUIRE(windows == patient);
    REQUIRE(paid < 100);
    policy.record(poll_policy::came::soon);
  }
  CHECK(paid == 6);
}

TEST_CASE("patience that pays goes on, and ends when the other side never polls") {
  poll_policy policy;
  idle_moments(policy, 100, poll_policy::came::never);
  while (policy.windows() == 0) continue;
  policy.record(poll_policy::came::late);
  CHECK(idle_moments(policy, 20, poll_policy::came::late) == 20 * patient);
  // In the long run it is a few of a hundred idle moments.
  CHECK(idle_moments(policy, 100'000, poll_policy::came::late) < 100'000 * patient / 20);
}

TEST_CASE("two cores that had both stopped to poll never began again") {
  // Each answers what the other has sent. Who finds the other asleep hears from it only when that
  // has woken up, so a brief poll has ended by then.
  poll_policy one;
  poll_policy other;
  idle_moments(one, 100, poll_policy::came::never);
  idle_moments(other, 100, poll_policy::came::never);
  bool one_awake = false;
  int calls = 0;
  for (int brief_in_a_row = 0; brief_in_a_row < 10; ++calls) {
    REQUIRE(calls < 20'000);
    // The other waits for a call: it comes at once from a core that was awake for the last answer.
    const unsigned waits = other.windows();
    const bool reached = one_awake && waits != 0;
    if (waits != 0) {
      other.record(one_awake   ? poll_policy::came::soon
                   : waits > 1 ? poll_policy::came::late
                               : poll_policy::came::never);
    }
    const bool other_awake = reached || (waits > 1 && !one_awake);
    // And this one for the answer.
    const unsigned looks = one.windows();
    if (looks != 0) {
      one.record(other_awake ? poll_policy::came::soon
                 : looks > 1 ? poll_policy::came::late
                             : poll_policy::came::never);
    }
    one_awake = looks > 1 || (looks == 1 && other_awake);
    brief_in_a_row = looks == 1 && waits == 1 && one_awake && other_awake ? brief_in_a_row + 1 : 0;
  }
}
