// SPDX-License-Identifier: MIT
#pragma once

// What is held, as seen by one who releases. held_gather walks over the cells of all participants,
// some at a time, and ends with a set of the pointers found; the set serves all that was due when
// the walk began, for what is past its grace period is not held anew. held_list keeps the objects
// that were found held, until the cell that names them lets go. All for one owner.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "../base/intrusive_list.hpp"
#include "hold_cells.hpp"
#include "release_kind.hpp"
#include "retirable.hpp"
#include "slots.hpp"

namespace lull::detail {

// The high bits are well mixed; objects lie at multiples of 16.
inline std::uint64_t scattered(const void* object) noexcept {
  return (reinterpret_cast<std::uintptr_t>(object) >> 4) * 0x9E3779B97F4A7C15ull;
}

// Pointers and the cell where each was found; open addressing, at most half full.
class held_set {
 public:
  struct place {
    const void* object = nullptr;
    const hold_cell* cell = nullptr;
    bool several = false;  // other cells name it too
  };

  // False: out of memory, and nothing changed.
  bool add(const void* object, const hold_cell& cell) noexcept;
  const place* find(const void* object) const noexcept {
    // Null stands for no object: an entry without one, a deferred call, is never held.
    if (count_ == 0 || object == nullptr) return nullptr;
    for (std::size_t i = spread(object);; i = (i + 1) & mask_) {
      if (places_[i].object == object) return &places_[i];
      if (places_[i].object == nullptr) return nullptr;
    }
  }
  std::size_t size() const noexcept { return count_; }
  // Forgets everything; keeps the memory for the next time, unless it was far too much.
  void clear() noexcept;

 private:
  std::size_t spread(const void* object) const noexcept {
    return static_cast<std::size_t>(scattered(object) >> 32) & mask_;
  }
  bool grow() noexcept;

  static constexpr std::size_t smallest = 16;

  std::unique_ptr<place[]> places_;
  std::size_t mask_ = 0;
  std::size_t count_ = 0;
};

class held_gather {
 public:
  explicit held_gather(slot_list& slots) noexcept : slots_(slots) {}

  // Forgets what was found before and begins at the first slot. The caller has read `complete` with
  // acquire since all that it wants to look up became due.
  void begin() noexcept;
  // Looks at so many cells. True: all have been seen. Out of memory it ends without having seen
  // all: then failed().
  bool step(std::size_t cells) noexcept;
  // Ends a walk that nobody waits for any more; what it has found is of no use.
  void abandon() noexcept { at_ = nullptr; }

  bool is_walking() const noexcept { return at_ != nullptr; }
  bool failed() const noexcept { return failed_; }
  // Cells in use, all participants together: what a walk costs.
  std::size_t cells_in_use() const noexcept;
  const held_set& found() const noexcept { return found_; }

 private:
  slot_list& slots_;
  slot* at_ = nullptr;
  const hold_chunk* chunk_ = nullptr;
  std::size_t index_ = 0;
  bool failed_ = false;
  held_set found_;
};

// Whether the cell still names the object: to be asked for what is past its grace period.
bool still_held(const hold_cell& cell, const void* object) noexcept;

// An object that was found held, and what releases it.
struct held_object : list_node {
  const void* object = nullptr;
  const hold_cell* cell = nullptr;
  bool several = false;
  const release_kind* kind = nullptr;  // null: it links itself
  retirable_base* linked = nullptr;
  std::size_t bytes = 0;
  std::uint64_t stamp = 0;  // grows with each that is kept: for barriers
  void* entry[largest_entry_words];
};

// Objects that are past their grace period and have been dropped by the cell that named them; of
// those that other cells named too, whether one still does: looked for all at once, in one walk
// over the cells of all participants.
class held_search {
 public:
  struct sought {
    held_object* what = nullptr;
    const hold_cell* holder = nullptr;  // null: nobody holds it any more
    std::size_t place = 0;              // in the order of adding
  };

  // False: out of memory, and nothing changed. For the first few there is room.
  bool add(held_object& one) noexcept;
  // A load and a compare for every cell, and a search for few of them; nothing when each was named
  // by one cell only. Leaves the order as it was.
  void look(slot_list& slots) noexcept;
  std::span<const sought> all() const noexcept { return {all_, count_}; }

 private:
  void look_at(const hold_cell& cell) noexcept;
  // One bit for each object: a cell whose bit is missing names none of them.
  static std::uint64_t bit_of(const void* object) noexcept {
    return std::uint64_t{1} << (scattered(object) >> 58);
  }

  static constexpr std::size_t few = 16;

  sought few_[few];
  std::unique_ptr<sought[]> many_;
  sought* all_ = few_;
  std::size_t room_ = few;
  std::size_t count_ = 0;
  std::uint64_t bits_ = 0;  // of those that several cells named
};

// In the order in which they were kept, and looked at in turn. An object's entry stays where it is
// from the keep to the release. Nothing here costs more for a long list.
class held_list {
 public:
  held_list() = default;
  ~held_list();
  held_list(const held_list&) = delete;
  held_list& operator=(const held_list&) = delete;

  // Room for one more; false: out of memory, and nothing changed.
  bool make_room() noexcept;
  // After make_room(); stamps do not go back.
  held_object& add(std::size_t bytes, std::uint64_t stamp) noexcept;
  std::size_t size() const noexcept { return count_; }
  std::size_t bytes() const noexcept { return bytes_; }
  // The smallest stamp of what was added, the largest number when it is empty.
  std::uint64_t oldest_stamp() noexcept;
  // How many to look at: so many, and twice what was added since this was asked last, so that the
  // list grows only with what is held for long.
  std::size_t looks(std::size_t so_many) noexcept;
  // The one whose turn it is, of one at least.
  held_object& next() noexcept;
  std::unique_ptr<held_object> remove(held_object& one) noexcept;
  // Appends what another list has, whose stamps mean nothing any more.
  void take_all(held_list& other) noexcept;

 private:
  intrusive_list<held_object> looked_at_;  // in this round
  intrusive_list<held_object> to_look_at_;
  std::unique_ptr<held_object> spare_;
  std::size_t count_ = 0;
  std::size_t fresh_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace lull::detail
