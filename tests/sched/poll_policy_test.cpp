// SPDX-License-Identifier: MIT
#include <lull/sched/poll_policy.hpp>

#include <cstddef>
#include <initializer_list>
#include <random>

#include <catch2/catch_test_macros.hpp>

using lull::detail::poll_policy;

namespace {

constexpr unsigned patient = 5;

using came = poll_policy::came;
using source = poll_policy::source;

// So many idle moments, in which whatever is polled for comes like that, and which `who` ends where
// it is slept. Gives the windows polled.
unsigned idle_moments(poll_policy& policy, int count, came what, source who = source::core) {
  unsigned polled = 0;
  for (int i = 0; i < count; ++i) {
    const unsigned windows = policy.windows();
    polled += windows;
    if (windows != 0) policy.record(what, who, windows);
    if (windows == 0 || what == came::never) policy.slept_until(who);
  }
  return polled;
}

// The share of idle moments that it polls from, where that share of polls would pay, and these end
// them in turn.
double share_polled(double pays, std::initializer_list<source> in_turn) {
  poll_policy policy;
  for (const source who : in_turn) idle_moments(policy, 100, came::never, who);
  std::minstd_rand random;
  std::bernoulli_distribution something_comes(pays);
  constexpr std::size_t moments = 100'000;
  std::size_t polled = 0;
  for (std::size_t i = 0; i < moments; ++i) {
    const source who = in_turn.begin()[i % in_turn.size()];
    const bool comes = something_comes(random);
    const unsigned windows = policy.windows();
    if (windows != 0) policy.record(comes ? came::soon : came::never, who, windows);
    if (windows == 0 || !comes) policy.slept_until(who);
    polled += windows != 0 ? 1 : 0;
  }
  return static_cast<double>(polled) / static_cast<double>(moments);
}

}  // namespace

TEST_CASE("polling that never pays is given up, but for a try now and then") {
  poll_policy policy;
  idle_moments(policy, 100, came::never);
  const unsigned polled = idle_moments(policy, 3200, came::never);
  CHECK(polled >= 90 * patient);
  CHECK(polled <= 110 * patient);
}

TEST_CASE("a core that gives polling up rests before its first try") {
  for (const source who : {source::core, source::kernel}) {
    poll_policy policy;
    for (int i = 0; i < 1000; ++i) {
      idle_moments(policy, who == source::core ? 1 : 3, came::soon, who);
      idle_moments(policy, 1, came::never, who);
    }
    unsigned in_vain = 0;
    while (policy.windows() == 1) in_vain += idle_moments(policy, 1, came::never, who);
    CHECK(in_vain > 0);
    CHECK(in_vain < 10);
    CHECK(idle_moments(policy, 20, came::never, who) == 0);
  }
}

TEST_CASE("a brief try that had led to polling was made again as soon as that was given up") {
  poll_policy policy;
  idle_moments(policy, 100, came::never, source::kernel);
  while (policy.windows() != 1) policy.slept_until(source::kernel);
  idle_moments(policy, 11, came::soon, source::kernel);  // from the last on it polls
  idle_moments(policy, 3, came::never, source::kernel);
  REQUIRE(policy.windows() == 1);
  unsigned in_vain = 0;
  while (policy.windows() == 1) in_vain += idle_moments(policy, 1, came::never, source::kernel);
  CHECK(in_vain == 1);
}

TEST_CASE("where the kernel ends the sleeps a brief try is made of 128, a patient one of 1,024") {
  poll_policy policy;
  idle_moments(policy, 100, came::never, source::kernel);
  unsigned brief = 0;
  unsigned patiently = 0;
  for (int i = 0; i < 102'400; ++i) {
    const unsigned windows = idle_moments(policy, 1, came::never, source::kernel);
    if (windows == 1) ++brief;
    if (windows == patient) ++patiently;
  }
  CHECK(brief >= 790);
  CHECK(brief <= 810);
  CHECK(patiently >= 95);
  CHECK(patiently <= 105);
}

TEST_CASE("a brief try that pays goes on briefly, until it polls or one is in vain") {
  poll_policy policy;
  idle_moments(policy, 100, came::never, source::kernel);
  while (policy.windows() != 1) policy.slept_until(source::kernel);
  policy.record(came::soon, source::kernel, 1);
  REQUIRE(policy.windows() == 1);
  policy.record(came::never, source::kernel, 1);
  REQUIRE(policy.windows() == 0);
  while (policy.windows() != 1) policy.slept_until(source::kernel);
  CHECK(idle_moments(policy, 1000, came::soon, source::kernel) == 1000);
  // From there on one that is in vain ends nothing.
  policy.record(came::never, source::kernel, 1);
  CHECK(policy.windows() == 1);
}

