// SPDX-License-Identifier: MIT
#pragma once

// A hold keeps one object from being released, across quiescent states, without holding up anybody:
// the epoch goes on, and everything else is released. It protects the object alone, not what it
// points to. This is how a service sends an entry of another core's table to a slow client.
//
// Made from a ref of this iteration, or by copying a hold, which shares its cell. What is published
// by an atomic pointer of one's own, such as a configuration that is replaced as a whole, is held
// by `hold keep(ref(current.load(std::memory_order_acquire)));`. For the participant's thread, like
// the coroutine that has it. Taking one is a store of the pointer and of a count: no fence, no
// read-modify-write, at most 25 instructions; std::bad_alloc with nothing changed when 64 more
// cells are needed and cannot be had. A copy is an increment. The pointer must be the one that is
// given to retire(): for a base class at another address it protects nothing.

#include <cstddef>
#include <source_location>
#include <utility>

#include "../base/assert.hpp"
#include "hold_cells.hpp"
#include "participant.hpp"
#include "ref.hpp"
#include "retire.hpp"

namespace lull {

namespace detail {

// Stops the program: nothing can be held by whom and of what these are.
[[noreturn, gnu::cold]] void refuse_hold(const participant* owner, const void* object) noexcept;

}  // namespace detail

template <class T>
class [[nodiscard]] hold {
 public:
  explicit hold(ref<T> object, std::source_location taken_at = std::source_location::current())
      : object_(object.get()),
        cells_(cells_for(object_)),
        cell_(&cells_->take(object_, taken_at)) {}

  hold(const hold& other) noexcept
      : object_(other.object_), cells_(other.cells_), cell_(other.cell_) {
    if (cell_ == nullptr) return;
    check();
    ++cell_->holders;
  }
  hold(hold&& other) noexcept
      : object_(std::exchange(other.object_, nullptr)),
        cells_(other.cells_),
        cell_(std::exchange(other.cell_, nullptr)) {}
  hold& operator=(hold other) noexcept {
    std::swap(object_, other.object_);
    std::swap(cells_, other.cells_);
    std::swap(cell_, other.cell_);
    return *this;
  }
  ~hold() {
    if (cell_ != nullptr) let_go();
  }

  // Lets go early; the hold is empty then. Stops the program when it was empty before.
  void drop() noexcept {
    LULL_ASSERT(cell_ != nullptr,
                "a hold is dropped twice, or after it was moved from: it is empty");
    let_go();
    object_ = nullptr;
    cell_ = nullptr;
  }

  bool is_empty() const noexcept { return cell_ == nullptr; }
  T* get() const noexcept { return object_; }
  T& operator*() const noexcept { return *object_; }
  T* operator->() const noexcept { return object_; }
  explicit operator bool() const noexcept { return object_ != nullptr; }

 private:
  static detail::hold_cells* cells_for(const void* object) noexcept {
    const participant* const owner = participant::current();
    if (object == nullptr || owner == nullptr || !owner->is_online()) [[unlikely]]
      detail::refuse_hold(owner, object);
    return &owner->slot_->cells;
  }
  void let_go() noexcept {
    check();
    cells_->drop(*cell_);
  }
  void check() const noexcept {
    LULL_DEBUG_ASSERT(
        participant::current() != nullptr && &participant::current()->slot_->cells == cells_,
        "a hold is used on another core than the one that took it: holds stay on "
        "their core");
  }

  T* object_;
  detail::hold_cells* cells_;
  detail::hold_cell* cell_;  // null: empty
};

template <class T>
hold(ref<T>) -> hold<T>;

}  // namespace lull
