// SPDX-License-Identifier: MIT
// The tasks of a simulation.
#include <cerrno>
#include <utility>

#include "services.hpp"

namespace simulation {
namespace {

using std::chrono::microseconds;

class nothing : public lull::detail::operation<nothing> {
 public:
  static constexpr const char* name = "nothing";

  nothing() noexcept = default;
  void prepare(lull::submission entry) noexcept { entry.nop(); }
  int await_resume() const noexcept { return answer(); }
};

}  // namespace

lull::task<> services::work(worker& me) {
  for (; me.steps > 0; --me.steps) {
    auto step = one_step(me);
    co_await std::move(step);
  }
  if (--alive_ == 0) by.note("all tasks have ended");
}

lull::task<> services::one_step(worker& me) {
  switch (me.random.below(15)) {
    case 0:
    case 1:
      return use_time(me);
    case 2:
    case 3:
    case 4:
      return call_another(me);
    case 5:
    case 6:
      return cancel_some(me);
    case 7:
      return submit_many(me);
    case 10:
      return read_held(me);
    case 8:
      return lock(me);
    case 9:
      return wait_for_grace();
    case 11:
    case 12:
      return wait_for_each_other(me);
    default:
      return read_and_write(me);
  }
}

lull::task<> services::use_time(worker& me) {
  if (me.random.one_in(3)) {
    co_await lull::yield();
    co_return;
  }
  const lull::nanoseconds time = microseconds(me.random.below(3000));
  const lull::time_point from = by.now();
  const bool whole = co_await lull::sleep(time);
  if (!whole) by.fail("a sleep that nobody stopped was cut short");
  // Timers go by the time at which the iteration began.
  if (by.now() + microseconds(500) < from + time) by.fail("a sleep was over early");
  ++done.slept;
}

lull::task<> services::call_another(worker& me) {
  const unsigned to = me.random.below(count_);
  const unsigned number = me.random.below(1000);
  by.note("calls", to, number);
  unsigned got = 0;
  if (me.random.one_in(2)) {
    got = co_await lull::run_on(
        to,
        [this, to](unsigned n) {
          by.step();
          return lull::core::current().index == to ? n + 1 : 0;
        },
        number);
  } else {
    got = co_await lull::run_on(
        to,
        [](unsigned n) -> lull::task<unsigned> {
          co_await lull::yield();
          co_return n + 1;
        },
        number);
  }
  if (got != number + 1 || lull::core::current().index != me.core) by.fail("a call went astray");
  ++done.called;
}

lull::task<> services::cancel_some(worker& me) {
  if (me.random.one_in(2)) {
    const auto limit = microseconds(me.random.below(60));
    auto got = co_await lull::timeout(limit, nothing());
    // What raced is delivered: then it is what the kernel said.
    if (got) {
      const int said = *got;
      if (said != 0 && said != -ECANCELED && said != -EINTR) by.fail("nothing failed");
      ++done.nothing_done;
    } else {
      ++done.timed_out;
    }
    co_return;
  }
  lull::scope some;
  for (unsigned i = 1 + me.random.below(6); i > 0; --i) {
    some.spawn([this]() -> lull::task<> {
      if (co_await lull::sleep(std::chrono::hours(1))) by.fail("an hour went by");
      ++done.cancelled;
    });
    for (unsigned more = me.random.below(4); more > 0; --more) {
      some.spawn([this]() -> lull::task<> {
        co_await nothing();
        ++done.nothing_done;
      });
    }
  }
  if (me.random.one_in(2)) co_await lull::yield();
  some.request_stop();
  co_await some.join();
}

// More than the queue takes; and meanwhile the core has never nothing to do.
lull::task<> services::submit_many(worker& me) {
  lull::scope all;
  unsigned left = 1 + me.random.below(12);
  const unsigned many = left;
  for (unsigned i = 0; i < many; ++i) {
    all.spawn([this, &left]() -> lull::task<> {
      const int said = co_await nothing();
      if (said != 0) by.fail("nothing failed, though nobody stopped it");
      --left;
      ++done.submitted;
    });
  }
  while (left != 0) co_await lull::yield();
  co_await all.join();
}

void services::check(const shared_object& one, const char* how) {
  ++done.read;
  if (one.released) by.fail(std::string("an object was released while it was read ") + how);
}

lull::task<> services::read_and_write(worker& me) {
  for (unsigned i = me.random.below(4); i > 0; --i) {
    const shared_object& one = *table_[me.random.below(cells)].load(std::memory_order_acquire);
    by.step();  // in the middle of an iteration
    check(one, "in an iteration");
  }
  for (unsigned i = me.random.below(3); i > 0; --i) {
    shared_object* const old =
        table_[me.random.below(cells)].exchange(make(), std::memory_order_acq_rel);
    by.step();
    lull::participant::current()->retire(std::unique_ptr<shared_object, release_shared>(old));
    ++done.retired;
  }
  if (me.random.one_in(2)) {
    homed_.push_back(std::make_unique<homed_object>(*this));
    homed_object* const old = homed_table_[me.random.below(cells)].exchange(
        homed_.back().get(), std::memory_order_acq_rel);
    if (old != nullptr) {
      lull::participant::current()->retire(old);
      ++done.retired;
      ++done.homed;
    }
  }
  co_await lull::yield();
}

lull::task<> services::read_held(worker& me) {
  const bool all = me.random.one_in(2);
  std::optional<lull::pin> pinned;
  if (all) pinned.emplace();
  const lull::ref<const shared_object> found(
      table_[me.random.below(cells)].load(std::memory_order_acquire));
  const shared_object& one = *found;
  std::optional<lull::hold<const shared_object>> held;
  if (!all) held.emplace(found);
  for (unsigned i = 1 + me.random.below(3); i > 0; --i) {
    if (me.random.one_in(2)) {
      co_await lull::yield();
    } else {
      co_await lull::sleep(microseconds(me.random.below(400)));
    }
    check(one, all ? "under a pin" : "under a hold");
  }
  ++(all ? done.pinned : done.held);
}

lull::task<> services::lock(worker& me) {
  auto lock = co_await mutexes_[me.core]->lock();
  if (!lock || inside_[me.core]++ != 0) by.fail("two tasks have one mutex");
  co_await lull::sleep(microseconds(me.random.below(100)));
  --inside_[me.core];
  ++done.locked;
}

lull::task<> services::wait_for_grace() {
  shared_object* const one = make();
  (void)co_await lull::grace_period();
  by.note("grace period");
  ++done.graces;
  one->released = true;  // nobody has ever seen it
}

lull::task<> services::send_all() {
  for (unsigned i = 0; i < values_sent; ++i) {
    if (!co_await channel_.send(i)) by.fail("an open channel took nothing");
    ++done.sent;
  }
  channel_.close();
  --alive_;
}

lull::task<> services::receive_all() {
  for (;;) {
    const std::optional<unsigned> got = co_await channel_.receive();
    if (!got) break;
    if (*got != done.received) by.fail("values came in another order");
    ++done.received;
  }
  if (done.received != values_sent) by.fail("values are lost");
  --alive_;
}

}  // namespace simulation
