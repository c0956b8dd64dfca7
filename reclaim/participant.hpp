// SPDX-License-Identifier: MIT
#pragma once

// A thread's membership in a domain: it announces quiescent states, retires what it has unlinked
// and releases it after a grace period. All functions are for the thread that made it, unless they
// say otherwise; joining and leaving never wait for others. An unchanged quiescent state costs two
// loads and two compares, a retire a compare and a store into memory of its own. Nothing here
// blocks but synchronize() and barrier(), and nothing is released but in quiescent(), drive(),
// those two and the destructor.
//
// Between two quiescent states a participant is online: what it reads from shared structures stays.
// At quiescent() it must hold no reference to shared objects, but by a pin or a hold (pin.hpp,
// hold.hpp); before it blocks it goes offline.
//
// Deleters are noexcept, in no promised order, run on the retiring participant's thread while it is
// online and current, and may retire again (without memory for that the program ends, as they are
// noexcept: reserve() first). They must not call quiescent(), drive(), online() or offline().

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

#include "../base/assert.hpp"
#include "../base/clock.hpp"
#include "budget.hpp"
#include "current_participant.hpp"
#include "domain.hpp"
#include "held.hpp"
#include "limbo.hpp"
#include "release_budget.hpp"
#include "retiring.hpp"
#include "statistics.hpp"
#include "waiter.hpp"

namespace lull {

class pin;
template <class T>
class hold;

namespace detail {

class release_sink;

}  // namespace detail

// A point in a domain's time, for elapsed().
enum class grace_ticket : std::uint64_t {};

class participant : public detail::retiring {
 public:
  // Joins and comes online; becomes the thread's current participant when there is none. Throws
  // std::bad_alloc with nothing changed. A walk over the slots.
  explicit participant(domain& joined);

  // Leaves, without pins and holds. What is due is released here; the rest is left to a participant
  // that is online, and when there is none, is brought to its end here. Does not wait for anybody.
  ~participant();

  participant(const participant&) = delete;
  participant& operator=(const participant&) = delete;

  // A quiescent state: announces the epoch, closes the batch of retires since the last one, helps
  // the epoch on when something waits for it, and releases what is due within the bound.
  void quiescent() noexcept {
    check_thread("quiescent()");
    note_resumption();
    if (epochs_.epoch() == seen_ && !work_) return;
    if (merge_left_ != 0 && work_) {
      --merge_left_;
      return;
    }
    turn(release_bound{}, "quiescent()");
  }
  void quiescent(release_bound bound) noexcept;

  // Lets quiescent() pass at once, at most limits::most_merged times in a row, while the last one
  // that did not is less than `span` ago by the pace so far. For short loops. At first: never.
  void merge_within(nanoseconds span) noexcept {
    merge_span_ = std::max(span, nanoseconds::zero());
  }

  // Before sleeping: announces, advances and releases. True when nothing is left in limbo; false
  // when something stands in the way (an online participant, a hold: sleep, but not unbounded), or,
  // with has_due(), when this call has done its share and there is more to release at once.
  bool drive() noexcept;

  // Goes offline: nobody waits for this participant until online(). One store and one full fence,
  // which serves the caller too: what it stored before the call is ordered before what it loads
  // after it (an asleep flag, and then the inbox). Closes the batch. With pins it stays online, but
  // the fence serves all the same. False: others left something behind, which this participant has
  // adopted, online: it has something to drive before it sleeps.
  bool offline() noexcept;

  // Comes online again, with the epoch as it is now. A store and a full fence, at most twice.
  void online() noexcept;
  bool is_online() const noexcept { return announced_ != 0; }
  bool belongs_to(const domain& one) const noexcept { return &domain_ == &one; }

  // Whether there is anything left to drive for: retired or adopted objects that are not released,
  // somebody who waits; and whether something can be released at once.
  bool has_limbo() const noexcept { return work_; }
  bool has_due() const noexcept;

  // Somebody waits for this participant, which is online, to come to its next quiescent state, and
  // limbo is past its soft budget. Two loads.
  bool should_yield() const noexcept { return slot_->yield_asked.load(detail::relaxed) > seen_; }

  // A point in time, and whether a grace period has passed since. Who takes a ticket sees to it
  // that the epoch moves, at its quiescent states. A fence and a load; a load.
  grace_ticket ticket() noexcept;
  bool elapsed(grace_ticket since) const noexcept {
    return epochs_.completed() > static_cast<detail::epoch_number>(since);
  }