TEST_CASE("a core that only timers woke polled in vain, a patient try for every 32 sleeps") {
  poll_policy policy;
  idle_moments(policy, 100, came::never);
  unsigned polled = 0;
  const auto until_time = [&](int count) {
    for (int i = 0; i < count; ++i) {
      const unsigned windows = policy.windows();
      polled += windows;
      if (windows != 0) policy.record(came::never, source::kernel, windows);
    }
  };
  until_time(3200);
  CHECK(polled <= patient);
  // What somebody ended counts as before, whatever timers do in between.
  polled = 0;
  for (int i = 0; i < 3200; ++i) {
    polled += idle_moments(policy, 1, came::never);
    until_time(1);
  }
  CHECK(polled >= 90 * patient);
  CHECK(polled <= 110 * patient);
}

TEST_CASE("polling comes back when it pays again, and is brief then") {
  poll_policy policy;
  idle_moments(policy, 100, came::never);
  const unsigned polled = idle_moments(policy, 1000, came::soon);
  CHECK(polled > 900);
  CHECK(polled < 1000 + 5 * patient);
}

TEST_CASE("half of the idle moments or more are polled from where some half of the polls pay") {
  CHECK(share_polled(0.25, {source::core}) < 0.1);
  CHECK(share_polled(0.4, {source::core}) < 0.2);
  CHECK(share_polled(0.6, {source::core}) > 0.7);
  CHECK(share_polled(0.7, {source::core}) > 0.95);
}

TEST_CASE("a core polled for what comes by chance from the kernel, where a sleep costs less") {
  CHECK(share_polled(0.5, {source::kernel}) < 0.03);
  CHECK(share_polled(0.7, {source::kernel}) < 0.12);
  CHECK(share_polled(0.95, {source::kernel}) > 0.95);
}

TEST_CASE("where cores end as many idle moments as the kernel a share in between has to pay") {
  CHECK(share_polled(0.4, {source::core, source::kernel}) < 0.1);
  CHECK(share_polled(0.85, {source::core, source::kernel}) > 0.95);
}

TEST_CASE("after tries that pay six in a row are enough to poll briefly") {
  poll_policy policy;
  idle_moments(policy, 10'000, came::never);
  while (policy.windows() == 0) policy.slept_until(source::core);
  int paid = 0;
  for (unsigned windows = patient; windows != 1; windows = policy.windows(), ++paid) {
    REQUIRE(windows == patient);
    REQUIRE(paid < 100);
    policy.record(came::soon, source::core, windows);
  }
  CHECK(paid == 6);
}

TEST_CASE("patience that pays goes on, and ends when the other side never polls") {
  poll_policy policy;
  idle_moments(policy, 100, came::never);
  while (policy.windows() == 0) policy.slept_until(source::core);
  policy.record(came::late, source::core, patient);
  CHECK(idle_moments(policy, 20, came::late) == 20 * patient);
  // In the long run it is a few of a hundred idle moments.
  CHECK(idle_moments(policy, 100'000, came::late) < 100'000 * patient / 20);
}

TEST_CASE("two cores that had both stopped to poll never began again") {
  // Each answers what the other has sent. Who finds the other asleep hears from it only when that
  // has woken up, so a brief poll has ended by then.
  poll_policy one;
  poll_policy other;
  idle_moments(one, 100, came::never);
  idle_moments(other, 100, came::never);
  bool one_awake = false;
  int calls = 0;
  for (int brief_in_a_row = 0; brief_in_a_row < 10; ++calls) {
    REQUIRE(calls < 20'000);
    // The other waits for a call: it comes at once from a core that was awake for the last answer.
    const unsigned waits = other.windows();
    const bool reached = one_awake && waits != 0;
    if (waits != 0) {
      other.record(one_awake   ? came::soon
                   : waits > 1 ? came::late
                               : came::never,
                   source::core, waits);
    }
    if (waits <= 1 && !reached) other.slept_until(source::core);
    const bool other_awake = reached || (waits > 1 && !one_awake);
    // And this one for the answer.
    const unsigned looks = one.windows();
    if (looks != 0) {
      one.record(other_awake ? came::soon
                 : looks > 1 ? came::late
                             : came::never,
                 source::core, looks);
    }
    if (looks <= 1 && !(looks == 1 && other_awake)) one.slept_until(source::core);
    one_awake = looks > 1 || (looks == 1 && other_awake);
    brief_in_a_row = looks == 1 && waits == 1 && one_awake && other_awake ? brief_in_a_row + 1 : 0;
  }
}
