// SPDX-License-Identifier: MIT
#include "core.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace lull {
namespace {

// Between two looks at the clock while coroutines run, at most: fewer where they take long.
constexpr unsigned resumes_per_clock_read = 32;

// Calls of should_yield() between two looks at the clock, at most.
constexpr unsigned most_asks_per_look = 64;

// A core with limbo left never sleeps longer than this at a time; doubling up to the second.
constexpr nanoseconds shortest_nap = std::chrono::milliseconds(1);
constexpr nanoseconds longest_nap = std::chrono::milliseconds(8);

// Quiescent states that follow each other within this time are one, while something is in limbo.
constexpr nanoseconds merged_states = std::chrono::microseconds(1);

inline void relax_processor() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

void detail::no_core(const char* what) noexcept {
  stop(__FILE__, __LINE__,
       "%s was called on a thread that is no core; call it inside lull::run, or reach a core with "
       "run_on",
       what);
}

core& core::current() noexcept {
  return static_cast<core&>(detail::this_context("core::current()"));
}

core::core(unsigned core_index, domain& shared, const core_options& options, kernel& through)
    : core_context(options.groups),
      options_(options),
      participant_(shared),
      kernel_(through),
      ring_(options.ring, through),
      events_(*this),
      resumes_until_look_(resumes_per_clock_read) {
  LULL_ASSERT(
      options_.resumes_per_iteration != 0,
      "core_options::resumes_per_iteration is 0, so no task would ever run; give at least 1 "
      "(256 if in doubt)");
  index = core_index;
  core_context::ring = &ring_;
  participant_.set_context(static_cast<detail::core_context*>(this));
  participant_.use_clock(options_.clock);
  participant_.set_label(index);
  // A driver that sets the time counts iterations: then each of them counts.
  if (options_.clock.state == nullptr) participant_.merge_within(merged_states);
  now = options_.clock.now();
  counters_.wakes.set(time_point::max());
  if (index == 0) connect({this});
  events_.open();
}

core::~core() {
  const inside here(*this);
  LULL_ASSERT(ready.empty(), "core %u was destroyed with coroutines that can run", index);
  LULL_ASSERT(undelivered_ == nullptr && inbox_.empty(),
              "core %u was destroyed with messages in its inbox", index);
  if (events_.armed) wind_up();
}

void core::iterate(when_idle idle) noexcept {
  const inside here(*this);
  now = iteration_began_ = options_.clock.now();
  counters_.began.set(now);
  run_ready();
  take_inbox();
  expire_timers();
  participant_.quiescent();
  enter_ring(idle);
  counters_.iterations.add(1);
}

void core::serve() noexcept {
  while (!finished_) iterate();
  if (ring_.unread() == 0) return;
  // Refused, or a submission thread has not come to it: a wake-up among it would be sent to a core
  // that has gone by then. One that fails is made up for in the last iteration.
  while (ring_.unread() != 0) iterate();
  iterate();
}

inline void core::resume(const detail::ready_node& next) noexcept {
  participant_.note_resumption();
  participant_.running = next.state == nullptr ? nullptr : next.state->record();
  refusals = 0;
  asks_left = 1;
  next.coroutine.resume();
}

void core::run_ready() noexcept {
  const unsigned most = options_.resumes_per_iteration;
  const bool shared = ready.groups() > 1;
  // While timers wait for their turn, it comes sooner.
  const nanoseconds most_time =
      timers.behind() ? options_.time_per_iteration / 4 : options_.time_per_iteration;
  unsigned resumed = 0;
  time_point charged = iteration_began_;
  time_point looked = iteration_began_;
  while (!ready.empty() && resumed < most) {
    detail::run_queue::group& turn = ready.next();
    const unsigned stop = std::min(most, resumed + resumes_until_look_);
    while (!turn.ready.empty() && resumed < stop) {
      ++resumed;
      resume(turn.ready.pop());
    }
    // A single group has run dry: nothing to time.
    if (!shared && turn.ready.empty()) break;
    const time_point time = now = options_.clock.now();
    if (shared) charge(turn, time - std::exchange(charged, time));
    note_pace(time - std::exchange(looked, time));
    if (participant_.should_yield() || time - iteration_began_ > most_time) break;
  }
  participant_.running = nullptr;
  if (resumed != 0) counters_.resumes.add(resumed);
}

// What ran since the last look may be what runs until the next.
void core::note_pace(nanoseconds took) noexcept {
  if (took > options_.time_per_iteration / 4) {
    resumes_until_look_ = std::max(1U, resumes_until_look_ / 4);
  } else if (took < options_.time_per_iteration / 16) {
    resumes_until_look_ = std::min(resumes_per_clock_read, resumes_until_look_ * 2);
  }
}

bool core::budget_is_spent() noexcept {
  const time_point time = options_.clock.now();
  const bool over =
      time - iteration_began_ > options_.time_per_iteration || participant_.should_yield();
  // A look now and then: for what takes long each time, for what takes a moment every 64th.
  const nanoseconds since = time - std::exchange(looked_at_budget_, time);
  const bool slow = over || since > options_.time_per_iteration / 16;
  asks_until_look_ = slow ? 1 : std::min(most_asks_per_look, asks_until_look_ * 2);
  asks_left = asks_until_look_;
  return over;
}

void core::charge(detail::run_queue::group& turn, nanoseconds time) noexcept {
  ready.charge(turn, time);
  counters_.group_time[ready.index_of(turn)].add(static_cast<std::uint64_t>(time.count()));
}

void core::take_inbox() noexcept {
  if (undelivered_ == nullptr && inbox_.empty()) return;
  if (undelivered_ == nullptr) undelivered_ = inbox_.take();
  std::size_t delivered = 0;
  while (undelivered_ != nullptr && delivered < limits::messages_at_a_time) {
    detail::message& one = *undelivered_;
    undelivered_ = one.next;  // it may go once it is delivered
    ++delivered;
    one.deliver(one);
  }
  counters_.messages.add(delivered);
}

void core::expire_timers() noexcept {
  timers.expire(now);
  frame_trim_.look(timers, now);
}

void core::enter_ring(when_idle idle) noexcept {
  flush_outgoing();
  submitters.serve(ring_);
  if (idle == when_idle::come_back || something_to_do()) {
    if (ring_.unsubmitted() != 0 || ring_.flagged()) ring_.submit();
    polled_in_vain_ = false;
  } else if (std::exchange(polled_in_vain_, false) || !poll()) {
    sleep();
  }
  const std::size_t reaped = ring_.reap();
  counters_.completions.add(reaped);
  counters_.enters.set(ring_.statistics().enters);
}

bool core::something_to_do() const noexcept {
  return !ready.empty() || undelivered_ != nullptr || !inbox_.empty() || !submitters.empty() ||
         timers.behind() || finished_;
}

// Looks at memory for a short while; false: go to sleep. Each turn is a quiescent state, and what
// reclamation has to do beyond its share of a busy iteration is done here. What was prepared is
// handed over first; if nothing comes of it, the sleep is left to the next iteration, so that no
// iteration enters the kernel twice (but for what operations on files hand over early).
bool core::poll() noexcept {
  const unsigned windows = options_.poll > nanoseconds::zero() ? poll_policy_.windows() : 0;
  if (windows == 0) return false;
  const bool entered = ring_.unsubmitted() != 0 || ring_.flagged();
  if (entered) ring_.submit();
  if (ring_.has_completions()) return true;
  counters_.polls.add(1);
  time_point time = options_.clock.now();
  const time_point soon = later(time, options_.poll);
  time_point until = later(time, options_.poll * static_cast<double>(windows));
  if (!timers.empty()) until = std::min(until, wakes_for(timers.earliest()));
  bool came = false;
  do {
    came = ring_.has_completions() || ring_.flagged() || !inbox_.empty() || !ready.empty();
    if (came) break;
    participant_.quiescent();
    relax_processor();
    time = options_.clock.now();
  } while (time < until);
  using outcome = detail::poll_policy::came;
  const outcome what = !came ? outcome::never : time < soon ? outcome::soon : outcome::late;
  poll_policy_.record(what, idle_ended_by(), windows);
  if (came) counters_.polls_paid.add(1);
  if (!entered && ring_.flagged()) {  // perhaps only since the last look
    ring_.submit();
    return true;
  }
  polled_in_vain_ = entered && !came;
  return came || entered;
}

// Goes offline and blocks. The flag, the slot and the look at the inbox are paired with a sender's
// push and look at the flag: one full fence, inside offline(), serves both.
void core::sleep() noexcept {
  const bool limbo_left = !participant_.drive();
  // More than one call's share, or what came to its end here made somebody ready: come back.
  if (participant_.has_due() || something_to_do() || !to_flush_.empty()) {
    ring_.submit();
    return;
  }
  const nanoseconds limit = sleep_limit(limbo_left);
  inbox_.fall_asleep();
  // order(sleep): the flag, then the fence in offline(), then the look at the inbox; pairs with the
  // fence in inbox::push. Without it a message can come unseen, and its sender see no sleeper.
  const bool may_block = participant_.offline();  // with pins it stays online, and may all the same
  if (may_block && inbox_.empty() && limit >= nanoseconds::zero()) {
    counters_.sleeps.add(1);
    counters_.began.set(0);
    ring_.wait(limit);
    if (inbox_.was_called() || ring_.has_completions()) poll_policy_.slept_until(idle_ended_by());
  } else {
    ring_.submit();
  }
  inbox_.wake_up();
  if (!participant_.is_online()) participant_.online();
}

time_point core::wakes_for(time_point earliest) const noexcept {
  return later(earliest, std::max<nanoseconds>(options_.timer_slack, nanoseconds::zero()));
}

// How long it may block; zero for ever, negative not at all.
nanoseconds core::sleep_limit(bool limbo_left) noexcept {
  nanoseconds limit = nanoseconds::zero();
  if (limbo_left) {
    limbo_nap_ = std::clamp(limbo_nap_ * 2, shortest_nap, longest_nap);
    limit = limbo_nap_;
  } else {
    limbo_nap_ = nanoseconds::zero();
  }
  time_point latest = time_point::max();
  if (!timers.empty()) {
    const time_point time = options_.clock.now();
    const time_point earliest = timers.earliest();
    if (earliest <= time) return nanoseconds(-1);
    latest = wakes_for(earliest);
    limit = limit == nanoseconds::zero() ? latest - time : std::min(limit, latest - time);
  }
  counters_.wakes.set(latest);
  return limit;
}

void core::wind_up() noexcept {
  const inside here(*this);
  ends = true;
  now = options_.clock.now();
  if (io_hurry != nullptr) io_hurry(*this);
  do {
    take_inbox();  // what others have left with this core
  } while (undelivered_ != nullptr);
  events_.close();
  while (events_.armed || background != 0) {
    now = options_.clock.now();
    expire_timers();
    submitters.serve(ring_);
    ring_.wait(longest_nap);
    ring_.reap();
  }
  if (io_end != nullptr) std::exchange(io_end, nullptr)(*this);
}

}  // namespace lull