  // For threads without a scheduler: blocks, offline, until a full grace period has passed; or
  // until all that this participant has retired is released, held and sent home included (deleters
  // run here). Helps the epoch on by itself. Without pins, and not on a core.
  void synchronize() noexcept;
  void barrier() noexcept;

  // Whether so many bytes may go into limbo now, under the domain's hard budget. A yes is good
  // until the next quiescent state. Nobody overtakes who waits for the same.
  [[nodiscard]] bool try_admit(std::size_t bytes) noexcept;

  // For one who waited for that, and comes to it: what was kept for him is as from try_admit() now.
  void take_up_admission(std::size_t bytes) noexcept;

  // Waiting without blocking: `ready` is called in a quiescent state. See waiter.hpp.
  void await_grace(detail::grace_waiter& who) noexcept;
  void await_barrier(detail::barrier_waiter& who) noexcept;
  void await_admission(detail::admission_waiter& who, std::size_t bytes) noexcept;

  // Any thread, while this participant exists.
  participant_statistics statistics() const noexcept;

  // The clock that bounds the time of releases; a driver may set its own.
  void use_clock(time_source clock) noexcept { clock_ = clock; }

  // How reports call this participant: a core's index. 0 at first.
  void set_label(std::uint32_t label) noexcept { slot_->shown.label.store(label, detail::relaxed); }
  // Names it to domain::report_stall and in reports; good for as long as the domain lives.
  void* place() const noexcept { return slot_; }

  // The thread's, or null. A driver of several switches, to one that lives, and is given the one
  // before. Who releases is current for its deleters, which do not end the one before.
  static participant* current() noexcept { return detail::current_participant; }
  static participant* set_current(participant* now) noexcept {
    detail::current_context = now == nullptr ? nullptr : now->context_;
    return std::exchange(detail::current_participant, now);
  }

  // What a ref is stamped with, in checked builds: quiescent states, and resumptions by a driver of
  // coroutines. Does nothing elsewhere.
  void note_resumption() noexcept {
#ifdef LULL_CHECKED
    ++resumptions_;
#endif
  }
  std::uint64_t resumptions() const noexcept { return resumptions_; }

  // For whoever drives this participant; not used here, but that who has one must not block.
  void set_context(void* context) noexcept;
  // The task that runs, whatever that is to the driver, or null: a pin notes who took it.
  const void* running = nullptr;
  // Where `task` took a pin at `since` or later that it still has; null: nowhere.
  const std::source_location* pinned_by(const void* task, time_point since) noexcept;

 private:
  friend class pin;
  template <class T>
  friend class hold;
  friend class detail::release_sink;
  friend class detail::retiring;
  friend class detail::homed_base;

  void check_thread([[maybe_unused]] const char* call) const noexcept {
    LULL_DEBUG_ASSERT(owner_ == &detail::current_participant,
                      "%s was called on another thread than the one that joined: each thread "
                      "joins with a participant of its own",
                      call);
  }
  void check_retire() const noexcept;
  void check_turn(const char* call) const noexcept;
  void check_blocking(const char* call) const noexcept;

  // turn.cpp: one quiescent state.
  detail::advance_outcome turn(release_bound bound, const char* call) noexcept;
  void see(detail::epoch_number now) noexcept;
  std::size_t close_batch(detail::epoch_number tag) noexcept;
  [[gnu::noinline]] void time_grace() noexcept;
  void look_around() noexcept;
  [[gnu::noinline]] void adopt() noexcept;
  bool has_waiters() const noexcept;
  detail::epoch_number wanted() const noexcept;
  void note_limbo(std::size_t bytes) noexcept;
  void find_work() noexcept;
  [[gnu::noinline]] void pace_merging() noexcept;
  void note_progress(const detail::advance_result& result) noexcept;

  // stall.cpp: who holds us up.
  [[gnu::noinline]] void watch_stall(detail::slot& in_the_way) noexcept;

