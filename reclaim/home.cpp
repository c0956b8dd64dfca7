// SPDX-License-Identifier: MIT
#include "home.hpp"

#include <utility>

#include "participant.hpp"

namespace lull {

namespace detail {

homed_base::homed_base() noexcept {
  const participant* maker = participant::current();
  if (maker == nullptr) return;
  home = maker->slot_;
  incarnation = home->incarnation.load(relaxed);
  domain = maker->domain_.number_;
}

}  // namespace detail

void participant::release_here(detail::retirable_base& one) noexcept {
  const detail::linked_kind& kind = *std::exchange(one.kind, nullptr);
  kind.release(one);
}

// False: it is at home here, or nowhere.
bool participant::send_home(detail::homed_base& one) noexcept {
  if (one.home == nullptr || one.home == slot_ || one.domain != domain_.number_) return false;
  if (one.home->incarnation.load(detail::relaxed) != one.incarnation) return false;
  if (outgoing_.to != one.home || outgoing_.incarnation != one.incarnation) {
    if (outgoing_.to != nullptr) flush_home();
    outgoing_ = {one.home, one.incarnation};
  }
  one.debt = &slot_->debts.released[slot_->debts.phase];
  one.incarnation = slot_->debts.owner;  // whose debt it is
  one.next = std::exchange(outgoing_.first, &one);
  if (outgoing_.last == nullptr) outgoing_.last = &one;
  ++outgoing_.objects;
  outgoing_.bytes += one.kind->bytes;
  return true;
}

void participant::flush_home() noexcept {
  const detail::home_chain chain = std::exchange(outgoing_, {});
  detail::slot& home = *chain.to;
  detail::home_debts& debts = slot_->debts;
  if (!home.homecoming.push(*chain.first, *chain.last, chain.incarnation)) {
    // It has left meanwhile.
    for (detail::retirable_base* next = chain.first; next != nullptr;) {
      auto& one = static_cast<detail::homed_base&>(*std::exchange(next, next->next));
      one.incarnation = chain.incarnation;  // its deleter may keep it
      release_here(one);
    }
    slot_->shown.released.add(chain.objects);
    allowance_.regain(chain.bytes);
    return;
  }
  debts.sent[debts.phase] += static_cast<std::uint32_t>(chain.objects);
  slot_->shown.sent_home.add(chain.objects);
  // order(home_push): after the push a fence, and the epoch is made to move past what is read then:
  // the home looks after it has announced that, or when it comes online. One who leaves before has
  // that in its limbo, for whoever adopts it. A home that is offline already, and could sleep for
  // long, is woken.
  limbo_->sent_want = epochs_.close_batch() + 1;
  want_ = std::max(want_, limbo_->sent_want);
  work_ = true;
  if (domain_.options_.wake != nullptr && home.announced.load(detail::relaxed) == 0) {
    domain_.options_.wake(domain_.options_.wake_context, home.shown.label.load(detail::relaxed));
  }
}

void participant::take_homecoming(detail::retirable_base* all) noexcept {
  detail::limbo_size more;
  while (all != nullptr) {
    detail::retirable_base& one = *std::exchange(all, all->next);
    more += {1, one.kind->bytes};
    homecoming_.push(one);
  }
  homecoming_count_ += more.objects;
  slot_->shown.came_home.add(more.objects);
  note_limbo(more.bytes);
  work_ = true;
}

void participant::release_homecoming(detail::release_budget& budget) noexcept {
  while (homecoming_count_ != 0) {
    std::size_t left = budget.next(homecoming_count_, &homecoming_);
    if (left == 0) return;
    const std::size_t count = left;
    detail::limbo_size gone;
    while (left != 0) {
      // Those of one sender come together, and are told to it together.
      detail::atomic<std::uint64_t>* debt = nullptr;
      std::uint32_t owner = 0;
      std::size_t paid = 0;
      for (; left != 0; --left, ++paid) {
        auto& one = static_cast<detail::homed_base&>(homecoming_.front());
        if (debt != nullptr && (one.debt != debt || one.incarnation != owner)) break;
        debt = one.debt;
        owner = std::exchange(one.incarnation, slot_->debts.owner);  // its deleter may keep it
        homecoming_.pop();
        --homecoming_count_;
        gone += {1, one.kind->bytes};
        release_here(one);
      }
      detail::home_debts::pay(*debt, owner, paid);
    }
    slot_->shown.released.add(gone.objects);
    slot_->shown.limbo_bytes.subtract(gone.bytes);
    allowance_.regain(gone.bytes);
    if (!budget.spend(count)) return;
  }
}

}  // namespace lull
