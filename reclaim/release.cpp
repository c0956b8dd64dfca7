// SPDX-License-Identifier: MIT
#include "release.hpp"

#include <algorithm>
#include <new>
#include <utility>

// Releasing what is due: what a quiescent state may spend on it, finding out what is held, and the
// list of that.

namespace lull {

using detail::completed_epoch;
using detail::held_object;
using detail::limbo_size;

// While it lives deleters run, and the participant is the thread's current one.
class participant::releasing {
 public:
  explicit releasing(participant& owner) noexcept : owner_(owner), before_(set_current(&owner)) {
    owner_.releasing_ = true;
  }
  ~releasing() {
    owner_.releasing_ = false;
    set_current(before_);
  }
  releasing(const releasing&) = delete;
  releasing& operator=(const releasing&) = delete;

 private:
  participant& owner_;
  participant* before_;
};

namespace detail {

bool release_sink::keep(const release_kind& kind, void** entry, std::size_t bytes) noexcept {
  if (!limbo_.held.make_room()) return false;
  held_object& one = add(*held_->find(entry[0]), bytes);
  one.kind = &kind;
  if (kind.relocate != nullptr) {
    kind.relocate(entry, one.entry);
  } else {
    std::copy_n(entry, kind.words, one.entry);
  }
  return true;
}

bool release_sink::may_keep(const retirable_base& one) noexcept {
  if (held_ == nullptr || held_->find(linked_queue::kind_of(one).object(one)) == nullptr) {
    return true;
  }
  return limbo_.held.make_room();
}

void release_sink::release(retirable_base& one) noexcept {
  const linked_kind& kind = linked_queue::kind_of(one);
  const held_set::place* found = held_ == nullptr ? nullptr : held_->find(kind.object(one));
  if (found != nullptr) {
    add(*found, kind.bytes).linked = &one;
  } else if (kind.homed && sender_ != nullptr &&
             sender_->send_home(static_cast<homed_base&>(one))) {
    ++sent_objects;
    sent_bytes += kind.bytes;
  } else {
    participant::release_here(one);
  }
}

held_object& release_sink::add(const held_set::place& found, std::size_t bytes) noexcept {
  held_object& one = limbo_.held.add(bytes, ++limbo_.held_stamp);
  one.object = found.object;
  one.cell = found.cell;
  one.several = found.several;
  ++kept_objects;
  kept_bytes += bytes;
  return one;
}

}  // namespace detail

// What this iteration retired, as far as those shortly before it retired as much: so limbo does not
// grow where every iteration retires more than the bound, and a burst is not released in one go.
std::size_t participant::sustained(std::size_t closed) noexcept {
  if (closed == 0) {
    closed_before_ -= closed_before_ / 8;
    return 0;
  }
  return std::min(closed, std::exchange(closed_before_, closed));
}

// As many more as iterations retire; a share of what waits, so that a burst drains; and as much
// again for each step of pressure. Not what bounds nothing: the sum could not be counted.
release_bound participant::widened(release_bound bound, std::size_t closed,
                                   std::size_t waiting) noexcept {
  bound.time = std::max(bound.time, time_span());  // less than none is none
  const std::size_t others = sustained(closed) + waiting / limits::release_share;
  if (bound.objects >= limits::unbounded_release) return bound;
  const std::size_t more = others + bound.objects * domain_.charges_.pressure();
  if (bound.objects != 0 && more >= bound.objects) {
    const auto times = static_cast<std::int64_t>(1 + more / bound.objects);
    const bool fits = bound.time <= nanoseconds::max() / times;
    bound.time = fits ? bound.time * times : nanoseconds::max();
  }
  bound.objects += more;
  return bound;
}

template <class Visit>
void participant::each_limbo(Visit visit) const {
  visit(*limbo_);
  for (detail::limbo* one = adopted_; one != nullptr; one = one->next) visit(*one);
}

std::size_t participant::clear() const noexcept {
  std::size_t all = 0;
  each_limbo([&](const detail::limbo& one) { all += one.clear(); });
  return all;
}

std::size_t participant::unclear() const noexcept {
  std::size_t all = 0;
  each_limbo([&](const detail::limbo& one) { all += one.unclear(); });
  return all;
}

std::size_t participant::held() const noexcept {
  std::size_t all = 0;
  each_limbo([&](const detail::limbo& one) { all += one.held.size(); });
  return all;
}

// A walk that nothing waits for any more (all came to be clear, or went with its limbo) is none.
bool participant::is_gathering() const noexcept {
  return gather_ != nullptr && gather_->is_walking() && unclear() != 0;
}

void participant::release(release_bound bound, std::size_t closed) noexcept {
  const completed_epoch completed = epochs_.look_at_completed();
  limbo_->mark_due(completed);
  if (!completed.held && gather_ != nullptr) forget_walk();  // nothing that is due is held
  if (completed.held || has_more_than_limbo()) {
    for (detail::limbo* one = adopted_; one != nullptr; one = one->next) one->mark_due(completed);
    if (unclear() != 0) gather(completed);
    const std::size_t waiting = clear() + homecoming_count_;
    if (waiting == 0 && held() == 0 && adopted_ == nullptr) return;
    detail::release_budget budget(widened(bound, closed, waiting), waiting, pace_, clock_);
    const releasing here(*this);
    release_all(budget);
    if (outgoing_.to != nullptr) flush_home();
  } else if (const std::size_t waiting = limbo_->clear(); waiting != 0) {
    detail::release_budget budget(widened(bound, closed, waiting), waiting, pace_, clock_);
    const releasing here(*this);
    release_from(*limbo_, budget);
    if (outgoing_.to != nullptr) flush_home();
  }
}

void participant::forget_walk() noexcept {
  gathered_ = false;
  gather_->abandon();
}

// Anything to look at besides this participant's own limbo, when nothing is held.
bool participant::has_more_than_limbo() const noexcept {
  return adopted_ != nullptr || homecoming_count_ != 0 || limbo_->held.size() != 0;
}

// Nothing is left in it, and the homes of what was sent from it have been told.
bool participant::is_done_with(const detail::limbo& one) const noexcept {
  return one.empty() && one.held.size() == 0 && one.sent_want <= epochs_.completed();
}

// What came home goes first every second time, and of the rest what was adopted: so that nothing
// waits for ever, however much there is of the others.
void participant::release_all(detail::release_budget& budget) noexcept {
  const unsigned round = release_rounds_++;
  const bool home_first = round % 2 != 0;
  const bool adopted_first = round / 2 % 2 != 0;
  if (home_first) release_homecoming(budget);
  if (adopted_first) release_adopted(budget);
  release_from(*limbo_, budget);
  if (!adopted_first) release_adopted(budget);
  if (!home_first) release_homecoming(budget);
}

// Of those in which nothing is left but what is held, the first takes over what the others have: so
// it costs little that many have left something.
void participant::release_adopted(detail::release_budget& budget) noexcept {
  detail::limbo* keeper = nullptr;
  for (detail::limbo** link = &adopted_; *link != nullptr;) {
    detail::limbo& one = **link;
    release_from(one, budget);
    const bool only_held = one.empty() && one.sent_want <= epochs_.completed();
    if (only_held && keeper != nullptr) keeper->held.take_all(one.held);
    if (is_done_with(one)) {
      delete std::exchange(*link, one.next);
      continue;
    }
    if (only_held && keeper == nullptr) keeper = &one;
    link = &one.next;
  }
}

void participant::release_from(detail::limbo& from, detail::release_budget& budget) noexcept {
  // Its queues take turns, and what is held: none of that is spent on nothing.
  if (budget.is_over()) return;
  if (from.held.size() != 0) release_dropped(from, budget);
  if (from.clear() == 0 || budget.is_over()) return;
  detail::release_sink sink(from, gathered_ ? &gather_->found() : nullptr, this);
  const limbo_size gone = from.release(budget, sink);
  detail::shown_state& shown = slot_->shown;
  shown.limbo_bytes.subtract(gone.bytes);
  shown.released.add(gone.objects - sink.kept_objects - sink.sent_objects);
  if (sink.kept_objects != 0) {
    shown.held_objects.add(sink.kept_objects);
    shown.held_bytes.add(sink.kept_bytes);
  }
  // What was sent home stays charged until it is released there.
  allowance_.regain(gone.bytes - sink.sent_bytes);
}

// Something is due, and somebody may hold it. A walk over all cells costs what there are cells, so
// it waits until as much is due, or for some quiescent states, or until nothing else is left to do.
// While a set is in use for what is clear, the next walk waits too: it would forget the set.
void participant::gather(completed_epoch completed) noexcept {
  if (!completed.held) return;
  if (gather_ == nullptr) {
    gather_.reset(new (std::nothrow) detail::held_gather(epochs_.slots()));
    if (gather_ == nullptr) return;
  }
  if (!gather_->is_walking()) {
    if (gathered_ && clear() != 0) return;
    gathered_ = false;
    const bool worthwhile = unclear() >= gather_->cells_in_use() || driving_ ||
                            ++gather_waited_ >= limits::gather_patience;
    if (!worthwhile) return;
    gather_waited_ = 0;
    gather_->begin();
    each_limbo([](detail::limbo& one) { one.begin_gather(); });
  }
  if (!gather_->step(limits::gather_cells) || gather_->failed()) return;
  gathered_ = true;
  each_limbo([](detail::limbo& one) { one.end_gather(); });
}

// Looks at some of what was found held: what its cell names no more is released, unless another
// cell named it too and one still does.
void participant::release_dropped(detail::limbo& from, detail::release_budget& budget) noexcept {
  detail::held_list& held = from.held;
  std::size_t looks = held.looks(driving_ ? limits::gather_cells : limits::recheck_objects);
  if (leaving_) looks = held.size();
  detail::held_search dropped;
  for (; looks > 0; --looks) {
    held_object& one = held.next();
    if (!detail::still_held(*one.cell, one.object) && !dropped.add(one)) break;
  }
  dropped.look(epochs_.slots());
  for (const detail::held_search::sought& each : dropped.all()) {
    held_object& one = *each.what;
    if (each.holder != nullptr) {
      one.cell = each.holder;
      continue;
    }
    if (budget.next(1, one.kind) == 0) return;
    release_held(from, held.remove(one));
    if (!budget.spend(1)) return;
  }
}

void participant::release_held(detail::limbo& from, std::unique_ptr<held_object> free) noexcept {
  detail::shown_state& shown = slot_->shown;
  shown.held_objects.subtract(1);
  shown.held_bytes.subtract(free->bytes);
  detail::release_sink sink(from, nullptr, this);
  if (free->kind == nullptr) {
    sink.release(*free->linked);
  } else {
    sink.release(*free->kind, free->entry, 1);
  }
  shown.released.add(1 - sink.sent_objects);
  // In limbo again, at home, which gives back what is charged for it.
  if (sink.sent_objects != 0) allowance_.spend(sink.sent_bytes);
}

}  // namespace lull