  // release.cpp: what is due.
  class releasing;
  void release(release_bound bound, std::size_t closed) noexcept;
  std::size_t sustained(std::size_t closed) noexcept;
  release_bound widened(release_bound bound, std::size_t closed, std::size_t waiting) noexcept;
  [[gnu::noinline]] void release_all(detail::release_budget& budget) noexcept;
  void release_adopted(detail::release_budget& budget) noexcept;
  void release_from(detail::limbo& from, detail::release_budget& budget) noexcept;
  void release_dropped(detail::limbo& from, detail::release_budget& budget) noexcept;
  void release_held(detail::limbo& from, std::unique_ptr<detail::held_object> free) noexcept;
  [[gnu::noinline]] void gather(detail::completed_epoch completed) noexcept;
  void forget_walk() noexcept;
  std::size_t unclear() const noexcept;
  std::size_t clear() const noexcept;
  std::size_t held() const noexcept;
  bool is_gathering() const noexcept;
  bool has_more_than_limbo() const noexcept;
  bool is_done_with(const detail::limbo& one) const noexcept;
  template <class Visit>
  void each_limbo(Visit visit) const;

  // home.cpp: what is released elsewhere.
  bool send_home(detail::homed_base& one) noexcept;
  [[gnu::noinline]] void flush_home() noexcept;
  [[gnu::noinline]] void take_homecoming(detail::retirable_base* all) noexcept;
  void release_homecoming(detail::release_budget& budget) noexcept;
  static void release_here(detail::retirable_base& one) noexcept;

  // await.cpp: who waits.
  [[gnu::noinline]] void serve_waiters() noexcept;
  [[gnu::noinline]] void mark_barriers() noexcept;
  bool is_over(detail::barrier_waiter& who) noexcept;
  void turn_debts() noexcept;
  template <class Done>
  void block_until(Done done) noexcept;

  // leave.cpp
  void check_left_alone() noexcept;
  void leave() noexcept;
  void refuse_homecoming() noexcept;
  detail::epoch_number leave_limbos() noexcept;
  void push_orphan(detail::limbo* one) noexcept;
  bool finish(detail::epoch_number want, bool& asked) noexcept;
  detail::epoch_number take_back() noexcept;

  detail::epoch_state& epochs_;
  detail::epoch_number seen_ = 0;  // the epoch at the last quiescent state
  bool releasing_ = false;         // deleters are running
  bool driving_ = false;           // about to sleep: nothing is put off
  bool leaving_ = false;           // no further quiescent states: nothing is bounded
  std::uint32_t merge_left_ = 0;   // quiescent states that may pass at once
  detail::slot* slot_;
  detail::epoch_number announced_ = 0;  // as in the slot; 0: offline
  detail::epoch_number want_ = 0;       // what tickets and waiters want to be complete
  std::size_t pins_now_ = 0;            // taken since the epoch seen
  std::size_t pins_before_ = 0;         // taken at the epoch before: they hold up the announcement
  detail::limbo* adopted_ = nullptr;    // limbos of participants that left, with their tags
  detail::release_pace pace_;
  unsigned release_rounds_ = 0;    // tells who goes first
  std::size_t closed_before_ = 0;  // objects retired in the last iteration that did
  detail::allowance allowance_;
  std::uint64_t resumptions_ = 0;

  // What came home, past its grace period.
  detail::linked_queue homecoming_;
  std::size_t homecoming_count_ = 0;
  detail::home_chain outgoing_;
  std::uint64_t debt_turns_ = 0;

  std::unique_ptr<detail::held_gather> gather_;
  unsigned gather_waited_ = 0;  // quiescent states since something was due and not clear
  bool gathered_ = false;       // what is clear is to be looked up

  detail::intrusive_list<detail::grace_waiter> grace_waiters_;
  detail::intrusive_list<detail::barrier_waiter> barrier_waiters_;
  detail::intrusive_list<detail::admission_waiter> admission_waiters_;
  detail::intrusive_list<pin> pins_;

  domain& domain_;
  const void* owner_;
  time_source clock_;
  void* context_ = nullptr;
  nanoseconds merge_span_{};
  time_point merge_began_{};
  std::uint32_t merge_most_ = 0;    // what merge_left_ begins with
  std::uint32_t merged_ = 0;        // quiescent states since merge_began_
  detail::epoch_number timed_ = 0;  // the tag of the batch that is timed; 0: none
  time_point timed_since_{};
  unsigned closed_untimed_ = 0;
  unsigned blocked_turns_ = 0;
  const detail::slot* blocked_by_ = nullptr;  // and its epoch, since when: for stall reports
  detail::epoch_number blocked_at_ = 0;
  time_point blocked_since_{};
};

}  // namespace lull
