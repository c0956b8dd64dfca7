// SPDX-License-Identifier: MIT
#include "held.hpp"

#include <algorithm>
#include <functional>
#include <new>
#include <utility>

namespace lull::detail {

bool held_set::add(const void* object, const hold_cell& cell) noexcept {
  if (places_ == nullptr || 2 * (count_ + 1) > mask_ + 1) {
    if (!grow()) return false;
  }
  for (std::size_t i = spread(object);; i = (i + 1) & mask_) {
    place& one = places_[i];
    if (one.object == object) {
      one.several = true;
      return true;
    }
    if (one.object != nullptr) continue;
    one = {object, &cell, false};
    ++count_;
    return true;
  }
}

void held_set::clear() noexcept {
  // A look costs what is found, not what was found once.
  if (mask_ + 1 > smallest && count_ < (mask_ + 1) / 16) {
    places_.reset();
    mask_ = 0;
  } else if (count_ != 0) {
    std::fill_n(places_.get(), mask_ + 1, place{});
  }
  count_ = 0;
}

bool held_set::grow() noexcept {
  const std::size_t size = places_ == nullptr ? smallest : 2 * (mask_ + 1);
  std::unique_ptr<place[]> fresh(new (std::nothrow) place[size]);
  if (fresh == nullptr) return false;
  const std::size_t before = places_ == nullptr ? 0 : mask_ + 1;
  std::swap(fresh, places_);
  mask_ = size - 1;
  for (std::size_t i = 0; i < before; ++i) {
    if (fresh[i].object == nullptr) continue;
    std::size_t to = spread(fresh[i].object);
    while (places_[to].object != nullptr) to = (to + 1) & mask_;
    places_[to] = fresh[i];
  }
  return true;
}

void held_gather::begin() noexcept {
  found_.clear();
  failed_ = false;
  at_ = &slots_.first();
  chunk_ = at_->cells.first();
  index_ = 0;
}

bool held_gather::step(std::size_t cells) noexcept {
  while (at_ != nullptr) {
    if (chunk_ == nullptr) {
      // order(append_slot): acquire, pairs with the release in slot_list::join.
      at_ = at_->next.load(acquire);
      chunk_ = at_ == nullptr ? nullptr : at_->cells.first();
      continue;
    }
    for (; index_ < std::size(chunk_->cells); ++index_, --cells) {
      if (cells == 0) return false;
      const hold_cell& cell = chunk_->cells[index_];
      // order(hold_publish): acquire, pairs with the release in hold_cells::take. order(hold_drop):
      // with that in drop: whoever finds the cell without the object may release it.
      const void* object = cell.object.load(acquire);
      if (object == nullptr || found_.add(object, cell)) continue;
      failed_ = true;
      at_ = nullptr;
      return true;
    }
    // order(hold_chunk): acquire, pairs with the release in hold_cells::grow.
    chunk_ = chunk_->next.load(acquire);
    index_ = 0;
  }
  return true;
}

std::size_t held_gather::cells_in_use() const noexcept {
  std::size_t all = 0;
  slots_.for_each([&](const slot& one) { all += one.cells.in_use().load(relaxed); });
  return all;
}

namespace {

// The object that the cell names: who finds another one there, or none, is after the last use of
// it.
const void* named_by(const hold_cell& cell) noexcept {
  // order(hold_drop): acquire, pairs with the release in hold_cells::drop; order(hold_publish):
  // with that in take, where the cell has gone on to another object.
  return cell.object.load(acquire);
}

}  // namespace

bool still_held(const hold_cell& cell, const void* object) noexcept {
  return named_by(cell) == object;
}

bool held_search::add(held_object& one) noexcept {
  if (count_ == room_) {
    std::unique_ptr<sought[]> fresh(new (std::nothrow) sought[2 * room_]);
    if (fresh == nullptr) return false;
    std::copy_n(all_, count_, fresh.get());
    many_ = std::move(fresh);
    all_ = many_.get();
    room_ *= 2;
  }
  all_[count_] = {&one, nullptr, count_};
  ++count_;
  if (one.several) bits_ |= bit_of(one.object);
  return true;
}

void held_search::look(slot_list& slots) noexcept {
  if (bits_ == 0) return;
  const auto by_object = [](const sought& a, const sought& b) {
    return std::less<>{}(a.what->object, b.what->object);
  };
  std::sort(all_, all_ + count_, by_object);
  for (slot* at = &slots.first(); at != nullptr;) {
    const hold_chunk* chunk = at->cells.first();
    while (chunk != nullptr) {
      for (const hold_cell& cell : chunk->cells) look_at(cell);
      // order(hold_chunk): acquire, pairs with the release in hold_cells::grow.
      chunk = chunk->next.load(acquire);
    }
    // order(append_slot): acquire, pairs with the release in slot_list::join.
    at = at->next.load(acquire);
  }
  std::sort(all_, all_ + count_,
            [](const sought& a, const sought& b) { return a.place < b.place; });
}

void held_search::look_at(const hold_cell& cell) noexcept {
  const void* const object = named_by(cell);
  if ((bits_ & bit_of(object)) == 0) return;
  sought* const end = all_ + count_;
  sought* const at = std::lower_bound(all_, end, object, [](const sought& one, const void* named) {
    return std::less<>{}(one.what->object, named);
  });
  if (at != end && at->what->object == object) at->holder = &cell;
}

held_list::~held_list() {
  while (count_ != 0) remove(next());
}

bool held_list::make_room() noexcept {
  if (spare_ == nullptr) spare_.reset(new (std::nothrow) held_object);
  return spare_ != nullptr;
}

held_object& held_list::add(std::size_t bytes, std::uint64_t stamp) noexcept {
  held_object& one = *spare_.release();
  one.bytes = bytes;
  one.stamp = stamp;
  to_look_at_.push_back(one);
  ++count_;
  ++fresh_;
  bytes_ += bytes;
  return one;
}

std::uint64_t held_list::oldest_stamp() noexcept {
  if (count_ == 0) return UINT64_MAX;
  return (looked_at_.empty() ? to_look_at_ : looked_at_).front().stamp;
}

std::size_t held_list::looks(std::size_t so_many) noexcept {
  return std::min(count_, so_many + 2 * std::exchange(fresh_, 0));
}

held_object& held_list::next() noexcept {
  if (to_look_at_.empty()) to_look_at_.take_all(looked_at_);
  held_object& one = to_look_at_.pop_front();
  looked_at_.push_back(one);
  return one;
}

std::unique_ptr<held_object> held_list::remove(held_object& one) noexcept {
  one.unlink();
  --count_;
  bytes_ -= one.bytes;
  return std::unique_ptr<held_object>(&one);
}

void held_list::take_all(held_list& other) noexcept {
  to_look_at_.take_all(other.looked_at_);
  to_look_at_.take_all(other.to_look_at_);
  fresh_ += std::exchange(other.fresh_, 0);
  count_ += std::exchange(other.count_, 0);
  bytes_ += std::exchange(other.bytes_, 0);
}

}  // namespace lull::detail
