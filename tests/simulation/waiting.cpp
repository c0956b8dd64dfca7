// SPDX-License-Identifier: MIT
// Tasks of a simulation that wait for each other on one core, some of them for a limited time, and
// some below a scope that is asked to stop in the middle.
#include <utility>

#include "services.hpp"

namespace simulation {
namespace {

using std::chrono::microseconds;

}  // namespace

lull::task<> services::wait_for_each_other(worker& me) {
  switch (me.random.below(6)) {
    case 0:
      return share_tokens(me);
    case 1:
      return hand_values_on(me);
    case 2:
      return read_and_write_locked(me);
    case 3:
      return await_condition(me);
    case 4:
      return meet(me);
    default:
      return await_several(me);
  }
}

lull::task<> services::rest(worker& me, unsigned most_us) {
  if (me.random.one_in(2)) {
    co_await lull::yield();
  } else {
    co_await lull::sleep(microseconds(me.random.below(most_us)));
  }
}

lull::task<> services::share_tokens(worker& me) {
  lull::semaphore tokens(2);
  unsigned taken = 0;
  lull::scope all;
  for (unsigned i = 2 + me.random.below(5); i > 0; --i) {
    all.spawn([this, &me, &tokens, &taken]() -> lull::task<> {
      const auto limit = microseconds(me.random.below(200));
      const auto got = co_await lull::timeout(limit, tokens.acquire());
      if (!got.has_value() || !*got) co_return;
      if (++taken > 2) by.fail("a semaphore gave more than it had");
      auto resting = rest(me, 100);
      co_await std::move(resting);
      --taken;
      tokens.release();
    });
  }
  if (me.random.one_in(3)) all.request_stop();
  co_await all.join();
  if (!tokens.try_acquire(2)) by.fail("a semaphore lost a token");
  ++done.met;
}

lull::task<> services::hand_values_on(worker& me) {
  lull::channel<unsigned> values(1 + me.random.below(3));
  unsigned sent = 0;
  unsigned received = 0;
  lull::scope senders;
  lull::scope receivers;
  for (unsigned i = 1 + me.random.below(3); i > 0; --i) {
    senders.spawn([&me, &values, &sent]() -> lull::task<> {
      for (unsigned more = me.random.below(6); more > 0; --more) {
        const auto limit = microseconds(me.random.below(100));
        const auto took = co_await lull::timeout(limit, values.send(more));
        if (took.has_value() && *took) ++sent;
      }
    });
    receivers.spawn([this, &me, &values, &received]() -> lull::task<> {
      while (const std::optional<unsigned> got = co_await values.receive()) {
        ++received;
        auto resting = rest(me, 50);
        co_await std::move(resting);
      }
    });
  }
  if (me.random.one_in(4)) senders.request_stop();
  co_await senders.join();
  values.close();
  co_await receivers.join();
  if (sent != received) by.fail("a channel lost a value, or gave one twice");
  ++done.met;
}

lull::task<> services::read_and_write_locked(worker& me) {
  lull::shared_mutex guard;
  unsigned readers = 0;
  unsigned writers = 0;
  lull::scope all;
  for (unsigned i = 2 + me.random.below(5); i > 0; --i) {
    if (me.random.one_in(3)) {
      all.spawn([&, this]() -> lull::task<> {
        const auto lock = co_await guard.lock();
        if (!lock) co_return;
        if (++writers != 1 || readers != 0) by.fail("a writer is not alone");
        auto resting = rest(me, 60);
        co_await std::move(resting);
        --writers;
      });
    } else {
      all.spawn([&, this]() -> lull::task<> {
        const auto lock = co_await guard.lock_shared();
        if (!lock) co_return;
        ++readers;
        if (writers != 0) by.fail("a reader is beside a writer");
        auto resting = rest(me, 60);
        co_await std::move(resting);
        --readers;
      });
    }
  }
  if (me.random.one_in(3)) {
    co_await lull::yield();
    all.request_stop();
  }
  co_await all.join();
  if (!guard.try_lock()) by.fail("a lock is held by nobody");
  ++done.met;
}

lull::task<> services::await_condition(worker& me) {
  lull::mutex guard;
  lull::condition changed;
  bool set = false;
  lull::scope all;
  for (unsigned i = 1 + me.random.below(4); i > 0; --i) {
    all.spawn([&, this]() -> lull::task<> {
      auto lock = co_await guard.lock();
      while (lock && !set) {
        if (!co_await changed.wait(lock)) break;
      }
      if (lock && !set && !all.stop_requested()) by.fail("a condition woke somebody for nothing");
    });
  }
  auto resting = rest(me, 100);
  co_await std::move(resting);
  if (me.random.one_in(3)) {
    all.request_stop();
  } else {
    const auto lock = co_await guard.lock();
    set = true;
    changed.notify_all();
  }
  co_await all.join();
  if (!guard.try_lock()) by.fail("a mutex is locked by nobody");
  ++done.met;
}

lull::task<> services::meet(worker& me) {
  const unsigned many = 2 + me.random.below(4);
  lull::phase_barrier barrier(many);
  lull::latch all_through(many);
  lull::event begin;
  unsigned arrived = 0;
  lull::scope all;
  for (unsigned i = 0; i < many; ++i) {
    all.spawn([&, this]() -> lull::task<> {
      co_await begin.wait();
      for (unsigned phase = 1; phase <= 3; ++phase) {
        auto resting = rest(me, 40);
        co_await std::move(resting);
        ++arrived;
        if (!co_await barrier.arrive_and_wait()) by.fail("a barrier nobody stopped was left");
        if (arrived < phase * many) by.fail("a barrier let somebody through early");
      }
      all_through.count_down();
    });
  }
  begin.set();
  if (!co_await all_through.wait()) by.fail("a latch nobody stopped was left");
  co_await all.join();
  ++done.met;
}

lull::task<> services::await_several(worker& me) {
  const unsigned to = me.random.below(count_);
  if (me.random.one_in(2)) {
    const auto first = co_await lull::when_any(
        lull::sleep(microseconds(me.random.below(300))), lull::sleep(std::chrono::hours(1)),
        lull::run_on(to, [](unsigned n) -> lull::task<unsigned> { co_return n; }, 3U));
    if (first.index == 1) by.fail("an hour went by");
  } else {
    const auto both = co_await lull::when_all(lull::sleep(microseconds(me.random.below(300))),
                                              lull::run_on(to, [] { return 4; }));
    if (!std::get<0>(both) || std::get<1>(both) != 4) by.fail("one of both did not come");
  }
  ++done.met;
}

}  // namespace simulation
