// SPDX-License-Identifier: MIT
#include "slots.hpp"

#include <memory>

namespace lull::detail {

slot_list::~slot_list() {
  // Nobody is left, so relaxed loads see the whole list.
  slot* at = first_.next.load(relaxed);
  while (at != nullptr) {
    std::unique_ptr<slot> owner(at);
    at = at->next.load(relaxed);
  }
}

bool slot_list::take(slot& candidate) noexcept {
  if (candidate.owned.load(relaxed)) return false;
  bool expected = false;
  // order(join_slot): acquire, pairs with the release in leave, order(leave_slot). Without it the
  // newcomer's first announcement could be seen while the leaver's last reads are not over.
  return candidate.owned.compare_exchange_strong(expected, true, acquire, relaxed);
}

slot& slot_list::join() {
  slot* at = &first_;
  std::unique_ptr<slot> fresh;
  while (true) {
    if (take(*at)) return *at;
    // order(append_slot): acquire, pairs with the release below: the slot is read after it was
    // made.
    slot* next = at->next.load(acquire);
    if (next == nullptr) {
      if (fresh == nullptr) {
        fresh = std::make_unique<slot>();
        fresh->owned.store(true, relaxed);
      }
      // order(append_slot): release, pairs with the acquire of every walk over `next`; acquire when
      // somebody else was faster, for then it is that slot which is looked at next.
      if (at->next.compare_exchange_strong(next, fresh.get(), release, acquire)) {
        return *fresh.release();
      }
    }
    at = next;
  }
}

void slot_list::leave(slot& mine) noexcept {
  // order(leave_slot): release, pairs with the acquire in take (join_slot). Without it a walk that
  // reads the newcomer's announcement would not be ordered after the last reads of the one who
  // left.
  mine.owned.store(false, release);
}

std::size_t slot_list::owned() const noexcept {
  std::size_t count = 0;
  // order(leave_slot): acquire, pairs with the release in leave: who finds nobody there may free
  // what they used.
  for_each([&](const slot& one) { count += one.owned.load(acquire) ? 1 : 0; });
  return count;
}

std::size_t slot_list::size() const noexcept {
  std::size_t count = 0;
  for_each([&](const slot&) { ++count; });
  return count;
}

}  // namespace lull::detail
